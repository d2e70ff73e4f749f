"""Emergencies over HTTP: ask for one, confirm another's, review what they were used for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import eq
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection
from starlette.responses import Response

from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.deciding import Why
from sharing_api.emergency import requests, uses
from sharing_api.emergency.subjects import (
    confirmation_subject,
    request_subject,
    use_subject,
    verdict_subject,
)
from sharing_api.listing import answered_page
from sharing_api.problems import Problem, documented
from sharing_api.release import Asker, Missing, Refusal, Release, Subject
from sharing_api.routes.parameters import Cursor, Entry, Limit, RecordId
from sharing_api.services import Services
from sharing_api.store.ledger import LedgerEntry
from sharing_api.store.ledger_writing import append_rows
from sharing_api.store.upsert import in_session
from sharing_api.wording import Purpose, Sentence

ERRORS = documented(400, 401, 403, 404, 422, 503)
DECIDING = documented(400, 401, 403, 409, 413, 422, 503)

router = APIRouter(prefix="/v1", tags=["emergencies"])


class Wanted(BaseModel):
    """What cannot wait."""

    purpose: Purpose = Field(
        description="The purpose for which records will be asked for.",
    )
    reason: Sentence = Field(description="Why, in a sentence without names.")


class Verdict(Why):
    """What an officer finds."""

    verdict: Literal["justified", "not-justified", "needs-follow-up"]


@router.post(
    "/emergency-requests",
    status_code=201,
    response_model=answers.Released,
    responses=documented(400, 401, 403, 413, 422, 503),
    summary="Ask that an emergency be taken for one",
)
async def open_request(wanted: Wanted, services: Given, asker: Asking, stated: Stating) -> Response:
    """It counts once another person has confirmed it, for minutes, for you and this purpose.

    Then name it in the header Concord-Emergency.
    """
    now = services.parts.clock()
    request = requests.opened(asker, wanted.purpose, wanted.reason, now)
    subject = request_subject(request, now)
    outcome = await _permitted(services, asker, stated, subject, wanted.reason)

    def write(connection: Connection) -> None:
        requests.keep(connection, request)
        append_rows(
            connection, [_entry(asker, stated, subject.id, wanted.reason, "emergency-opened")]
        )

    async with services.sessions.begin() as session:
        await in_session(session, write)
    return answers.one(services, subject.kind, outcome, 201)


@router.get(
    "/emergency-requests",
    response_model=answers.Page,
    responses=ERRORS,
    summary="Emergency requests of your agency, or those that you may confirm",
)
async def list_requests(
    services: Given,
    asker: Asking,
    stated: Stating,
    status: Annotated[
        Literal["open", "confirmed", "over"] | None, Query(description="Only those.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """In the order in which they were made."""
    now = services.parts.clock()

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        async with services.reading() as session:
            rows = await requests.listed(session, position, count)
        return [(row.request_id, request_subject(row, now)) for row in rows]

    return await answered_page(
        services,
        asker,
        stated,
        "emergency-request",
        fetch,
        cursor=cursor,
        limit=limit,
        place="emergency-requests",
        wanted={} if status is None else {"status": partial(eq, status)},
    )


@router.get(
    "/emergency-requests/{request_id}",
    response_model=answers.Released,
    responses=ERRORS,
    summary="One emergency request: has somebody confirmed it, and until when",
)
async def show_request(
    request_id: RecordId, services: Given, asker: Asking, stated: Stating
) -> Response:
    """A request that is not there and one that is not for you are answered alike: 403."""
    now = services.parts.clock()
    async with services.reading() as session:
        request = await requests.found(session, request_id)
    subject: Subject | Missing = Missing("emergency-request", request_id)
    if request is not None:
        subject = request_subject(request, now)
    outcome = await services.gate.release(asker, stated.purpose, subject, **stated.terms())
    return answers.one(services, "emergency-request", outcome)


@router.post(
    "/emergency-requests/{request_id}/confirm",
    status_code=201,
    response_model=answers.Released,
    responses=DECIDING,
    summary="Confirm another person's emergency",
)
async def confirm_request(
    request_id: RecordId, why: Why, services: Given, asker: Asking, stated: Stating
) -> Response:
    """You answer for it beside the asker. 409 where it is confirmed, or too old."""
    now = services.parts.clock()
    async with services.reading() as session:
        request = await requests.found(session, request_id)
    if request is None:
        missing = Missing("emergency-decision", request_id)
        await _permitted(services, asker, stated, missing, why.reason)
        raise Problem(409, "state", "There is no such request.")
    subject = confirmation_subject(request, now)
    outcome = await _permitted(services, asker, stated, subject, why.reason)
    if request.status(now) != "open":
        raise Problem(409, "state", "This request is confirmed already, or over.")

    def write(connection: Connection) -> bool:
        append_rows(connection, [_entry(asker, stated, request_id, why.reason, "confirmed")])
        return requests.confirm(connection, request, asker, why.reason, now)

    async with services.sessions.begin() as session:
        if not await in_session(session, write):
            raise Problem(409, "state", "This request is confirmed already.")
    return answers.one(services, subject.kind, outcome, 201)


@router.get(
    "/emergency-reviews",
    response_model=answers.Page,
    responses=ERRORS,
    summary="Releases that rest on an emergency, for review afterwards",
)
async def list_reviews(
    services: Given,
    asker: Asking,
    stated: Stating,
    status: Annotated[Literal["open", "reviewed"] | None, Query(description="Only those.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Every one, in the order of the ledger: they are found there, not reported by anybody."""
    begin = services.cursors.read("emergency-reviews", cursor)

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        if position == begin:
            async with services.sessions.begin() as writing:
                await in_session(writing, uses.settle)
        place = await services.ledger.place(position or "0")
        async with services.reading() as session:
            rows = await uses.listed(session, place or 0, count)
        return [(row.reference, use_subject(row)) for row in rows]

    return await answered_page(
        services,
        asker,
        stated,
        "emergency-use",
        fetch,
        cursor=cursor,
        limit=limit,
        place="emergency-reviews",
        wanted={} if status is None else {"status": partial(eq, status)},
    )


