"""Receipts: what became of an agency's own events; nobody else's are to be had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from schemas.identifiers import receipt_id
from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.listing import released_page
from sharing_api.problems import documented
from sharing_api.records import receipt_of
from sharing_api.release import Asker, Batch, Missing, Release, Subject
from sharing_api.routes.parameters import Cursor, Limit
from sharing_api.services import Services
from sharing_api.store import queries
from sharing_api.store.tables import event_key

router = APIRouter(prefix="/v1/receipts", tags=["events"])

RECEIPT = "receipt.v1"
LISTING = "receipts"

Found = tuple[Batch, list[Release], str | None]


@router.get(
    "",
    response_model=answers.ReceiptPage,
    responses=documented(400, 401, 403, 404, 422, 503),
    summary="Receipts of your agency's events, oldest first",
)
async def list_receipts(
    services: Given,
    asker: Asking,
    stated: Stating,
    cursor: Cursor = None,
    limit: Limit = 50,
    wait: Annotated[
        float, Query(ge=0, le=30, description="Seconds to wait where there is nothing new.")
    ] = 0.0,
) -> Response:
    """`next` leads through what is there; `resume` asks later for what has come since."""
    after = services.cursors.read(LISTING, cursor)
    seen = services.changes.seen(RECEIPT)
    found = await _page(services, asker, stated, after, limit)
    seconds = min(wait, services.settings.wait_max_seconds)
    if not found[1] and seconds and await services.changes.wait(RECEIPT, seen, seconds):
        found = await _page(services, asker, stated, after, limit)
    batch, released, next_ = found
    last = str(released[-1].record_id) if released else after
    return answers.page(
        batch,
        released,
        services.cursors.write(LISTING, next_) if next_ is not None else None,
        resume=services.cursors.write(LISTING, last) if last is not None else None,
    )


async def _page(
    services: Services, asker: Asker, stated: Stated, after: str | None, limit: int
) -> Found:
    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        async with services.reading() as session:
            rows = await queries.receipts(session, asker.agency, after=position, limit=count)
        return [(row.id, receipt_of(services, row.message)) for row in rows]

    return await released_page(
        services,
        asker,
        stated,
        "receipt",
        fetch,
        after=after,
        limit=min(limit, services.settings.page_max),
    )


@router.get(
    "/{event_id:path}",
    response_model=answers.Released,
    responses=documented(400, 401, 403, 404, 422, 503),
    summary="The receipt of one event",
)
async def show_receipt(
    event_id: Annotated[str, Path(min_length=1, max_length=1000, description="Your event id.")],
    services: Given,
    asker: Asking,
    stated: Stating,
) -> Response:
    """Another agency's event and one that has no receipt yet are answered alike: 403."""
    async with services.reading() as session:
        found = await queries.receipts_of(session, asker.agency, [event_id])
    stored = found.get(event_key(event_id))
    subject = (
        receipt_of(services, stored.message)
        if stored
        else Missing("receipt", receipt_id(asker.agency, event_id))
    )
    outcome = await services.gate.release(asker, stated.purpose, subject, **stated.terms())
    return answers.one(services, "receipt", outcome)
