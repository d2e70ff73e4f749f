"""The open feed: counts with noise on every cell, for everybody, without a token.

Nothing here reads anything but announced publications, the budget and the calendar.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import JSONResponse, Response

from schemas.shape import timestamp_text
from sharing_api.auth.requests import Given
from sharing_api.feeds import atom
from sharing_api.open_feed import bands, formats, reading
from sharing_api.open_feed.publishing import Press, budget
from sharing_api.open_feed.reading import Published
from sharing_api.open_feed.sentence import statement
from sharing_api.open_feed.tables import OpenTable
from sharing_api.problems import RETRY_SECONDS, Problem, documented
from sharing_api.services import Services
from sharing_api.store.upsert import in_session

router = APIRouter(prefix="/v1/open", tags=["open feed"])

KIND = "open-table.v1"
MAX_AGE = "public, max-age=300"
_LOOK_AGAIN_SECONDS = 30.0
_NEWEST = 60


class OpenIndex(BaseModel):
    """What is published, what it may spend, and when the next release is."""

    sentence: str = Field(description="What an officer can sign; made from the budget.")
    limits: list[str] = Field(description="What the sentence does not say.")
    factor: str = Field(description="By how much odds can change at most.")
    epsilon: str = Field(description="Sum of the privacy losses of all tables.")
    epsilon_allowed: str = Field(description="The sum that is never exceeded: ln 3.")
    tables: list[dict[str, Any]] = Field(description="Tables with what their noise costs.")
    budget: list[dict[str, Any]] = Field(description="Every table ever entered, with its epsilon.")
    scheduled: list[dict[str, Any]] = Field(description="The next release of each table.")


class OpenPublications(BaseModel):
    """Publications with all their cells."""

    publications: list[dict[str, Any]]


def _press(services: Services) -> Press:
    if services.press is None:
        raise Problem(404, "no-open-feed", "This hub has no areas configured, so no open feed.")
    return services.press


@router.get(
    "", response_model=OpenIndex, responses=documented(404, 503), summary="What is open, and why"
)
async def show_index(services: Given) -> Response:
    """Needs no token. The sentence, its limits, the tables, the budget and the calendar."""
    press = _press(services)
    now = services.parts.clock()
    async with services.reading() as session:
        lines = await in_session(session, budget)
        rows = await in_session(session, reading.budget_lines)
        calendar = await in_session(session, reading.scheduled, press.tables, now)
    for each in calendar:
        each["due"] = timestamp_text(each["due"])
    body = {
        **statement(lines.values()),
        "tables": [_described(table) for table in press.tables],
        "budget": rows,
        "scheduled": calendar,
    }
    return JSONResponse(body, headers={"Cache-Control": MAX_AGE})


@router.get(
    "/tables/{table}",
    response_model=OpenPublications,
    responses={
        200: {
            "description": "The table's publications",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/geo+json": {"schema": {"type": "object"}},
            },
        },
        304: {"description": "Nothing was published since"},
        **documented(404, 422, 503),
    },
    summary="One table: all cells of its periods",
)
async def show_table(
    services: Given,
    table: Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}$", description="Id of the table.")],
    form: Annotated[
        Literal["json", "csv", "geojson"],
        Query(alias="format", description="csv opens in Excel, geojson in a GIS."),
    ] = "json",
    since: Annotated[
        str | None,
        Query(
            pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])-[0-3][0-9]$",
            description="Periods that begin on this day or later, ISO date.",
        ),
    ] = None,
    if_none_match: Annotated[str | None, Header(description="ETag of an earlier answer.")] = None,
) -> Response:
    """Needs no token. Every cell of a period is there, whatever happened in it."""
    press = _press(services)
    if table not in {each.id for each in press.tables}:
        raise Problem(404, "table-unknown", "There is no open table of this name.")
    async with services.reading() as session:
        found = await in_session(session, _of_table, press, table, since)
    headers = {"Cache-Control": MAX_AGE, "ETag": _tag(form, found)}
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return _formed(form, found, press, table, headers)


@router.get(
    "/feed.atom",
    response_class=Response,
    responses={
        200: {"description": "Atom", "content": {atom.MEDIA_TYPE: {"schema": {"type": "string"}}}},
        **documented(404, 503),
    },
    summary="Releases for a feed reader (Atom)",
)
async def show_atom(services: Given) -> Response:
    """Needs no token. One entry for each release, newest first."""
    press = _press(services)
    async with services.reading() as session:
        found = await in_session(session, _newest, press)
        lines = await in_session(session, budget)
    where = services.settings.public_url
    made = atom.feed(
        id_=f"{where}/v1/open",
        title=f"Open counts of hate incidents: {press.geography.name}",
        updated=found[0].record["drawn_at"] if found else datetime.fromisoformat(_EPOCH),
        link=f"{where}/v1/open/feed.atom",
        entries=[_entry(one, press, where) for one in found],
        rights=statement(lines.values())["sentence"],
    )
    return Response(made, media_type=atom.MEDIA_TYPE, headers={"Cache-Control": MAX_AGE})


@router.get(
    "/stream",
    response_class=EventSourceResponse,
    responses={
        200: {"description": "Server-sent events", "content": {"text/event-stream": {}}},
        **documented(404, 422, 503),
    },
    summary="Announcements of releases (server-sent events)",
)
async def stream_releases(
    services: Given,
    after: Annotated[int, Query(ge=0, le=2**53, description="Releases after this one.")] = 0,
    last_event_id: Annotated[
        str | None,
        Header(pattern=r"^[0-9]{1,15}$", description="Id of the last event that arrived."),
    ] = None,
) -> Response:
    """Needs no token. It tells that a table was released as scheduled, and where it is."""
    press = _press(services)
    begin = int(last_event_id) if last_event_id is not None else after
    return EventSourceResponse(
        _releases(services, press, begin),
        ping=services.settings.heartbeat_seconds,
        headers={"Cache-Control": "no-store"},
    )


_EPOCH = "2024-01-01T00:00:00+00:00"


async def _releases(services: Services, press: Press, after: int) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(comment="concord open releases", retry=RETRY_SECONDS * 1000)
    while not services.closing:
        seen = services.changes.seen(KIND)
        async with services.reading() as session:
            found = await in_session(session, _after, press, after)
        for one in found:
            where = f"/v1/open/tables/{one.record['table']}?since={one.record['first_day']}"
            told = {
                "table": one.record["table"],
                "period": one.record["period"],
                "published_at": timestamp_text(one.record["drawn_at"]),
                "address": services.settings.public_url + where,
            }
            yield ServerSentEvent(data=json.dumps(told), event="release", id=str(one.sequence))
            after = one.sequence
        await services.changes.wait(KIND, seen, _LOOK_AGAIN_SECONDS)


def _of_table(connection: Any, press: Press, table: str, since: str | None) -> list[Published]:
    return reading.publications(connection, press, table=table, first_day=since)


def _newest(connection: Any, press: Press) -> list[Published]:
    return reading.publications(connection, press, newest_first=True, limit=_NEWEST)


def _after(connection: Any, press: Press, after: int) -> list[Published]:
    return reading.publications(connection, press, after=after, limit=_NEWEST)


def _tag(form: str, found: list[Published]) -> str:
    """From what was published: names of periods and the numbers in them."""
    told = hashlib.sha256(form.encode())
    for one in found:
        told.update(f"|{one.id}|{one.record['cells']}".encode())
    return f'"{told.hexdigest()[:32]}"'


def _formed(
    form: str, found: list[Published], press: Press, table: str, headers: dict[str, str]
) -> Response:
    if form == "csv":
        named = {**headers, "Content-Disposition": f'attachment; filename="{table}.csv"'}
        return Response(
            formats.as_csv(found, press.geography).encode(), media_type="text/csv", headers=named
        )
    if form == "geojson":
        return JSONResponse(
            formats.as_geojson(found, press.geography),
            media_type="application/geo+json",
            headers=headers,
        )
    return JSONResponse(formats.as_json(found, press.geography), headers=headers)


def _entry(one: Published, press: Press, where: str) -> atom.Entry:
    record = one.record
    title = next((t.title for t in press.tables if t.id == record["table"]), record["table"])
    lines = [
        f"{press.geography.name_of(cell['area'])}"
        f"{'' if cell['strand'] == 'all' else ', ' + cell['strand']}: "
        f"{cell['band'] or cell['value']}"
        for cell in record["cells"]
    ]
    return atom.Entry(
        id=f"{where}/v1/open/tables/{one.id}",
        updated=record["drawn_at"],
        title=f"{title}: {record['period']}",
        text="\n".join(["Noise is on every number.", *lines]),
        link=f"{where}/v1/open/tables/{record['table']}?since={record['first_day']}",
    )


def _described(table: OpenTable) -> dict[str, Any]:
    epsilon = float(table.epsilon)
    return {
        "table": table.id,
        "title": table.title,
        "by": table.by,
        "classes": table.classes,
        "weeks": table.weeks,
        "show": table.show,
        "epsilon": str(table.epsilon),
        "mean_error": round(bands.mean_error(epsilon), 2),
        "noise_95": bands.half_width(epsilon),
        "address": f"/v1/open/tables/{table.id}",
    }
