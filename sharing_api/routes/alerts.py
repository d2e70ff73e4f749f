"""Alerts: what repeats across agencies, and why the hub thinks so, as far as may be released."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BeforeValidator
from starlette.responses import Response

from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stating
from sharing_api.filters import AlertFilter
from sharing_api.listing import answered_page
from sharing_api.problems import documented
from sharing_api.records import alert_subjects
from sharing_api.release import Missing, Subject
from sharing_api.routes.parameters import Code, Cursor, Limit, RecordId
from sharing_api.services import Services
from sharing_api.store import queries

Order = Literal["newest", "oldest"]

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


def _iso(value: Any) -> Any:
    """A number is no moment here, though it could be read as one."""
    if isinstance(value, str) and "T" not in value.upper():
        raise ValueError("a date and time with offset, such as 2026-03-01T14:30:00Z")
    return value


@router.get(
    "",
    response_model=answers.Page,
    responses=documented(400, 401, 403, 404, 422, 503),
    summary="Alerts that may be released to you",
)
async def list_alerts(
    services: Given,
    asker: Asking,
    stated: Stating,
    rule: Code = None,
    status: Code = None,
    level: Code = None,
    district: Code = None,
    entity: Code = None,
    since: Annotated[
        AwareDatetime | None,
        BeforeValidator(_iso),
        Query(description="Last incident counted not before this moment."),
    ] = None,
    order: Annotated[Order, Query(description="Order of the alerts' first arrival.")] = "newest",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Each alert keeps its place while it changes, so paging neither skips nor repeats one.

    A filter finds only what is released: filtering by a withheld field finds nothing.
    """
    chosen = AlertFilter(rule, status, level, district, since, entity)

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        return await _rows(services, order, position, count)

    return await answered_page(
        services,
        asker,
        stated,
        "alert",
        fetch,
        cursor=cursor,
        limit=limit,
        place=f"alerts/{order}",
        wanted=chosen.wanted(),
    )


async def _rows(
    services: Services, order: Order, after: str | None, count: int
) -> Sequence[tuple[str, Subject]]:
    async with services.reading() as session:
        found = await queries.alerts(
            session, after=after, newest_first=order == "newest", limit=count
        )
        subjects = await alert_subjects(services, session, found)
    return [(stored.id, subject) for stored, subject in zip(found, subjects, strict=True)]


@router.get(
    "/{alert_id}",
    response_model=answers.Released,
    responses=documented(400, 401, 403, 404, 422, 503),
    summary="One alert with the evidence for it",
)
async def show_alert(
    alert_id: RecordId, services: Given, asker: Asking, stated: Stating
) -> Response:
    """An alert that is not there and one that is not for you are answered alike: 403."""
    async with services.reading() as session:
        found = await queries.alert(session, alert_id)
        subjects = await alert_subjects(services, session, [found] if found else [])
    subject = subjects[0] if subjects else Missing("alert", alert_id)
    outcome = await services.gate.release(asker, stated.purpose, subject, **stated.terms())
    return answers.one(services, "alert", outcome)
