"""Notices: what a recipient is told about what it received before, and what it says that it did."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from operator import eq
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.listing import answered_page
from sharing_api.problems import Problem, documented
from sharing_api.recall import inbox, notices
from sharing_api.release import Asker, GateClosed, Missing, Refusal, Release, Subject
from sharing_api.release.notice_subjects import notice_subject
from sharing_api.routes.parameters import Cursor, Limit, RecordId
from sharing_api.services import Services
from sharing_api.store.ledger import LedgerEntry, LedgerUnavailable
from sharing_api.store.upsert import in_session
from sharing_api.wording import Note

KIND = "notice"
ERRORS = documented(400, 401, 403, 404, 422, 503)
DECIDING = documented(400, 401, 403, 409, 413, 422, 503)

router = APIRouter(prefix="/v1/notices", tags=["recall"])


class Acknowledgement(BaseModel):
    """What a recipient did."""

    done: Literal["deleted", "corrected", "stopped", "held-nothing", "disputed"] = Field(
        description="What was done with what was received."
    )
    note: Note = Field(
        default="",
        description="More about it, in a sentence without names. Kept in the ledger.",
    )


@router.get(
    "",
    response_model=answers.Page,
    responses=ERRORS,
    summary="Notices to your agency, oldest first; to all, for the hub's governance officer",
)
async def list_notices(
    services: Given,
    asker: Asking,
    stated: Stating,
    status: Annotated[
        Literal["open", "acknowledged"] | None, Query(description="open: still to be answered.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """They stay here for ever: who was away for weeks finds them all."""

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        async with services.reading() as session:
            rows = await inbox.notices(session, after=position, limit=count)
        return [(row["notice_id"], notice_subject(row)) for row in rows]

    return await answered_page(
        services,
        asker,
        stated,
        KIND,
        fetch,
        cursor=cursor,
        limit=limit,
        wanted={"status": partial(eq, status)} if status else None,
    )


@router.get(
    "/{notice_id}",
    response_model=answers.Released,
    responses=ERRORS,
    summary="One notice with its history",
)
async def show_notice(
    notice_id: RecordId, services: Given, asker: Asking, stated: Stating
) -> Response:
    """A notice to somebody else and one that does not exist are answered alike: 403."""
    outcome = await _released(services, asker, stated, notice_id)
    return answers.one(services, KIND, outcome)


@router.post(
    "/{notice_id}/acknowledgement",
    status_code=201,
    response_model=answers.Released,
    responses=DECIDING,
    summary="Say what was done about a notice to your agency",
)
async def acknowledge_notice(
    notice_id: RecordId, body: Acknowledgement, services: Given, asker: Asking, stated: Stating
) -> Response:
    """The recall of this record from your agency is then complete; it is said once (else 409)."""
    async with services.reading() as session:
        row = await inbox.notice(session, notice_id)
    ours = row is not None and row["agency"] == asker.agency
    outcome = await _released(services, asker, stated, notice_id if ours else "none")
    if isinstance(outcome, Refusal) or row is None:
        return answers.one(services, KIND, outcome)
    if row["status"] != notices.OPEN:
        raise Problem(409, "acknowledged-already", "Somebody has acknowledged this notice before.")
    now = services.parts.clock()
    await _record(services, asker, stated, row, body)
    async with services.sessions.begin() as session:
        await in_session(session, notices.acknowledge, notice_id, body.done, asker.subject, now)
    return await _said(services, asker, stated, notice_id)


@router.post(
    "/{notice_id}/reminder",
    status_code=201,
    response_model=answers.Released,
    responses=DECIDING,
    summary="Send an open notice again, as the hub's governance officer",
)
async def remind_recipient(
    notice_id: RecordId, services: Given, asker: Asking, stated: Stating
) -> Response:
    """It goes out with the next reminder number; an acknowledged one does not (409)."""
    outcome = await _released(services, asker, stated, notice_id)
    if isinstance(outcome, Refusal) or "recipient" not in outcome.fields:
        raise Problem(403, "refused", "Only who may see every notice may remind others of theirs.")
    async with services.sessions.begin() as session:
        number = await in_session(
            session, notices.remind, notice_id, services.parts.clock(), by=asker.subject
        )
    if number is None:
        raise Problem(409, "acknowledged-already", "This notice was acknowledged.")
    await services.changes.ring(frozenset({"change"}))
    return await _said(services, asker, stated, notice_id)


async def _said(services: Services, asker: Asker, stated: Stated, notice_id: str) -> Response:
    answer = answers.one(services, KIND, await _released(services, asker, stated, notice_id))
    answer.status_code = 201
    return answer


async def _released(
    services: Services, asker: Asker, stated: Stated, notice_id: str
) -> Release | Refusal:
    async with services.reading() as session:
        row = await inbox.notice(session, notice_id)
        history = await inbox.history(session, notice_id) if row is not None else []
    subject = Missing(KIND, notice_id) if row is None else notice_subject(row, history)
    return await services.gate.release(asker, stated.purpose, subject, **stated.terms())


async def _record(
    services: Services, asker: Asker, stated: Stated, row: Any, body: Acknowledgement
) -> None:
    """The completion, in the ledger before it is in the store."""
    entry = LedgerEntry(
        operation="alteration",
        actor=asker.subject,
        agency=asker.agency,
        purpose=stated.purpose,
        justification=body.note or stated.justification,
        record_ids=(row["notice_id"], row["record_id"]),
        reasons=("recall-acknowledged",),
        detail={"done": body.done, "fact": row["fact"], "action": row["action"]},
        at=services.parts.clock(),
        key=f"acknowledged {row['notice_id']}",
    )
    try:
        await services.ledger.append(entry)
    except LedgerUnavailable:
        raise GateClosed("ledger") from None
