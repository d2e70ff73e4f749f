"""Erasures: asked for by one officer, approved by another, then carried out; each step recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import Connection
from starlette.responses import Response

from schemas.keyring import KeyMissing
from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.listing import answered_page
from sharing_api.problems import Problem, documented, not_accepted
from sharing_api.release import Asker, Missing, Refusal, Release, Subject
from sharing_api.release.notice_subjects import erasure_subject
from sharing_api.release.subjects import own
from sharing_api.rights import erasures
from sharing_api.rights.compacting import kept
from sharing_api.rights.wording import remaining
from sharing_api.routes.parameters import RECORD_ID, Cursor, Limit, RecordId
from sharing_api.services import Services
from sharing_api.store import queries
from sharing_api.store.upsert import in_session
from sharing_api.wording import Sentence

KIND = "erasure"
ERRORS = documented(400, 401, 403, 404, 422, 503)
DECIDING = documented(400, 401, 403, 409, 413, 422, 503)
_Id = Annotated[str, Field(pattern=RECORD_ID)]

router = APIRouter(prefix="/v1/erasures", tags=["rights"])


class Request(BaseModel):
    """What is to be erased, and why."""

    incident_ids: list[_Id] = Field(
        min_length=1, max_length=200, description="Incidents; a person is all of theirs."
    )
    reason: Sentence = Field(description="Why, in a sentence without names. Kept in the ledger.")
    wait_hours: int = Field(
        default=24, ge=0, le=24 * 90, description="How long it can be called off once approved."
    )


@router.post(
    "",
    status_code=201,
    response_model=answers.Released,
    responses=DECIDING,
    summary="Ask for the erasure of incidents",
)
async def request_erasure(
    body: Request, services: Given, asker: Asking, stated: Stating
) -> Response:
    """A second officer has to approve it. What is not yours is answered as what is not there."""
    await _allowed(services, asker, stated, body.incident_ids)
    now = services.parts.clock()
    wish = erasures.Wish(
        tuple(body.incident_ids),
        body.reason,
        "request",
        asker.subject,
        asker.agency,
        now + timedelta(hours=body.wait_hours),
    )
    async with services.sessions.begin() as session:
        erasure_id = await in_session(session, erasures.request, wish, now)
    return await _said(services, asker, stated, erasure_id)


@router.get("", response_model=answers.Page, responses=ERRORS, summary="Erasures, by id")
async def list_erasures(
    services: Given, asker: Asking, stated: Stating, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Your agency's own; all of them for the hub's governance officer."""

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        async with services.reading() as session:
            rows = await erasures.listed(session, after=position, limit=count)
        return [(row["erasure_id"], erasure_subject(row)) for row in rows]

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
    "/{erasure_id}",
    response_model=answers.Released,
    responses=ERRORS,
    summary="One erasure: its history, and what may still hold something of it",
)
async def show_erasure(
    erasure_id: RecordId, services: Given, asker: Asking, stated: Stating
) -> Response:
    """`remaining` says what copies there are, until when, and what ends them."""
    return answers.one(services, KIND, await _released(services, asker, stated, erasure_id))


@router.post(
    "/{erasure_id}/approval",
    status_code=201,
    response_model=answers.Released,
    responses=DECIDING,
    summary="Approve an erasure that another person asked for",
)
async def approve_erasure(
    erasure_id: RecordId, services: Given, asker: Asking, stated: Stating
) -> Response:
    """Who asked for it cannot approve it (409)."""
    detail = "Another person than who asked approves, and only what is still only asked for."
    return await _decided(services, asker, stated, erasure_id, erasures.approve, detail)


@router.post(
    "/{erasure_id}/cancellation",
    status_code=201,
    response_model=answers.Released,
    responses=DECIDING,
    summary="Call an erasure off before it is carried out",
)
async def cancel_erasure(
    erasure_id: RecordId, services: Given, asker: Asking, stated: Stating
) -> Response:
    """What is being removed cannot be called off (409)."""
    detail = "It is called off already, or it is being carried out."
    return await _decided(services, asker, stated, erasure_id, erasures.cancel, detail)


async def _decided(
    services: Services,
    asker: Asker,
    stated: Stated,
    erasure_id: str,
    decide: Callable[[Connection, str, str, Any], bool],
    detail: str,
) -> Response:
    outcome = await _released(services, asker, stated, erasure_id)
    if isinstance(outcome, Refusal):
        return answers.one(services, KIND, outcome)
    now = services.parts.clock()
    async with services.sessions.begin() as session:
        done = await in_session(session, decide, erasure_id, asker.subject, now)
    if not done:
        raise Problem(409, "not-possible", detail)
    return await _said(services, asker, stated, erasure_id)


async def _allowed(
    services: Services, asker: Asker, stated: Stated, incident_ids: Sequence[str]
) -> None:
    """The gate's permit for each incident, as if it were an erasure of its agency's own."""
    async with services.reading() as session:
        found = await queries.incident_messages(session, incident_ids)
    for number, incident_id in enumerate(incident_ids):
        subject: Subject | Missing = Missing(KIND, incident_id)
        if incident_id in found:
            row = services.reader.decode("hub-incident.v1", found[incident_id])
            subject = own(KIND, incident_id, row["agency"], {})
        outcome = await services.gate.release(asker, stated.purpose, subject, **stated.terms())
        if isinstance(outcome, Refusal):
            if "record-not-available" in outcome.reasons:
                rule = "an incident whose erasure you may ask for"
                raise not_accepted([{"field": f"body.incident_ids.{number}", "rule": rule}])
            raise answers.refused(services, KIND, outcome)


async def _said(services: Services, asker: Asker, stated: Stated, erasure_id: str) -> Response:
    answer = answers.one(services, KIND, await _released(services, asker, stated, erasure_id))
    answer.status_code = 201
    return answer


async def _released(
    services: Services, asker: Asker, stated: Stated, erasure_id: str
) -> Release | Refusal:
    async with services.reading() as session:
        row = await erasures.one(session, erasure_id)
        history = await erasures.history(session, erasure_id) if row is not None else []
        copies = await kept(session)
    subject: Subject | Missing = Missing(KIND, erasure_id)
    if row is not None:
        left = remaining(row, _key_ids(services), services.parts.clock())
        left += copies if row["status"] in {"removing", "removed"} else []
        subject = erasure_subject(row, history, left)
    return await services.gate.release(asker, stated.purpose, subject, **stated.terms())


def _key_ids(services: Services) -> frozenset[str]:
    try:
        return services.parts.opener().key_ids
    except KeyMissing:
        return frozenset()
