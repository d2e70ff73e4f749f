"""Lets the policy follow what officers decided, and writes down what days and folder bring about.

Every node of the API looks at the store once a second. So a decision that another node took is in
force here within two, and a node that has not heard from the store for longer permits nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from policies.agreements import Agreement, AgreementInvalid
from policies.bundle import Bundle
from sharing_api.agreements import records, wording
from sharing_api.agreements.states import (
    OF_THE_DAY,
    SEEDED,
    UNSEEDED,
    Event,
    State,
    Version,
    governed,
    standing,
    states,
)
from sharing_api.store.ledger import LedgerEntry
from sharing_api.store.ledger_writing import append_rows
from sharing_api.store.upsert import in_session

log = structlog.get_logger(__name__)

SECONDS: Final = 1.0
"""How often the store is looked at."""
FOLDER: Final = "folder"

Sessions = async_sessionmaker[AsyncSession]
Told = tuple[Version, str]


class InForce(Protocol):
    """What stands now (`policies.following.Held`)."""

    @property
    def bundle(self) -> Bundle:
        """Its bundle."""


class Following(Protocol):
    """What the policy engine follows (`policies.following.AgreementFolder`)."""

    def files(self) -> tuple[Agreement, ...]:
        """The usable agreements of the operator's folder."""

    def amend(self, decided: Mapping[str, Agreement]) -> InForce:
        """Let what officers decided stand over the files, by id."""


class Keeper:
    """One for each node of the API."""

    def __init__(
        self,
        following: Following,
        sessions: Sessions,
        reading: Sessions,
        clock: Callable[[], datetime],
    ) -> None:
        """`clock` says which day it is, in UTC."""
        self._following = following
        self._sessions = sessions
        self._reading = reading
        self._clock = clock
        self._decided: Mapping[str, Agreement] = {}
        self._read: tuple[int, date] | None = None
        self._settled: tuple[int, date, tuple[Agreement, ...]] | None = None
        self._lock = asyncio.Lock()

    async def run(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(SECONDS)
            await self.look()

    async def look(self) -> None:
        """Refresh. A store that is away, or holds what cannot be read, lets the policy close."""
        try:
            await self.refresh()
        except (SQLAlchemyError, OSError, AgreementInvalid) as error:
            log.warning("agreements.unheard", fault=type(error).__name__)

    async def refresh(self) -> str:
        """Put in force what stands now, and give the revision. Raises SQLAlchemyError, OSError."""
        async with self._lock:
            today = self._clock().date()
            files = await asyncio.to_thread(self._following.files)
            async with self._reading() as session:
                last = await records.last(session)
                if self._read != (last, today):
                    versions = await records.versions(session)
                    events = await records.history(session)
                    self._decided = dict(_decided(versions, events, today))
                    self._read = (last, today)
            held = await asyncio.to_thread(self._following.amend, self._decided)
            if self._settled != (last, today, files):
                async with self._sessions.begin() as session:
                    await in_session(session, settle, files, self._clock())
                self._settled = (last, today, files)
            return held.bundle.revision


def settle(connection: Connection, files: Sequence[Agreement], now: datetime) -> None:
    """Write down what has come about by itself: files that came or went, days that were reached."""
    records.lock(connection)
    versions, events = records.everything(connection)
    for told in (*_folder(versions, events, files, now), *_days(versions, events, now.date())):
        version, kind = told
        records.add_version(connection, version)
        append_rows(connection, [_entry(version, kind, now, events)])
        records.add_event(connection, version, kind, now)


def _decided(
    versions: Iterable[Version], events: Iterable[Event], today: date
) -> Iterator[tuple[str, Agreement]]:
    for name, mine, happened in by_agreement(versions, events):
        if governed(happened):
            version, state = standing(mine, states(mine, happened, today))
            yield name, {**version.agreement, "status": state}


def by_agreement(
    versions: Iterable[Version], events: Iterable[Event]
) -> Iterator[tuple[str, list[Version], list[Event]]]:
    """Give each agreement with its versions and what happened to them."""
    happened: dict[str, list[Event]] = {}
    for event in events:
        happened.setdefault(event.agreement_id, []).append(event)
    ordered = sorted(versions, key=lambda each: (each.agreement_id, each.number))
    for name, group in groupby(ordered, key=lambda each: each.agreement_id):
        yield name, list(group), happened.get(name, [])


def _folder(
    versions: Sequence[Version],
    events: Sequence[Event],
    files: Iterable[Agreement],
    now: datetime,
) -> Iterator[Told]:
    """Files that have come and gone, of agreements on which officers have not acted."""
    theirs = {name for name, _, happened in by_agreement(versions, events) if governed(happened)}
    texts = {one["id"]: wording.write(one) for one in files if one["id"] not in theirs}
    there = {wording.digest(text): text for text in texts.values()}
    last = {e.digest: e.kind for e in events if e.kind in {SEEDED, UNSEEDED}}
    for version in versions:
        gone = version.digest not in there and version.agreement_id not in theirs
        if gone and last.get(version.digest) == SEEDED:
            yield version, UNSEEDED
    for name, text in there.items():
        if last.get(name) != SEEDED:
            yield _file(name, text, now), SEEDED


def _file(name: str, text: str, now: datetime) -> Version:
    meant: dict[str, Any] = wording.meaning(name, text)
    return Version(name, meant["id"], meant["version"], text, FOLDER, "", "hub", now, meant)


def _days(versions: Iterable[Version], events: Iterable[Event], today: date) -> Iterator[Told]:
    known = records.known_of_the_day(list(events))
    for _, mine, happened in by_agreement(versions, events):
        found: Mapping[str, State] = states(mine, happened, today)
        for version in mine:
            state = found[version.digest]
            if state in OF_THE_DAY and (version.digest, state) not in known:
                yield version, state


def _entry(version: Version, kind: str, now: datetime, events: Iterable[Event]) -> LedgerEntry:
    before = sum(1 for e in events if (e.digest, e.kind) == (version.digest, kind))
    return LedgerEntry(
        operation="alteration",
        actor="hub",
        agency="hub",
        record_ids=(f"{version.agreement_id}@{version.number}",),
        detail={"agreement": kind, "digest": version.digest},
        at=now,
        key=f"agreement:{version.digest}:{kind}:{before}",
    )
