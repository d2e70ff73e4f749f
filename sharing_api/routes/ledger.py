"""The ledger of what was done with data, for governance officers; the gate says what they see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from operator import eq
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from schemas.shape import timestamp
from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stating
from sharing_api.listing import released_page
from sharing_api.problems import documented
from sharing_api.release import Subject, Wanted
from sharing_api.release.subjects import ledger_subject
from sharing_api.routes.parameters import Cursor, Limit

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])

Name = Annotated[str | None, Query(max_length=200)]


def wanted(
    agency: Annotated[Name, Query(description="Entries that this agency answers for.")] = None,
    for_purpose: Annotated[Name, Query(description="Entries made for this purpose.")] = None,
    operation: Annotated[
        Name, Query(description="collection, alteration, consultation, disclosure, …")
    ] = None,
    decision: Annotated[Name, Query(description="permit or refuse")] = None,
    record: Annotated[
        Name, Query(description="Entries about this record, by its id: never by a name.")
    ] = None,
    since: Annotated[AwareDatetime | None, Query(description="Made at this moment or later.")] = (
        None
    ),
    until: Annotated[AwareDatetime | None, Query(description="Made before this moment.")] = None,
) -> Wanted:
    """What a list of entries is narrowed by, as tests of what the asker is shown."""
    given = {"agency": agency, "purpose": for_purpose, "operation": operation, "decision": decision}
    tests: dict[str, Callable[[Any], bool]] = {
        name: partial(eq, value) for name, value in given.items() if value is not None
    }
    if record is not None:
        tests["record_ids"] = lambda shown: isinstance(shown, list) and record in shown
    if since is not None or until is not None:
        tests["at"] = partial(_between, since, until)
    return tests


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
    tests: Annotated[Wanted, Depends(wanted)],
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
        wanted=tests,
    )
    further = services.cursors.write("ledger", next_) if next_ is not None else None
    return answers.page(batch, released, further)


def _between(since: datetime | None, until: datetime | None, shown: Any) -> bool:
    """Tell whether a moment as it is shown lies between; what is coarser than that does not."""
    try:
        moment = timestamp(shown)
    except (TypeError, ValueError):
        return False
    return (since is None or moment >= since) and (until is None or moment < until)
