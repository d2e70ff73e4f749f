"""Community tension: signals, their feed, and counts by area, strand and month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse
from starlette.responses import JSONResponse, Response

from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Standing_, Stated, Stating
from sharing_api.feeds.streaming import SignalFeed
from sharing_api.filters import SignalFilter, month_of
from sharing_api.listing import Fetch, answered_page, released_page
from sharing_api.problems import documented
from sharing_api.records import cell_of, signal_of
from sharing_api.release import Asker, Batch, Refusal, Release, Subject, Wanted
from sharing_api.routes.parameters import Code, Cursor, Limit, Month
from sharing_api.services import Services
from sharing_api.store import counts, queries
from sharing_api.store.counts import ALL, Cell, CountQuery

router = APIRouter(prefix="/v1/tension", tags=["tension"])

Sequence_ = Annotated[int, Query(ge=0, le=2**53, description="Changes after this sequence.")]


@router.get(
    "/signals",
    response_model=answers.Page,
    responses=documented(400, 401, 403, 404, 422, 503),
    summary="Tension signals as they stand",
)
async def list_signals(
    services: Given,
    asker: Asking,
    stated: Stating,
    area: Code = None,
    strand: Code = None,
    status: Code = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Each signal keeps its place while it changes. What changed since is in the feed."""

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        async with services.reading() as session:
            found = await queries.signals(session, after=position, limit=count)
        return [(one.id, signal_of(services, one.message)) for one in found]

    return await answered_page(
        services,
        asker,
        stated,
        "signal",
        fetch,
        cursor=cursor,
        limit=limit,
        place="signals",
        wanted=SignalFilter(area, strand, status).wanted(),
    )


@router.get(
    "/signals/stream",
    response_class=EventSourceResponse,
    responses={
        200: {"description": "Server-sent events", "content": {"text/event-stream": {}}},
        **documented(400, 401, 403, 404, 422, 503),
    },
    summary="Tension signals as they change (server-sent events)",
)
async def stream_signals(
    services: Given,
    asker: Asking,
    stated: Stating,
    standing: Standing_,
    area: Code = None,
    strand: Code = None,
    status: Code = None,
    after: Sequence_ = 0,
    last_event_id: Annotated[
        str | None,
        Header(pattern=r"^[0-9]{1,15}$", description="Id of the last event that arrived."),
    ] = None,
) -> Response:
    """Events `signal`, `level` and `removed`; the event id is the sequence to resume after.

    The stream ends with the token, or when the agency is suspended or the agreement ends.
    """
    chosen = SignalFilter(area, strand, status)
    feed = SignalFeed(services, asker, stated, chosen, standing.holds)
    admitted = await feed.admitted()
    if isinstance(admitted, Refusal):
        raise answers.refused(services, "signal", admitted)
    begin = int(last_event_id) if last_event_id is not None else after
    return EventSourceResponse(
        feed.events(begin),
        ping=services.settings.heartbeat_seconds,
        headers={**answers.decision_headers(admitted), "Cache-Control": answers.NO_STORE},
    )


class CountedCell(BaseModel):
    """How many items one area, strand and month has; a field that is withheld is absent."""

    area: str | None = Field(None, description="Area code; `all` for the county.")
    area_level: str | None = Field(None, description="ward, district or county.")
    strand: str | None = Field(None, description="Strand; `all` counts each item once.")
    month: str | None = Field(None, description="YYYY-MM in UTC; `all` for all together.")
    count: int | None = Field(None, description="Items; one with two strands is under both.")


class Counts(BaseModel):
    """Cells with at least one item."""

    items: list[CountedCell]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")
    ledger_reference: str = Field(description=answers.REFERENCE)
    policy_revision: str = Field(description="Revision of the policy that decided.")


