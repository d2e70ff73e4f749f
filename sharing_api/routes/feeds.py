"""The feed of tension under an agreement, in every format, under one sequence of numbers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stating
from sharing_api.feeds import atom, formats
from sharing_api.feeds.calendar import as_calendar
from sharing_api.feeds.reading import Feed, Page
from sharing_api.filters import SignalFilter
from sharing_api.problems import documented
from sharing_api.release import Refusal
from sharing_api.routes.parameters import Code
from sharing_api.services import Services

router = APIRouter(prefix="/v1/tension", tags=["tension"])

GEOJSON = "application/geo+json"
_WHOLE = 2000


class FeedPage(BaseModel):
    """Signals and levels in the order of their latest change."""

    items: list[dict[str, Any]]
    last: int = Field(description="Come back with `after` this number: nothing is missed.")
    more: bool = Field(description="Whether there is more already.")


@router.get(
    "/feed",
    response_model=FeedPage,
    responses={
        200: {
            "description": "Entries after a number",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                atom.MEDIA_TYPE: {"schema": {"type": "string"}},
                GEOJSON: {"schema": {"type": "object"}},
            },
        },
        **documented(400, 401, 403, 422, 503),
    },
    summary="Signals and levels since a number: JSON, CSV, Atom or GeoJSON",
)
async def read_feed(
    services: Given,
    asker: Asking,
    stated: Stating,
    form: Annotated[Literal["json", "csv", "atom", "geojson"], Query(alias="format")] = "json",
    area: Code = None,
    strand: Code = None,
    status: Code = None,
    after: Annotated[int, Query(ge=0, le=2**53, description="Entries after this number.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Response:
    """One number for all formats and for the stream; what was withdrawn comes as a tombstone.

    The headers `Concord-Feed-Last` and `Concord-Feed-More` say where to go on.
    """
    chosen = SignalFilter(area, strand, status)
    page = await Feed(services, asker, stated, chosen).read(after, limit)
    if isinstance(page, Refusal):
        raise answers.refused(services, "signal", page)
    services.metrics.permitted("signal", len(page.entries))
    return _formed(services, form, page)


@router.get(
    "/calendar.ics",
    response_class=Response,
    responses={
        200: {
            "description": "iCalendar",
            "content": {"text/calendar": {"schema": {"type": "string"}}},
        },
        **documented(400, 401, 403, 422, 503),
    },
    summary="Reviews, expiries and trigger windows (iCalendar)",
)
async def read_calendar(
    services: Given, asker: Asking, stated: Stating, area: Code = None, strand: Code = None
) -> Response:
    """The whole calendar each time; calendars know by id and sequence what is new or cancelled."""
    feed = Feed(services, asker, stated, SignalFilter(area, strand, None))
    page = await feed.read(0, _WHOLE)
    if isinstance(page, Refusal):
        raise answers.refused(services, "signal", page)
    now = services.parts.clock()
    windows = [one for one in services.parts.trigger_windows if one.concerns(strand)]
    made = as_calendar(page.entries, services.parts.geography, windows, now)
    return Response(made, media_type="text/calendar", headers=_headers(page))


def _formed(services: Services, form: str, page: Page) -> Response:
    geography, headers = services.parts.geography, _headers(page)
    where = services.settings.public_url
    if form == "csv":
        named = {**headers, "Content-Disposition": 'attachment; filename="tension.csv"'}
        text = formats.as_csv(page, geography)
        return Response(text.encode(), media_type="text/csv", headers=named)
    if form == "atom":
        link = f"{where}/v1/tension/feed?format=atom"
        made = formats.as_atom(page, geography, where, link)
        return Response(made, media_type=atom.MEDIA_TYPE, headers=headers)
    if form == "geojson":
        made_ = formats.as_geojson(page, geography)
        return JSONResponse(made_, media_type=GEOJSON, headers=headers)
    return JSONResponse(formats.as_json(page), headers=headers)


def _headers(page: Page) -> dict[str, str]:
    told = answers.decision_headers(page.outcome) if page.outcome else {}
    return {
        **told,
        "Cache-Control": answers.NO_STORE,
        "Concord-Feed-Last": str(page.last),
        "Concord-Feed-More": str(page.more).lower(),
    }
