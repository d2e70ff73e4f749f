"""One feed of tension under an agreement, whatever its format: signals and levels, in order.

Everything passes the gate and has its entry in the ledger each time somebody is shown it. A feed
belongs to all who ask alike; each of them comes back with the last number they saw.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

from schemas.identifiers import stable_id
from sharing_api.answers import jsonable
from sharing_api.auth.requests import Stated
from sharing_api.feeds import places
from sharing_api.feeds.changes import FEED
from sharing_api.feeds.places import LEVEL, SIGNAL, Changed, Numbered
from sharing_api.filters import SignalFilter
from sharing_api.levels import reading as levels
from sharing_api.records import signal_of
from sharing_api.release import Asker, Batch, Refusal, Release, Subject
from sharing_api.release.subjects import level_subject
from sharing_api.services import Services
from sharing_api.store.upsert import in_session

CHUNK: Final = 100
SHARED_SECONDS: Final = 1.0
_ID: Final = {SIGNAL: "signal_id", LEVEL: "level_id"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One record of a feed as this subscriber may see it. Of one that is gone only the id."""

    number: int
    kind: str
    id: str
    removed: bool
    fields: Mapping[str, Any]
    obligations: Sequence[Mapping[str, Any]] = ()
    agreement: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Entries after a number; `last` is where to go on, `more` whether there is more already."""

    entries: tuple[Entry, ...]
    last: int
    more: bool
    outcome: Batch | None


@dataclass(slots=True)
class _Seen:
    """Releases of one reading by record id, with the change each of them was made for."""

    releases: dict[str, tuple[int, Release]] = field(default_factory=dict)
    batch: Batch | None = None


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at the store found after a number; good until the next ring, or a moment."""

    seen: int
    at: float
    after: int
    limit: int
    numbered: Sequence[Numbered]
    subjects: Mapping[str, tuple[int, Subject]]


