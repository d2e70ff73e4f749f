"""Answers that a later change of links has corrected, for those who answer for them."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stating
from sharing_api.listing import answered_page
from sharing_api.problems import documented
from sharing_api.release import Subject
from sharing_api.release.link_subjects import correction_subject
from sharing_api.routes.parameters import Cursor, Limit
from sharing_api.store import corrections

KIND = "correction"

router = APIRouter(prefix="/v1/corrections", tags=["links"])


@router.get(
    "",
    response_model=answers.Page,
    responses=documented(400, 401, 403, 404, 422, 503),
    summary="Disclosures that a change of links has corrected, oldest first",
)
async def list_corrections(
    services: Given, asker: Asking, stated: Stating, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Which answer, which alert, what changed; never who. Look again at what you received."""
    begin = services.cursors.read(KIND, cursor)

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        if position == begin:
            async with services.sessions.begin() as session:
                await corrections.settle(session, services.parts.clock())
        async with services.reading() as session:
            after = await corrections.place_of(session, position) if position else 0
            found = await corrections.corrections(session, after=after, limit=count)
        return [(each.correction_id, correction_subject(each)) for _, each in found]

    return await answered_page(
        services,
        asker,
        stated,
        KIND,
        fetch,
        cursor=cursor,
        limit=limit,
    )
