"""Retention: incidents whose time is up, and what an officer decides about each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.listing import answered_page
from sharing_api.problems import Problem, documented, not_accepted
from sharing_api.release import Asker, GateClosed, Missing, Refusal, Release, Subject
from sharing_api.release.notice_subjects import retention_subject
from sharing_api.rights import reviews, schedule
from sharing_api.routes.parameters import Cursor, Limit, RecordId
from sharing_api.services import Services
from sharing_api.store.ledger import LedgerEntry, LedgerUnavailable
from sharing_api.store.upsert import in_session
from sharing_api.wording import Sentence

KIND = "retention"
ERRORS = documented(400, 401, 403, 404, 422, 503)
DECIDING = documented(400, 401, 403, 409, 413, 422, 503)

router = APIRouter(prefix="/v1/retention", tags=["rights"])


class Verdict(BaseModel):
    """What is decided about an incident whose time is up."""

    decision: Literal["keep", "delete", "undo"] = Field(
        description="keep until a day; delete, which a second officer approves as an erasure; "
        "undo the decision before, as long as it is not carried out."
    )
    reason: Sentence = Field(description="Why, in a sentence without names. Kept in the ledger.")
    until: date | None = Field(default=None, description="keep: the day of the next review.")
    wait_hours: int = Field(
        default=24, ge=0, le=24 * 90, description="delete: how long it can still be undone."
    )


@router.get(
    "", response_model=answers.Page, responses=ERRORS, summary="Incidents whose time is up, by id"
)
async def list_due(
    services: Given,
    asker: Asking,
    stated: Stating,
    by: Annotated[date | None, Query(description="Up by this day; today if not given.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Your agency's own; all of them for the hub's governance officer. Nothing is deleted here."""
    on, rules = by or services.parts.clock().date(), _rules(services)

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        async with services.reading() as session:
            decode = services.reader.decode
            found = await reviews.queue(session, decode, rules, on=on, after=position, limit=count)
        return [(each.incident_id, retention_subject(each)) for each in found]

    return await answered_page(
        services,
        asker,
        stated,
        KIND,
        fetch,
        cursor=cursor,
        limit=limit,
    )


@router.get(
    "/{incident_id}",
    response_model=answers.Released,
    responses=ERRORS,
    summary="When an incident's time is up, under which rule, and what was decided",
)
async def show_due(
    incident_id: RecordId, services: Given, asker: Asking, stated: Stating
) -> Response:
    """Also before its time is up."""
    outcome, _ = await _released(services, asker, stated, incident_id)
    return answers.one(services, KIND, outcome)


@router.post(
    "/{incident_id}/decision",
    status_code=201,
    response_model=answers.Released,
    responses=DECIDING,
    summary="Keep, delete, or undo",
)
async def decide_retention(
    incident_id: RecordId, body: Verdict, services: Given, asker: Asking, stated: Stating
) -> Response:
    """Deleting asks for an erasure, which another officer approves; until it is done: undo."""
    now = services.parts.clock()
    if body.decision == "keep" and (body.until is None or body.until <= now.date()):
        raise not_accepted([{"field": "body.until", "rule": "a day after today"}])
    outcome, standing = await _released(services, asker, stated, incident_id)
    if isinstance(outcome, Refusal) or standing is None:
        return answers.one(services, KIND, outcome)
    await _record(services, asker, stated, incident_id, body)
    verdict = reviews.Verdict(
        incident_id, body.decision, asker.subject, asker.agency, body.reason, body.until
    )
    wait = now + timedelta(hours=body.wait_hours)
    async with services.sessions.begin() as session:
        done = await in_session(session, reviews.decide, verdict, standing, wait, now)
    if not done:
        raise Problem(409, "not-possible", "It is being deleted, or there is nothing to undo.")
    outcome, _ = await _released(services, asker, stated, incident_id)
    answer = answers.one(services, KIND, outcome)
    answer.status_code = 201
    return answer


def _rules(services: Services) -> tuple[schedule.Rule, ...]:
    return schedule.load(services.settings.retention_file)


async def _released(
    services: Services, asker: Asker, stated: Stated, incident_id: str
) -> tuple[Release | Refusal, reviews.Item | None]:
    today = services.parts.clock().date()
    async with services.reading() as session:
        found = await reviews.one(
            session, services.reader.decode, _rules(services), incident_id, today
        )
    subject = Missing(KIND, incident_id) if found is None else retention_subject(found)
    outcome = await services.gate.release(asker, stated.purpose, subject, **stated.terms())
    return outcome, found


async def _record(
    services: Services, asker: Asker, stated: Stated, incident_id: str, body: Verdict
) -> None:
    entry = LedgerEntry(
        operation="alteration",
        actor=asker.subject,
        agency=asker.agency,
        purpose=stated.purpose,
        justification=body.reason,
        record_ids=(incident_id,),
        reasons=(f"retention-{body.decision}",),
        at=services.parts.clock(),
    )
    try:
        await services.ledger.append(entry)
    except LedgerUnavailable:
        raise GateClosed("ledger") from None
