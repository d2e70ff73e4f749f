"""From what changed to notices: reads facts and disclosures, decides again, keeps what is due.

A change stays unsettled until it is so old that no answer from before it can still be on its way
to the ledger, so that looking at it again finds those too. Looking again changes nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from policies.bundle import canonical
from policies.decision_input import validate
from policies.engine import Decision, PolicyEngine
from schemas.identifiers import Pseudonyms, stable_id
from schemas.sealing import Opener
from sharing_api.recall import differences, notices, rules, sources
from sharing_api.recall.facts import GRACE, SPLIT, AgreementChange, Change, Due
from sharing_api.store import corrections
from sharing_api.store.ledger import Ledger, LedgerEntry
from sharing_api.store.recall_tables import (
    AgreementChangeRow,
    AgreementStateRow,
    RecordChangeRow,
)
from sharing_api.store.tables import CounterRow
from sharing_api.store.upsert import in_session, table_of, upsert

_CHANGES = table_of(RecordChangeRow)
_AGREEMENTS = table_of(AgreementChangeRow)
_REFUSED: Final = Decision(permit=False, policy_revision="none")
_IN_FORCE: Final = frozenset({"live", "approved"})
_CORRECTED: Final = "recall-corrections"

Sessions = async_sessionmaker[AsyncSession]


class Stale(Exception):
    """The policy engine decides by another bundle than the one that is in force here."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What finding needs of the hub."""

    sessions: Sessions
    past: sources.Past
    decode: sources.Decode
    engine: PolicyEngine
    opener: Callable[[], Opener]
    pseudonyms: Pseudonyms
    ledger: Ledger
    agreements: Callable[[], Sequence[Mapping[str, Any]]]
    revision: Callable[[], str]

    async def look(self, now: datetime) -> int:
        """Take in what is new, find what is due and write it; how many notices were new.

        Raises KeyMissing, EngineUnavailable, LedgerUnavailable: then what is unsettled waits.
        """
        async with self.sessions.begin() as session:
            await sources.take_in(session, self.past)
            await self._note_agreements(session, now)
            await corrections.settle(session, now)
        fresh = await self._splits(now)
        fresh += await self._changes(now)
        return fresh + await self._agreement_changes(now)

    async def _changes(self, now: datetime) -> int:
        async with self.sessions() as session:
            query = select(_CHANGES).where(_CHANGES.c.settled.is_(False))
            waiting = (await session.execute(query.order_by(_CHANGES.c.noticed_at))).mappings()
            rows = waiting.all()
        fresh = 0
        for row in rows:
            found = await self._of_change(row, now.date())
            async with self.sessions.begin() as session:
                fresh += await in_session(session, notices.keep, found, self.pseudonyms, now)
                if now > row["noticed_at"] + GRACE:
                    await session.execute(
                        update(_CHANGES)
                        .where(_CHANGES.c.change_id == row["change_id"])
                        .values(settled=True, before=b"", after=b"")
                    )
        return fresh

    async def _of_change(self, row: Mapping[Any, Any], today: date) -> list[Due]:
        before = self.decode("hub-incident.v1", row["before"])
        after = self.decode("hub-incident.v1", row["after"])
        async with self.sessions() as session:
            told = await sources.resting_on(session, self.past, row["incident_id"])
            if not told:
                return []
            facts = {
                (each.kind, each.record_id): await sources.facts_of(
                    session, self.decode, each.kind, each.record_id, after
                )
                for each in told
            }
        change = Change(row["incident_id"], row["change_id"], row["noticed_at"], after["retracted"])
        if not change.retracted:
            await self._record_comparison(row)
            change = Change(
                row["incident_id"],
                row["change_id"],
                row["noticed_at"],
                fields=differences.changed_fields(before, after, self.opener()),
                restricts=differences.restricted(before, after),
            )
        return await rules.of_change(
            change, told, lambda each: facts[each.kind, each.record_id], self.decide, today
        )

    async def _record_comparison(self, row: Mapping[Any, Any]) -> None:
        """No seal is opened, not even to compare, before the ledger says so."""
        await self.ledger.append(
            LedgerEntry(
                operation="consultation",
                actor=notices.HUB,
                agency="hub",
                purpose="recall",
                record_ids=(row["incident_id"],),
                detail={"comparison": row["change_id"]},
                key=stable_id("cmp", row["change_id"]),
            )
        )

    async def decide(self, document: Mapping[str, Any]) -> Decision:
        """Decide on a stored decision input under the policy of now. Raises Stale."""
        if not validate(document):
            return _REFUSED
        decision = await self.engine.decide(document)
        if decision.policy_revision != self.revision():
            raise Stale
        return decision

    async def _splits(self, now: datetime) -> int:
        """What linkage took apart, found as for the list of corrections."""
        async with self.sessions.begin() as session:
            counters = table_of(CounterRow)
            place = select(counters.c.value).where(counters.c.name == _CORRECTED)
            after = (await session.execute(place)).scalar() or 0
            found = await corrections.corrections(session, after=after, limit=1000)
            due: list[Due] = []
            for number, each in found:
                after = number
                if not each.now_in:
                    continue
                wanted = [(each.sequence, name) for name in each.alert_ids]
                told = await sources.of_sequences(session, self.past, wanted)
                edition = stable_id("spl", *each.withdrawn, each.noticed_at.isoformat())
                due += rules.of_split(edition, each.entity_id, SPLIT, told)
            whole = rules.merged(due)
            fresh = await in_session(session, notices.keep, whole, self.pseudonyms, now)
            await in_session(session, upsert, CounterRow, [{"name": _CORRECTED, "value": after}])
        return fresh

    async def _note_agreements(self, session: AsyncSession, now: datetime) -> None:
        """Compare the agreements in force with those that recall saw last."""
        table = table_of(AgreementStateRow)
        seen = {row["agreement"]: row for row in (await session.execute(select(table))).mappings()}
        current = {each["id"]: _state(each) for each in self.agreements()}
        changes = []
        for name, before in seen.items():
            after = current.get(name)
            if after is not None and after["digest"] == before["digest"]:
                continue
            over = after is None or after["status"] not in _IN_FORCE
            if over and (before["ends"] < now.date().isoformat() or before["status"] == "gone"):
                continue  # it ended in its time, which takes nothing back
            changes.append(
                {
                    "change_id": stable_id("agc", name, str(before["changes"])),
                    "agreement": name,
                    "withdrawn": over,
                    "noticed_at": now,
                    "settled": False,
                }
            )
        kept = ("agreement", "withdrawn", "noticed_at", "settled")
        await in_session(session, upsert, AgreementChangeRow, changes, keep=kept)
        gone = [
            {**seen[name], "status": "gone", "digest": ""} for name in seen.keys() - current.keys()
        ]
        states = [*current.values(), *gone]
        for state in states:
            known = seen.get(state["agreement"])
            moved = known is not None and known["digest"] != state["digest"]
            state["changes"] = (known["changes"] if known else 0) + moved
        await in_session(session, upsert, AgreementStateRow, states)

    async def _agreement_changes(self, now: datetime) -> int:
        async with self.sessions() as session:
            query = select(_AGREEMENTS).where(_AGREEMENTS.c.settled.is_(False))
            rows = (await session.execute(query)).mappings().all()
        fresh = 0
        for row in rows:
            change = AgreementChange(
                row["agreement"], row["change_id"], row["noticed_at"], row["withdrawn"]
            )
            try:
                fresh += await self._of_agreement(change, now)
            except Stale:
                continue  # OPA has not fetched the bundle yet: the next look finds it there
            if now > row["noticed_at"] + GRACE:
                async with self.sessions.begin() as session:
                    await session.execute(
                        update(_AGREEMENTS)
                        .where(_AGREEMENTS.c.change_id == row["change_id"])
                        .values(settled=True)
                    )
        return fresh

    async def _of_agreement(self, change: AgreementChange, now: datetime) -> int:
        fresh, after = 0, 0
        place: int | None = after
        while place is not None:
            async with self.sessions() as session:
                told, place = await sources.under(session, self.past, change.agreement, place)
            due = await rules.of_agreement(change, told, self.decide, now.date())
            async with self.sessions.begin() as session:
                fresh += await in_session(session, notices.keep, due, self.pseudonyms, now)
        return fresh


def _state(agreement: Mapping[str, Any]) -> dict[str, Any]:
    """What recall remembers of an agreement: by its terms, whatever their order in the file."""
    return {
        "agreement": agreement["id"],
        "digest": stable_id("agd", canonical(dict(agreement)).decode()),
        "ends": agreement["ends"],
        "status": agreement["status"],
    }
