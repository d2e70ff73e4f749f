"""The ledger of what was done with data, for governance officers; the gate says what they see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stating
from sharing_api.listing import released_page
from sharing_api.problems import documented
from sharing_api.release import Subject
from sharing_api.release.subjects import ledger_subject
from sharing_api.routes.parameters import Cursor, Limit

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])


@router.get(
    "",
    response_model=answers.Page,
    responses=documented(400, 401, 403, 404, 422, 503),
    summary="Entries of the ledger that you answer for, oldest first",
)
async def list_entries(
    services: Given,
    asker: Asking,
    stated: Stating,
    after: Annotated[
        int, Query(ge=0, le=2**53, description="Entries after this sequence number.")
    ] = 0,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Reading the ledger is itself an entry in it."""
    begin = services.cursors.read("ledger", cursor) or str(after)

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        rows = await services.ledger.read(after=int(position or 0), limit=count)
        return [(str(row.sequence), ledger_subject(row)) for row in rows]

    batch, released, next_ = await released_page(
        services,
        asker,
        stated,
        "ledger",
        fetch,
        after=begin,
        limit=min(limit, services.settings.page_max),
    )
    further = services.cursors.write("ledger", next_) if next_ is not None else None
    return answers.page(batch, released, further)
