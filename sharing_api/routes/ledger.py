"""The ledger of what was done with data, for governance officers; the gate says what they see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import eq
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from schemas.shape import timestamp
from sharing_api import answers
from sharing_api.auth.requests import Asking, Given, Stated, Stating
from sharing_api.listing import released_page
from sharing_api.problems import documented, not_accepted
from sharing_api.release import Asker, Subject, Wanted
from sharing_api.release.subjects import ledger_subject
from sharing_api.routes.parameters import ENTRY, Cursor, Limit
from sharing_api.services import Services
from sharing_api.store.ledger_entries import LedgerRow
from sharing_api.store.ledger_search import Sought

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])

Name = Annotated[str | None, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed by: the same for the database, and as tests of what is shown."""

    sought: Sought
    tests: Wanted


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
) -> Filter:
    """What a list of entries is narrowed by. Raises Problem 422."""
    if since is not None and until is not None and since >= until:
        raise not_accepted([{"field": "query.until", "rule": "a moment after `since`"}])
    given = {"agency": agency, "purpose": for_purpose, "operation": operation, "decision": decision}
    tests: dict[str, Callable[[Any], bool]] = {
        name: partial(eq, value) for name, value in given.items() if value is not None
    }
    if record is not None:
        tests["record_ids"] = lambda shown: isinstance(shown, list) and record in shown
    if since is not None or until is not None:
        tests["at"] = partial(_between, since, until)
    return Filter(Sought(**given, record=record, since=since, until=until), tests)


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
    chosen: Annotated[Filter, Depends(wanted)],
    after: Annotated[
        str | None,
        Query(pattern=f"^0$|{ENTRY}", description="Entries after this one, as it is named."),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Reading the ledger is itself an entry in it."""
    begin = services.cursors.read("ledger", cursor)
    if begin is None and after not in {None, "0"}:
        await _known(services, asker, stated, after)
        begin = after
    sought = await _sought(services, asker, stated, chosen)

    async def fetch(position: str | None, count: int) -> Sequence[tuple[str, Subject]]:
        if sought is None:
            return []
        place = await services.ledger.place(position or "0")
        if place is None:
            return []
        rows = await services.ledger.read(after=place, limit=count, sought=sought)
        return [(row.reference, ledger_subject(row)) for row in rows]

    batch, released, next_ = await released_page(
        services,
        asker,
        stated,
        "ledger",
        fetch,
        after=begin,
        limit=min(limit, services.settings.page_max),
        wanted=chosen.tests,
    )
    further = services.cursors.write("ledger", next_) if next_ is not None else None
    return answers.page(batch, released, further)


_INSTANT: Final = timedelta(milliseconds=1)
_ANOTHER: Final = "another-agency"
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9000, 1, 1, tzinfo=UTC)


async def _known(services: Services, asker: Asker, stated: Stated, after: str) -> None:
    """A place among all entries is for whoever is shown them all, as is where others' entries lie.

    Raises Problem 422 for one that this asker may not begin at, GateClosed.
    """
    if after.rpartition(".")[0].partition(".")[0] == asker.agency:
        return
    other = ledger_subject(_fitting(Sought(), _ANOTHER))
    if not await services.gate.passes(asker, stated.purpose, other, {}, **stated.terms()):
        rule = "the reference of an entry of your agency"
        raise not_accepted([{"field": "query.after", "rule": rule}])


async def _sought(
    services: Services, asker: Asker, stated: Stated, chosen: Filter
) -> Sought | None:
    """What the database is asked for; None where this asker could see nothing that fits.

    How long a search takes would tell how many entries fit. So a made-up entry that fits is put
    before the gate first, of another agency and of the asker's own: to the rules all entries of one
    of the two are alike. Where neither would be listed nothing is read. Raises GateClosed.
    """
    owners = (chosen.sought.agency,) if chosen.sought.agency else (_ANOTHER, asker.agency)
    for owner in owners:
        subject = ledger_subject(_fitting(chosen.sought, owner))
        if await services.gate.passes(
            asker, stated.purpose, subject, chosen.tests, **stated.terms()
        ):
            agency = None if owner == _ANOTHER and not chosen.sought.agency else owner
            return replace(chosen.sought, agency=agency)
    return None


def _fitting(sought: Sought, owner: str) -> LedgerRow:
    """An entry that there is not, and that would be found."""
    return LedgerRow(
        sequence=1,
        reference=f"{owner}.1",
        previous_hash="",
        hash="",
        operation=sought.operation or "consultation",
        actor="nobody",
        agency=owner,
        purpose=sought.purpose,
        decision=sought.decision or "permit",
        record_ids=(sought.record,) if sought.record else (),
        at=_within(sought.since, sought.until),
    )


def _within(since: datetime | None, until: datetime | None) -> datetime:
    """A moment between two, as far as there is one that can be written in UTC."""
    if since is not None or until is None:
        return min(max(since or _FIRST, _FIRST), _LAST)
    return min(max(until, _FIRST + _INSTANT), _LAST) - _INSTANT


def _between(since: datetime | None, until: datetime | None, shown: Any) -> bool:
    """Tell whether a moment as it is shown lies between; what is coarser than that does not."""
    try:
        moment = timestamp(shown)
    except (TypeError, ValueError):
        return False
    return (since is None or moment >= since) and (until is None or moment < until)
