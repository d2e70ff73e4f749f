"""Publishing events over HTTP, for agencies without Kafka: same rules, same receipt."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from schemas import shape
from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.description import EVENT_SCHEMAS
from sharing_api.events import JSON, LINES, EventReader, RecordName, Taken, parse
from sharing_api.problems import Problem, documented, unavailable
from sharing_api.records import receipt_of
from sharing_api.release import Asker, GateClosed, Refusal
from sharing_api.services import PublisherAway, Services
from sharing_api.store import queries
from sharing_api.store.queries import Stored
from sharing_api.store.tables import event_key

router = APIRouter(prefix="/v1/events", tags=["events"])

RECEIPT = "receipt.v1"


class Taking(BaseModel):
    """What became of the events of one request."""

    receipts: list[dict[str, Any]] = Field(description="Receipts of events that are settled.")
    pending: list[str] = Field(description="Event ids without a receipt yet; ask /v1/receipts.")


_ONE = [{"$ref": f"#/components/schemas/{name}"} for name in EVENT_SCHEMAS]
_EVENT = {"anyOf": [*_ONE, {"type": "array", "items": {"anyOf": _ONE}, "minItems": 1}]}


@router.post(
    "",
    status_code=201,
    response_model=Taking,
    responses={
        202: {"model": Taking, "description": "Taken; some receipts are still to come"},
        422: {
            "description": "None of the events has the right shape (receipts say why), or the "
            "request itself is not accepted (problem)",
            "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Taking"}},
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/ProblemDetails"}
                },
            },
        },
        **documented(400, 401, 403, 413, 415, 503),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "Events as hub JSON: the Avro record's fields, times as ISO 8601.",
            "content": {
                JSON: {"schema": _EVENT},
                LINES[0]: {"schema": {"type": "string", "description": "One event a line."}},
            },
        }
    },
    summary="Publish events of your agency",
)
async def publish_events(
    request: Request,
    services: Given,
    asker: Asking,
    stated: Stating,
    record: Annotated[RecordName | None, Query(include_in_schema=False)] = None,
    wait_seconds: Annotated[
        float, Query(ge=0, le=30, description="How long to wait for the receipts.")
    ] = 5.0,
) -> Response:
    """201 with the receipts, 202 where some are still to come, 422 where no event has its shape.

    An event with `observed` is a tension report, any other an incident; the query parameter
    `record` can say so for all. Sending an event twice is harmless: it has one receipt.
    """
    await _may_publish(services, asker)
    values = parse(
        await request.body(), request.headers.get("content-type", ""), services.settings.events_max
    )
    reader = EventReader(asker.agency, services.parts.schema_ids, services.parts.clock)
    taken = await asyncio.to_thread(reader.take, values, record)
    _count(services, taken)
    if taken.foreign:
        raise Problem(403, "agency-mismatch", "A token publishes for its own agency alone.")
    rejected = [shape.to_json(RECEIPT, dict(receipt)) for receipt in taken.rejected]
    if not taken.outgoing:
        return _answer(422, rejected, [])
    await _publish(services, taken)
    wait = min(wait_seconds, services.settings.wait_max_seconds)
    settled, pending = await _settled(services, asker, stated, taken.event_ids, wait)
    location = "/v1/receipts"
    if len(taken.event_ids) == 1:
        location = f"{location}/{quote(taken.event_ids[0], safe='')}"
    return _answer(202 if pending else 201, rejected + settled, pending, location)


async def _may_publish(services: Services, asker: Asker) -> None:
    if asker.role not in services.settings.publishing_roles:
        raise Problem(403, "role-may-not-publish", "The token's role may not publish events.")
    if await services.agency_status(asker.agency) != "active":
        raise Problem(403, "agency-unknown", "The token's agency is not registered with this hub.")


def _count(services: Services, taken: Taken) -> None:
    services.metrics.events.labels("published").inc(len(taken.outgoing))
    services.metrics.events.labels("rejected").inc(len(taken.rejected))


async def _publish(services: Services, taken: Taken) -> None:
    if services.parts.publisher is None:
        raise unavailable("broker")
    try:
        await services.parts.publisher.publish(taken.outgoing)
    except PublisherAway:
        raise unavailable("broker") from None


async def _settled(
    services: Services, asker: Asker, stated: Stated, event_ids: Sequence[str], seconds: float
) -> tuple[list[dict[str, Any]], list[str]]:
    """Receipts that came within `seconds`, through the gate, and the ids of events without."""
    deadline = monotonic() + seconds
    wanted = dict.fromkeys(event_ids)
    while True:
        seen = services.changes.seen(RECEIPT)
        async with services.reading() as session:
            found = await queries.receipts_of(session, asker.agency, list(wanted))
        left = deadline - monotonic()
        if left <= 0 or all(event_key(event_id) in found for event_id in wanted):
            break
        await services.changes.wait(RECEIPT, seen, min(left, 1.0))
    released = await _released(services, asker, stated, list(found.values()))
    pending = [event_id for event_id in wanted if event_key(event_id) not in found]
    return (released, pending) if released is not None else ([], list(wanted))


async def _released(
    services: Services, asker: Asker, stated: Stated, found: Sequence[Stored]
) -> list[dict[str, Any]] | None:
    """None where the gate is closed or does not cover the asker.

    The events are taken all the same, and the receipts wait.
    """
    subjects = [receipt_of(services, one.message) for one in found]
    try:
        batch = await services.gate.release_all(
            asker, stated.purpose, subjects, kind="receipt", **stated.terms()
        )
    except GateClosed as gate:
        answers.closed(services, gate)
        return None
    if isinstance(batch, Refusal):
        services.metrics.refused("receipt", batch.reasons)
        return None
    return [answers.jsonable(release.fields) for release in batch.releases]


def _answer(
    status: int, receipts: list[dict[str, Any]], pending: list[str], location: str | None = None
) -> Response:
    headers = {"Cache-Control": answers.NO_STORE}
    if location is not None:
        headers["Location"] = location
    return JSONResponse({"receipts": receipts, "pending": pending}, status, headers)