@router.get(
    "/counts",
    response_model=Counts,
    responses=documented(400, 401, 403, 404, 422, 503),
    summary="Counts by area, strand and month",
)
async def list_counts(
    services: Given,
    asker: Asking,
    stated: Stating,
    source: Annotated[
        Literal["incident", "report"], Query(description="Incidents, or tension returns.")
    ] = "incident",
    area_level: Annotated[Literal["ward", "district", "county"], Query()] = "district",
    area: Code = None,
    strands: Annotated[
        Literal["each", "total"], Query(description="Each strand and the total, or the total.")
    ] = "each",
    months: Annotated[Literal["each", "total"], Query()] = "each",
    month_from: Month = None,
    month_to: Month = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=5000, description="Most cells on the page.")] = 1000,
) -> Response:
    """Retracted items and nil returns are not counted. Sorted by area, strand and month.

    Narrowing by an area or month that is withheld finds nothing.
    """
    asked = CountQuery(
        source, area_level, months == "each", strands == "each", area, month_from, month_to
    )

    batch, released, next_ = await released_page(
        services,
        asker,
        stated,
        "signal",
        await _fetching(services, asker, stated, asked),
        after=services.cursors.read("counts", cursor),
        limit=limit,
        wanted=_wanted(asked),
    )
    further = services.cursors.write("counts", next_) if next_ is not None else None
    return _counts(batch, released, further, by_month=asked.by_month)


async def _fetching(services: Services, asker: Asker, stated: Stated, asked: CountQuery) -> Fetch:
    """What fetches the cells; nothing where the asker is not told what they are narrowed by."""
    told = await services.gate.passes(
        asker, stated.purpose, _specimen(asked), _wanted(asked), **stated.terms()
    )

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        return await _cells(services, asked, position, count) if told else ()

    return fetch


def _wanted(asked: CountQuery) -> Wanted:
    """The filter as tests of a cell: its area, and its month or that months are told at all."""
    tests: dict[str, Callable[[Any], bool]] = {}
    if asked.area is not None:
        tests["area"] = lambda shown: bool(shown == asked.area)
    if asked.month_from is not None or asked.month_to is not None:
        tests["window_from"] = lambda shown: _within(asked, month_of(shown))
    return tests


def _within(asked: CountQuery, month: str | None) -> bool:
    if month is None or not asked.by_month:
        return month is not None
    return (asked.month_from or month) <= month <= (asked.month_to or month)


def _specimen(asked: CountQuery) -> Subject:
    """A cell that the filter finds, if its fields are told: all cells are decided on alike."""
    month = (asked.month_from or asked.month_to or ALL) if asked.by_month else ALL
    return cell_of(Cell(asked.area or ALL, ALL, month, 0, 0), asked.area_level)


def _counts(
    batch: Batch, released: Sequence[Release], next_: str | None, *, by_month: bool
) -> Response:
    body = {
        "items": [_cell(release, by_month=by_month) for release in released],
        "next": next_,
        "ledger_reference": batch.ledger_reference,
        "policy_revision": batch.policy_revision,
    }
    headers = {**answers.decision_headers(batch), "Cache-Control": answers.NO_STORE}
    return JSONResponse(body, headers=headers)


async def _cells(
    services: Services, asked: CountQuery, position: str | None, count: int
) -> Sequence[tuple[str, Subject]]:
    after = None
    if position is not None:
        area, strand, month = position.split("\n")
        after = (area, strand, month)
    async with services.reading() as session:
        found = await counts.cells(session, asked, after=after, limit=count)
    return [(f"{c.area}\n{c.strand}\n{c.month}", cell_of(c, asked.area_level)) for c in found]


def _cell(release: Release, *, by_month: bool) -> dict[str, Any]:
    fields = release.fields
    begins = fields.get("window_from")
    month = str(begins)[:7] if by_month else ALL
    shown = {
        "area": fields.get("area"),
        "area_level": fields.get("area_level"),
        "strand": fields.get("strand"),
        "month": month if begins is not None else None,
        "count": fields.get("observed"),
    }
    return {name: value for name, value in shown.items() if value is not None}
