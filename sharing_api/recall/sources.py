"""What recall reads from the store: disclosures by what they rest on, and facts as they now are."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from policies.decided import Decided
from schemas.records import Alert
from sharing_api.lookup.pointers import KIND as KIND_POINTER
from sharing_api.lookup.pointers import pointer_subjects
from sharing_api.recall.facts import GRACE, Disclosure
from sharing_api.release.link_subjects import review_subject
from sharing_api.release.subjects import alert_subject, incident_subject
from sharing_api.store import decision_inputs, link_queries, queries
from sharing_api.store.ledger_entries import row_of
from sharing_api.store.ledger_tables import LedgerTable
from sharing_api.store.link_tables import LinkReviewRow
from sharing_api.store.recall_tables import DisclosureRow, RecordPartRow
from sharing_api.store.tables import CounterRow
from sharing_api.store.upsert import chunks, in_session, table_of, upsert

Row = Mapping[str, Any]
Past = Callable[[AsyncSession, int, int], Awaitable[Sequence[Decided]]]
"""Gives permitted decisions of ledger entries behind a number, about so many; entries whole."""
Decode = Callable[[str, bytes], Row]

KINDS: Final = frozenset({"incident", "alert", "link-review", "pointer"})
"""Records of persons, and that one is known. Counts, receipts, agreements are not called back."""
_PAGE: Final = 500
_POSITION: Final = "recall-disclosed"
_DISCLOSURES = table_of(DisclosureRow)


async def permitted(session: AsyncSession, after: int, limit: int) -> Sequence[Decided]:
    """Permitted decisions as they are kept beside the ledger."""
    return await decision_inputs.decided(session, after=after, limit=limit, permitted=True)


async def take_in(session: AsyncSession, past: Past) -> None:
    """Index what has been disclosed since this was last done; the caller commits."""
    counters = table_of(CounterRow)
    place = select(counters.c.value).where(counters.c.name == _POSITION)
    last = (await session.execute(place)).scalar() or 0
    begun = last
    while found := await past(session, last, _PAGE):
        last = found[-1].sequence
        told = [one for one in found if one.permit and one.document["record"]["kind"] in KINDS]
        entries = await _entries(session, {one.sequence for one in told})
        values = [_row(one, entries[one.sequence]) for one in told]
        await in_session(session, upsert, DisclosureRow, values)
        await _note_parts(session, told)
    if last != begun:
        await in_session(session, upsert, CounterRow, [{"name": _POSITION, "value": last}])


async def _entries(session: AsyncSession, sequences: Iterable[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for some in chunks(sorted(sequences)):
        query = select(LedgerTable.__table__).where(LedgerTable.sequence.in_(some))
        for line in (await session.execute(query)).mappings():
            found[line["sequence"]] = row_of(line)
    return found


def _row(one: Decided, entry: Any) -> dict[str, Any]:
    return {
        "sequence": one.sequence,
        "record_id": one.record_id,
        "kind": one.document["record"]["kind"],
        "agency": one.document["requester"]["agency"],
        "at": entry.at,
        "agreements": json.dumps(
            sorted({each.partition("@")[0] for each in (entry.agreement or "").split(", ") if each})
        ),
    }


async def _note_parts(session: AsyncSession, told: Sequence[Decided]) -> None:
    """A pair rests on the incidents of its two sides, a pointer on that of its mention."""
    pointers = {one.record_id for one in told if one.document["record"]["kind"] == "pointer"}
    rows = [
        {"record_id": name, "incident_id": name.partition("#")[0], "since": _EVER}
        for name in sorted(pointers)
    ]
    await in_session(session, upsert, RecordPartRow, rows, keep=("since",))
    pairs = {one.record_id for one in told if one.document["record"]["kind"] == "link-review"}
    for some in chunks(sorted(pairs)):
        columns = (LinkReviewRow.review_id, LinkReviewRow.left, LinkReviewRow.right)
        lines = await session.execute(select(*columns).where(LinkReviewRow.review_id.in_(some)))
        values = [
            {"record_id": line[0], "incident_id": incident_id, "since": _EVER}
            for line in lines
            for incident_id in sorted({mention.partition("#")[0] for mention in line[1:]})
        ]
        await in_session(session, upsert, RecordPartRow, values, keep=("since",))


_EVER: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


async def resting_on(session: AsyncSession, past: Past, incident_id: str) -> list[Disclosure]:
    """Disclosures of an incident, and of what rested on it by then."""
    parts = table_of(RecordPartRow)
    query = (
        select(_DISCLOSURES)
        .outerjoin(
            parts,
            (parts.c.record_id == _DISCLOSURES.c.record_id) & (parts.c.incident_id == incident_id),
        )
        .where(
            or_(_DISCLOSURES.c.record_id == incident_id, parts.c.incident_id == incident_id),
        )
        .add_columns(parts.c.since)
        .order_by(_DISCLOSURES.c.sequence)
    )
    lines = (await session.execute(query)).mappings().all()
    return await _filled(session, past, lines, frozenset({incident_id}))


async def under(
    session: AsyncSession, past: Past, agreement: str, after: int
) -> tuple[list[Disclosure], int | None]:
    """Some disclosures under an agreement behind a ledger number, and where to go on (or None)."""
    query = (
        select(_DISCLOSURES)
        .where(
            _DISCLOSURES.c.sequence > after,
            _DISCLOSURES.c.agreements.contains(json.dumps(agreement), autoescape=True),
        )
        .order_by(_DISCLOSURES.c.sequence)
        .limit(_PAGE)
    )
    lines = (await session.execute(query)).mappings().all()
    if len(lines) < _PAGE:
        return await _filled(session, past, lines, frozenset()), None
    last = lines[-1]["sequence"]
    whole = [line for line in lines if line["sequence"] != last] or lines
    return await _filled(session, past, whole, frozenset()), whole[-1]["sequence"]


async def of_sequences(
    session: AsyncSession, past: Past, wanted: Iterable[tuple[int, str]]
) -> list[Disclosure]:
    """Disclosures by ledger number and record."""
    found: list[Any] = []
    for sequence, record_id in sorted(set(wanted)):
        query = select(_DISCLOSURES).where(
            _DISCLOSURES.c.sequence == sequence, _DISCLOSURES.c.record_id == record_id
        )
        found += (await session.execute(query)).mappings().all()
    return await _filled(session, past, found, frozenset())


async def _filled(
    session: AsyncSession, past: Past, lines: Sequence[Any], parts: frozenset[str]
) -> list[Disclosure]:
    """Put beside each line what was asked and answered, as it stands beside the ledger."""
    asked: dict[tuple[int, str], Decided] = {}
    for sequence in sorted({line["sequence"] for line in lines}):
        for each in await past(session, sequence - 1, 1):
            asked[each.sequence, each.record_id] = each
    return [
        Disclosure(
            sequence=line["sequence"],
            agency=line["agency"],
            record_id=line["record_id"],
            kind=line["kind"],
            at=line["at"],
            fields=one.fields,
            agreements=frozenset(json.loads(line["agreements"])),
            document=one.document,
            parts=parts,
        )
        for line in lines
        if (one := asked.get((line["sequence"], line["record_id"]))) is not None
        and (line.get("since") is None or line["since"] <= line["at"] + GRACE)
    ]


async def facts_of(
    session: AsyncSession, decode: Decode, kind: str, record_id: str, changed: Row
) -> Row | None:
    """Facts of a disclosed record as it now stands, with one incident as a change left it."""
    if kind == "incident":
        return incident_subject(changed).facts
    if kind == KIND_POINTER:
        found = pointer_subjects([record_id], {changed["incident_id"]: changed}, {})
        return found[0].facts if found else None
    if kind == "alert":
        stored = await queries.alert(session, record_id)
        if stored is None:
            return None
        alert = decode("alert.v1", stored.message)
        incidents = await _incidents(session, decode, alert["incident_ids"], changed)
        return alert_subject(cast("Alert", alert), list(incidents.values())).facts
    review = await link_queries.review(session, record_id)
    if review is None:
        return None
    ids = [mention.partition("#")[0] for mention in (review.left, review.right)]
    return review_subject(review, await _incidents(session, decode, ids, changed)).facts


async def _incidents(
    session: AsyncSession, decode: Decode, ids: Sequence[str], changed: Row
) -> dict[str, Row]:
    messages = await queries.incident_messages(session, ids)
    found = {name: decode("hub-incident.v1", message) for name, message in messages.items()}
    if changed["incident_id"] in ids:
        found[changed["incident_id"]] = changed
    return found