@router.post(
    "/emergency-reviews/{review_id}",
    status_code=201,
    response_model=answers.Released,
    responses=DECIDING,
    summary="Give a verdict on what an emergency was used for",
)
async def review_use(
    review_id: Entry,
    verdict: Verdict,
    services: Given,
    asker: Asking,
    stated: Stating,
) -> Response:
    """It stands (409 where there is one). Who asked or confirmed gives none."""
    now = services.parts.clock()
    place = await services.ledger.place(review_id)
    async with services.reading() as session:
        use = None if place is None else await uses.found(session, place)
    if use is None:
        missing = Missing("emergency-verdict", review_id)
        await _permitted(services, asker, stated, missing, verdict.reason)
        raise Problem(409, "state", "There is no such use.")
    subject = verdict_subject(use, review_id, verdict.verdict, now)
    outcome = await _permitted(services, asker, stated, subject, verdict.reason)

    def write(connection: Connection) -> bool:
        append_rows(
            connection, [_entry(asker, stated, subject.id, verdict.reason, verdict.verdict)]
        )
        return uses.review(connection, use, verdict.verdict, verdict.reason, asker, now)

    async with services.sessions.begin() as session:
        if not await in_session(session, write):
            raise Problem(409, "state", "There is a verdict already.")
    return answers.one(services, subject.kind, outcome, 201)


async def _permitted(
    services: Services, asker: Asker, stated: Stated, subject: Subject | Missing, reason: str
) -> Release:
    terms = {**stated.terms(), "justification": reason}
    outcome = await services.gate.release(asker, stated.purpose, subject, **terms)
    if isinstance(outcome, Refusal):
        raise answers.refused(services, subject.kind, outcome)
    return outcome


def _entry(asker: Asker, stated: Stated, name: str, reason: str, decision: str) -> LedgerEntry:
    return LedgerEntry(
        operation="alteration",
        actor=asker.subject,
        agency=asker.agency,
        purpose=stated.purpose,
        justification=reason,
        record_ids=(name,),
        detail={"decision": decision},
    )
