"""Which disclosures a change of links has corrected: losses of entities beside the ledger.

An answer is recorded in the ledger before it leaves, and was read from the store a moment earlier.
So disclosures that the ledger dates shortly after a loss may still tell what was true before it:
they count as corrected too. To be told to look again for nothing harms nobody.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.identifiers import stable_id
from sharing_api.store import link_queries
from sharing_api.store.ledger_entries import row_of
from sharing_api.store.ledger_references import told_as
from sharing_api.store.ledger_tables import LedgerTable
from sharing_api.store.link_tables import CorrectionRow, DisclosedRow, EntityLossRow
from sharing_api.store.tables import AlertRow, CounterRow
from sharing_api.store.upsert import chunks, draw, in_session, table_of, upsert

GRACE: Final = timedelta(seconds=30)
"""How long an answer may be on its way between the store and the ledger."""
_PAGE: Final = 1000
_POSITION: Final = "disclosed"
_LOSSES = table_of(EntityLossRow)
_CORRECTIONS = table_of(CorrectionRow)


@dataclass(frozen=True, slots=True)
class Correction:
    """One disclosure and what became of the person that it told of."""

    correction_id: str
    noticed_at: datetime
    entity_id: str
    alert_ids: tuple[str, ...]
    withdrawn: tuple[str, ...]
    """Mentions that are no longer with the others."""
    now_in: tuple[str, ...]
    """Entities in which withdrawn mentions are now."""
    retracted: bool
    """Whether some of them are nowhere any more."""
    sequence: int
    reference: str
    agency: str
    actor: str
    disclosed_at: datetime


async def settle(session: AsyncSession, now: datetime) -> None:
    """Match losses that are not settled with disclosures; the caller commits."""
    await _index(session)
    lost = await session.execute(select(_LOSSES).where(_LOSSES.c.settled.is_(False)))
    for loss in lost.mappings().all():
        await _match(session, loss)
        if now > loss["noticed_at"] + GRACE:
            await session.execute(
                update(_LOSSES).where(_LOSSES.c.loss_id == loss["loss_id"]).values(settled=True)
            )


async def corrections(
    session: AsyncSession, *, after: int, limit: int
) -> list[tuple[int, Correction]]:
    """Corrections by place, beginning after `after`; those that changed nothing are left out."""
    found: list[tuple[int, Correction]] = []
    while len(found) < limit:
        query = (
            select(_CORRECTIONS, _LOSSES.c.entity_id, _LOSSES.c.mentions, _LOSSES.c.noticed_at)
            .join(_LOSSES, _LOSSES.c.loss_id == _CORRECTIONS.c.loss_id)
            .where(_CORRECTIONS.c.ordinal > after)
            .order_by(_CORRECTIONS.c.ordinal)
            .limit(limit)
        )
        lines = (await session.execute(query)).mappings().all()
        told = await in_session(session, told_as, {line["sequence"] for line in lines})
        for line in lines:
            after = line["ordinal"]
            correction = await _looked_at(session, line, told[line["sequence"]])
            if correction.withdrawn:
                found.append((after, correction))
        if len(lines) < limit:
            break
    return found[:limit]


async def place_of(session: AsyncSession, correction_id: str) -> int:
    """Where a correction stands; behind all others if there is none of this id."""
    query = select(_CORRECTIONS.c.ordinal).where(_CORRECTIONS.c.correction_id == correction_id)
    place: int | None = (await session.execute(query)).scalar()
    return 2**62 if place is None else place


async def _index(session: AsyncSession) -> None:
    """Take in what the ledger has disclosed since this was last done."""
    counters = table_of(CounterRow)
    place = select(counters.c.value).where(counters.c.name == _POSITION)
    last = (await session.execute(place)).scalar() or 0
    while True:
        query = select(LedgerTable.__table__).where(LedgerTable.sequence > last)
        rows = await session.execute(query.order_by(LedgerTable.sequence).limit(_PAGE))
        entries = [row_of(row) for row in rows.mappings().all()]
        if not entries:
            break
        last = entries[-1].sequence
        told = [each for each in entries if each.operation == "disclosure"]
        alerts = await _alerts(session, {name for each in told for name in each.record_ids})
        values = [
            {
                "alert_id": name,
                "sequence": each.sequence,
                "agency": each.agency,
                "actor": each.actor,
                "at": each.at,
            }
            for each in told
            for name in sorted(set(each.record_ids) & alerts)
        ]
        await in_session(session, upsert, DisclosedRow, values)
    await in_session(session, upsert, CounterRow, [{"name": _POSITION, "value": last}])


async def _alerts(session: AsyncSession, ids: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in chunks(sorted(ids)):
        query = select(AlertRow.alert_id).where(AlertRow.alert_id.in_(some))
        found.update((await session.execute(query)).scalars())
    return found


async def _match(session: AsyncSession, loss: Any) -> None:
    """Write a correction for each entry that disclosed an alert of the entity, under any name."""
    names = {
        loss["entity_id"],
        *(link_queries.own_id(mention) for mention in json.loads(loss["mentions"])),
    }
    told: dict[int, list[Any]] = {}
    disclosed = table_of(DisclosedRow)
    for some in chunks(sorted(names)):
        query = (
            select(disclosed)
            .join(AlertRow, AlertRow.alert_id == disclosed.c.alert_id)
            .where(AlertRow.entity_id.in_(some), disclosed.c.at <= loss["noticed_at"] + GRACE)
        )
        for line in (await session.execute(query)).mappings():
            told.setdefault(line["sequence"], []).append(line)
    known = await _known(session, loss["loss_id"])
    fresh = sorted(told.keys() - known)
    values = [
        {
            "correction_id": stable_id("cor", loss["loss_id"], str(sequence)),
            "ordinal": ordinal,
            "loss_id": loss["loss_id"],
            "sequence": sequence,
            "alerts": json.dumps(sorted(line["alert_id"] for line in told[sequence])),
            "agency": told[sequence][0]["agency"],
            "actor": told[sequence][0]["actor"],
            "disclosed_at": told[sequence][0]["at"],
        }
        for sequence, ordinal in zip(
            fresh, await in_session(session, draw, len(fresh)), strict=True
        )
    ]
    await in_session(session, upsert, CorrectionRow, values, keep=["ordinal"])


async def _known(session: AsyncSession, loss_id: str) -> set[int]:
    query = select(_CORRECTIONS.c.sequence).where(_CORRECTIONS.c.loss_id == loss_id)
    return set((await session.execute(query)).scalars())


async def _looked_at(session: AsyncSession, line: Any, reference: str) -> Correction:
    mentions: list[str] = json.loads(line["mentions"])
    where = await link_queries.places(session, mentions)
    main = _main(line["entity_id"], list(where.values()))
    withdrawn = tuple(mention for mention in mentions if where[mention] != main)
    return Correction(
        correction_id=line["correction_id"],
        noticed_at=line["noticed_at"].astimezone(UTC),
        entity_id=line["entity_id"],
        alert_ids=tuple(json.loads(line["alerts"])),
        withdrawn=withdrawn,
        now_in=tuple(sorted({where[name] for name in withdrawn} - {""})),
        retracted=any(not where[name] for name in withdrawn),
        sequence=line["sequence"],
        reference=reference,
        agency=line["agency"],
        actor=line["actor"],
        disclosed_at=line["disclosed_at"].astimezone(UTC),
    )


def _main(entity_id: str, places: Sequence[str]) -> str:
    """Where most of the mentions are that are anywhere; in doubt, where they were."""
    counted = Counter(place for place in places if place)
    if not counted:
        return entity_id
    return max(counted, key=lambda place: (counted[place], place == entity_id, place))