class Feed:
    """What one asker may follow for one purpose."""

    def __init__(
        self, services: Services, asker: Asker, stated: Stated, chosen: SignalFilter
    ) -> None:
        """Nothing is asked yet."""
        self._services = services
        self._asker = asker
        self._stated = stated
        self._chosen = chosen
        self._view = _view(asker, stated, chosen)
        self._turn = services.changes.turn(self._view)

    async def admitted(self) -> Batch | Refusal:
        """Ask the gate about the feed itself, before anything is sent. Raises GateClosed."""
        return await self._gate(SIGNAL, [])

    async def read(self, after: int, limit: int = CHUNK, *, quiet: bool = False) -> Page | Refusal:
        """What this asker may see after a number, each record once, as it stands.

        With `quiet` nothing is asked, nor entered in the ledger, where nothing is new. Raises
        GateClosed.
        """
        seen, found = _Seen(), list[Numbered]()
        entries: list[Entry] | None = None
        while entries is None:
            seen = _Seen()
            async with self._turn:
                look = self._shared(after, limit) if quiet else None
                if look is None:
                    answer = await self._look(after, limit, seen)
                    if isinstance(answer, Refusal):
                        return answer
                    look = answer
            found = [each for each in look.numbered if each.number > after]
            refusal = await self._open(found[:limit], look, seen)
            if refusal is not None:
                return refusal
            entries = self._entries(found[:limit], seen)
            if entries is None:
                self._services.changes.looks.pop(self._view, None)
        if seen.batch is None and not quiet:
            asked = await self.admitted()
            if isinstance(asked, Refusal):
                return asked
            seen.batch = asked
        last = entries[-1].number if entries else after
        return Page(tuple(entries), last, len(found) > limit, seen.batch)

    def _shared(self, after: int, limit: int) -> _Look | None:
        """What another subscriber of this feed has found a moment ago, if nothing changed since."""
        look: _Look | None = self._services.changes.looks.get(self._view)
        if look is None or look.seen != self._services.changes.seen(FEED):
            return None
        fresh = monotonic() - look.at < SHARED_SECONDS
        return look if fresh and look.after <= after and look.limit >= limit else None

    async def _look(self, after: int, limit: int, seen: _Seen) -> _Look | Refusal:
        """Number what changed, and fetch what was numbered since."""
        rings, at = self._services.changes.seen(FEED), monotonic()
        refusal = await self._advance(seen)
        if refusal is not None:
            return refusal
        async with self._services.reading() as session:
            found = await in_session(session, places.numbered, self._view, after, limit + 1)
        wanted = [_changed(each) for each in found if not each.gone]
        subjects = {one.id: (place, one) for place, one in await self._subjects(wanted)}
        look = _Look(rings, at, after, limit, found, subjects)
        self._services.changes.looks[self._view] = look
        return look

    async def _advance(self, seen: _Seen) -> Refusal | None:
        """Look through what changed since anybody read this feed, and number what is shown."""
        while True:
            async with self._services.reading() as session:
                begin = await in_session(session, places.position, self._view)
                found = await in_session(session, places.changed, begin, CHUNK)
            if not found:
                return None
            refusal = await self._release(found, seen)
            if refusal is not None:
                return refusal
            shown = {
                each.id: (places.GONE if each.removed else _digest(release), place)
                for each in found
                if each.id in seen.releases
                for place, release in (seen.releases[each.id],)
            }
            async with self._services.sessions.begin() as session:
                await in_session(session, places.number, self._view, begin, found, shown)

    async def _open(self, found: Sequence[Numbered], look: _Look, seen: _Seen) -> Refusal | None:
        """Put before the gate what this reading has not put before it yet."""
        missing = [
            look.subjects[each.id]
            for each in found
            if not each.gone and each.id not in seen.releases and each.id in look.subjects
        ]
        return await self._put(missing, seen) if missing else None

    async def _release(self, wanted: Sequence[Changed], seen: _Seen) -> Refusal | None:
        return await self._put(await self._subjects(wanted), seen)

    async def _put(self, subjects: Sequence[tuple[int, Subject]], seen: _Seen) -> Refusal | None:
        """Put records before the gate, with the change that each of them is as of."""
        for kind in (SIGNAL, LEVEL):
            mine = [(place, one) for place, one in subjects if one.kind == kind]
            if not mine:
                continue
            batch = await self._gate(kind, [one for _, one in mine])
            if isinstance(batch, Refusal):
                if kind == SIGNAL:
                    return batch
                continue
            at = {one.id: place for place, one in mine}
            seen.releases |= {one.record_id: (at[one.record_id], one) for one in batch.releases}
            seen.batch = batch
        return None

    async def _subjects(self, wanted: Sequence[Changed]) -> list[tuple[int, Subject]]:
        """The records as they stand now, each with the change that made it so."""
        ids = {kind: [e.id for e in wanted if e.kind == kind] for kind in (SIGNAL, LEVEL)}
        async with self._services.reading() as session:
            signals = await in_session(session, places.as_stored, ids[SIGNAL])
            decode = self._services.reader.decode
            told = await in_session(session, levels.by_id, decode, ids[LEVEL])
        out = []
        for each in wanted:
            if each.kind == LEVEL and each.id in told:
                out.append((each.place, level_subject(told[each.id])))
            elif each.id in signals:
                row = signals[each.id]
                out.append((row.sequence, signal_of(self._services, row.message)))
        return out

    def _entries(self, found: Sequence[Numbered], seen: _Seen) -> list[Entry] | None:
        """None where a record has changed between numbering and reading: read again."""
        entries = []
        for each in found:
            if each.gone:
                fields = {_ID[each.kind]: each.id}
                entries.append(Entry(each.number, each.kind, each.id, removed=True, fields=fields))
                continue
            place, release = seen.releases.get(each.id, (0, None))
            if release is None:
                continue
            if place != each.place:
                return None
            entries.append(
                Entry(
                    each.number, each.kind, each.id, removed=False,
                    fields=jsonable(release.fields), obligations=jsonable(release.obligations),
                    agreement=release.agreement,
                )
            )  # fmt: skip
        return entries

    async def _gate(self, kind: str, subjects: Sequence[Subject]) -> Batch | Refusal:
        return await self._services.gate.release_all(
            self._asker,
            self._stated.purpose,
            subjects,
            kind=kind,
            wanted=self._chosen.of_kind(kind),
            **self._stated.terms(),
        )


def _changed(each: Numbered) -> Changed:
    return Changed(each.place, each.kind, each.id, removed=False)


def _view(asker: Asker, stated: Stated, chosen: SignalFilter) -> str:
    """Name a feed after everything that decides what is shown in it, and nothing else."""
    told = [
        [
            asker.agency,
            asker.agency_type,
            asker.role,
            asker.vetting,
            *sorted(asker.case_membership),
        ],
        [stated.purpose, bool(stated.justification), stated.emergency is not None],
        [chosen.area, chosen.strand, chosen.status],
    ]
    return stable_id("view", json.dumps(told))


def _digest(release: Release) -> str:
    """Of what is shown. Obligations are left out: their days move on from day to day."""
    told = json.dumps(jsonable(release.fields), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
