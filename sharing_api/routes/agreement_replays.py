"""What a version would have changed: past decisions put again, as an officer asks for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import date
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from policies.engine import EngineUnavailable
from policies.examination.versions import with_draft, without
from sharing_api import answers
from sharing_api.agreements import replaying
from sharing_api.agreements.desk import Act
from sharing_api.agreements.replaying import Done, Wish
from sharing_api.agreements.states import Version
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.deciding import Why
from sharing_api.problems import Problem, documented, unavailable
from sharing_api.release import GateClosed, Refusal
from sharing_api.routes.agreement_drafts import Number, acting, permitted_on
from sharing_api.routes.parameters import RecordId
from sharing_api.services import Services
from sharing_api.store.ledger import LedgerEntry, LedgerUnavailable

router = APIRouter(prefix="/v1/agreements", tags=["agreements"])

LINES = "application/x-ndjson"
_ANSWER = {
    "description": "One JSON object to a line: `decisions` done so far, each second; at last "
    "`result`, released fields as of a record, or `problem`. Without either it was cut off.",
    "content": {LINES: {"schema": {"type": "string"}}},
}


class Asked(Why):
    """Which past, and what is supposed."""

    instead: Literal["approve", "withdraw"] = Field(
        "approve", description="Suppose that this version is approved, or that it is withdrawn."
    )
    entries: int = Field(
        100_000,
        ge=1,
        le=replaying.MOST_ENTRIES,
        description="So many entries of the ledger, the last ones.",
    )
    on: date | Literal["then"] | None = Field(
        None,
        description="Ask as on this day, or `then`: each on its own day. Left out: today, or the "
        "first day of a version that begins later.",
    )


@router.post(
    "/{agreement_id}/versions/{number}/replay",
    response_class=Response,
    responses={200: _ANSWER, **documented(400, 401, 403, 409, 413, 422, 429, 503)},
    summary="Put past decisions again under a version: what would stop, start, be lost and gained",
)
async def replay_version(
    agreement_id: RecordId,
    number: Number,
    asked: Asked,
    services: Given,
    asker: Asking,
    stated: Stating,
) -> Response:
    """Nothing is decided or changed. Who closes the connection ends it; one runs at a time.

    Samples of other agencies' decisions are for the hub's own officer.
    """
    act = acting(services, asker, stated, asked.reason)
    _, version = await permitted_on(services, act, agreement_id, number, "test", stated)
    wish = await _wish(services, act, version, asked)
    await _recorded(services, act, version, wish)
    running = replaying.replaying(services, wish)
    first = await anext(running)
    lines = _lines(services, act, stated, (version, asked, wish), first, running)
    headers = {"Cache-Control": answers.NO_STORE, "X-Accel-Buffering": "no"}
    return StreamingResponse(lines, media_type=LINES, headers=headers)


async def _wish(services: Services, act: Act, version: Version, asked: Asked) -> Wish:
    in_force = await asyncio.to_thread(services.parts.agreements)
    before = [dict(one) for one in in_force]
    draft = (
        with_draft(before, dict(version.agreement))
        if asked.instead == "approve"
        else without(before, version.agreement_id)
    )
    try:
        size = await services.ledger.size()
    except LedgerUnavailable:
        raise GateClosed("ledger") from None
    on = asked.on
    if on is None:
        today = act.at.date()
        on = max(today, version.day("starts")) if asked.instead == "approve" else today
    day = on if isinstance(on, date) else None
    return Wish(max(size - asked.entries, 0), size, before, draft, day, act.asker.agency)


async def _recorded(services: Services, act: Act, version: Version, wish: Wish) -> None:
    """Enter that the past was looked at, before it is. Raises GateClosed."""
    entry = LedgerEntry(
        operation="consultation",
        actor=act.asker.subject,
        agency=act.asker.agency,
        purpose=act.purpose,
        justification=act.reason,
        record_ids=(f"{version.agreement_id}@{version.number}",),
        detail={
            "agreement": "replayed",
            "digest": version.digest,
            "entries": f"{wish.after + 1}-{wish.through}",
        },
        at=act.at,
    )
    try:
        await services.ledger.append(entry)
    except LedgerUnavailable:
        raise GateClosed("ledger") from None


async def _lines(
    services: Services,
    act: Act,
    stated: Stated,
    about: tuple[Version, Asked, Wish],
    first: int | Done,
    running: AsyncIterator[int | Done],
) -> AsyncIterator[str]:
    """What has been sent cannot be taken back: later faults are a line of their own."""
    yield _line(first if isinstance(first, int) else first.found.decisions)
    try:
        async with aclosing(running):  # type: ignore[type-var]
            async for step in running:
                if isinstance(step, int):
                    yield _line(step)
                else:
                    yield json.dumps(await _result(services, act, stated, about, step)) + "\n"
    except Problem as problem:
        yield json.dumps({"problem": problem.body()}) + "\n"
    except (EngineUnavailable, GateClosed, TimeoutError):
        yield json.dumps({"problem": unavailable("policy engine or ledger").body()}) + "\n"


def _line(decisions: int) -> str:
    return json.dumps({"decisions": decisions}) + "\n"


async def _result(
    services: Services,
    act: Act,
    stated: Stated,
    about: tuple[Version, Asked, Wish],
    done: Done,
) -> Mapping[str, Any]:
    """What the gate lets go of it. Raises Problem 403, GateClosed."""
    version, asked, wish = about
    named = {
        "agreement_id": version.agreement_id,
        "version": version.number,
        "digest": version.digest,
        "instead": asked.instead,
    }
    terms = {**stated.terms(), "justification": act.reason}
    subject = replaying.subject(done, wish, named)
    outcome = await services.gate.release(act.asker, act.purpose, subject, **terms)
    if isinstance(outcome, Refusal):
        raise answers.refused(services, replaying.KIND, outcome)
    services.metrics.permitted(replaying.KIND)
    return {"result": {**answers.item(outcome), "ledger_reference": outcome.ledger_reference}}
