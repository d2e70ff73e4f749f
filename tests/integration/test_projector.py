"""The projector against a log that can break, restart empty, or be replayed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas import codec, envelope
from schemas.keyring import Keyring
from sharing_api.feeds.changes import Changes
from sharing_api.projector import loop, projection
from sharing_api.projector.audit import auditing
from sharing_api.projector.loop import Projector
from sharing_api.projector.messages import Message, MessageReader
from sharing_api.projector.positions import Partition
from sharing_api.projector.progress import Progress
from sharing_api.store import migrate, queries
from sharing_api.store.base import Base
from sharing_api.store.engine import make_engine, make_sessions
from sharing_api.store.ledger import Ledger
from sharing_api.store.tables import AlertRow, SignalRow
from tests.integration.test_api.world import (
    IDS,
    MOMENT,
    agency,
    alert,
    emptied,
    item,
    receipt,
    signal,
)

SIGNALS = ("hub.tension-signal.v1", 0)


@dataclass
class FakeLog:
    """Partitions in memory; `away` makes every call fail, `reset` gives an empty new log."""

    records: dict[Partition, list[Message]] = field(default_factory=dict)
    away: bool = False
    batch: int = 3
    _at: dict[Partition, int] = field(default_factory=dict)
    _ends: dict[Partition, int] = field(default_factory=dict)

    def write(
        self,
        topic: str,
        key: str,
        kind: str,
        record: Mapping[str, Any] | None,
        *,
        secret: bytes | None = None,
    ) -> None:
        """Append one message."""
        value = None
        if record is not None:
            value = codec.frame(IDS.id_of(kind), codec.encode(kind, record))
        headers = envelope.headers(id_=key, source="/hub/test", type_=kind, time=MOMENT)
        if secret is not None and value is not None:
            headers = envelope.stamp(secret, topic, key.encode(), headers, value)
        written = self.records.setdefault((topic, 0), [])
        at = MOMENT + timedelta(seconds=len(written))
        written.append(Message(topic, 0, len(written), key.encode(), value, headers, at))

    def reset(self) -> None:
        """What an ephemeral broker does when it is restarted."""
        self.records = {partition: [] for partition in self.records}

    def _check(self) -> None:
        if self.away:
            raise ConnectionError("broker")

    async def open(self) -> None:
        """Connect."""
        self._check()

    async def close(self) -> None:
        """Disconnect."""

    async def partitions(self) -> frozenset[Partition]:
        """What is there."""
        self._check()
        return frozenset(self.records)

    def assign(self, offsets: Mapping[Partition, int]) -> None:
        """Read from these offsets."""
        self._at = dict(offsets)
        self._ends = {}

    async def fetch(self) -> Sequence[Message]:
        """A few messages of each partition."""
        self._check()
        await asyncio.sleep(0.001)
        out: list[Message] = []
        for partition, start in self._at.items():
            held = self.records.get(partition, [])
            some = held[start : start + self.batch]
            out += some
            self._at[partition] = start + len(some)
            self._ends[partition] = len(held)
        return out

    def end(self, partition: Partition) -> int | None:
        """As of the latest fetch."""
        return self._ends.get(partition)


@dataclass
class Store:
    """A database, and a projector that can be stopped and started on it."""

    engine: AsyncEngine
    log: FakeLog
    log_secret: Any = None
    task: asyncio.Task[None] | None = None
    progress: Progress = field(default_factory=Progress)
    changes: Changes = field(default_factory=Changes)

    def start(self) -> None:
        """Run a fresh projector."""
        self.progress = Progress()
        sessions = make_sessions(self.engine)
        projector = Projector(
            self.log,
            sessions,
            MessageReader(IDS, self.log_secret),
            auditing(Ledger(sessions)),
            self.changes.ring,
            self.progress,
        )
        self.task = asyncio.create_task(projector.run())

    async def stop(self) -> None:
        """As a process dies: at once."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until all that is in the log is in the store."""
        async with asyncio.timeout(20):
            while not self.progress.caught_up or await self._behind():
                await self.changes.wait("any", 0, 0.01)

    async def _behind(self) -> bool:
        async with self.engine.connect() as connection:
            query = text("SELECT topic, next_offset FROM projector_positions")
            there = {line[0]: line[1] for line in await connection.execute(query)}
        return any(
            there.get(topic, 0) != len(written) for (topic, _), written in self.log.records.items()
        )

    async def rows(self, table: type[Base]) -> list[dict[str, Any]]:
        """All rows of a table."""
        async with self.engine.connect() as connection:
            found = await connection.execute(select(table.__table__))
            return [dict(line) for line in found.mappings()]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store and an empty log."""
    given = os.environ.get("CONCORD_TEST_DATABASE_URL")
    url = await emptied(given) if given else f"sqlite:///{tmp_path}/store.db"
    engine = make_engine(url)
    await migrate.upgrade(engine)
    made = Store(engine, FakeLog())
    yield made
    await made.stop()
    await engine.dispose()


def tell(log: FakeLog, name: str, **other: Any) -> None:
    """Write a signal."""
    log.write(SIGNALS[0], name, "tension-signal.v1", signal(name, **other))


async def test_a_kill_at_any_moment_neither_loses_nor_doubles(store: Store) -> None:
    """Stopped and started over and over, the store ends as after an undisturbed run."""
    for n in range(60):
        tell(store.log, f"sig_{n % 7}", observed=n)
        store.log.write("hub.alert.v1", f"alt_{n % 5}", "alert.v1", alert(f"alt_{n % 5}", ["i"]))
    for n in range(12):
        store.start()
        await asyncio.sleep(0.003 * n)
        await store.stop()
    store.start()
    await store.settled()
    signals = await store.rows(SignalRow)
    assert sorted(row["signal_id"] for row in signals) == [f"sig_{n}" for n in range(7)]
    assert {
        codec.decode("tension-signal.v1", row["message"][5:])["observed"] for row in signals
    } == {*range(53, 60)}
    assert len(await store.rows(AlertRow)) == 5


async def test_a_replay_changes_no_sequence(store: Store) -> None:
    """Positions are lost, everything is read again, and no subscriber is told anything."""
    for n in range(5):
        tell(store.log, f"sig_{n}")
        store.log.write("hub.alert.v1", f"alt_{n}", "alert.v1", alert(f"alt_{n}", ["i"]))
    store.start()
    await store.settled()
    before = await store.rows(SignalRow), await store.rows(AlertRow)
    await store.stop()
    async with store.engine.begin() as connection:
        await connection.execute(text("DELETE FROM projector_positions"))
    store.start()
    await store.settled()
    assert (await store.rows(SignalRow), await store.rows(AlertRow)) == before


@pytest.mark.parametrize("running", [True, False])
@pytest.mark.parametrize("count", [1, 3, 8])
async def test_a_broker_that_starts_empty_is_read_from_its_beginning(
    store: Store, *, running: bool, count: int
) -> None:
    """The new log may be shorter, as long or longer than the one that was read."""
    for n in range(3):
        tell(store.log, f"old_{n}")
    store.start()
    await store.settled()
    if not running:
        await store.stop()
    store.log.away = True
    await asyncio.sleep(0.05)
    store.log.reset()
    for n in range(count):
        tell(store.log, f"new_{n}")
    store.log.away = False
    if not running:
        store.start()
    await store.settled()
    names = {row["signal_id"] for row in await store.rows(SignalRow)}
    assert {f"new_{n}" for n in range(count)} <= names


async def test_an_agency_that_comes_up_has_its_receipts_read_without_a_restart(
    store: Store,
) -> None:
    """Its topic is found from its row."""
    store.log.write("hub.agency.v1", "north-council", "agency.v1", agency("north-council"))
    store.start()
    await store.settled()
    for name in ("wyp", "north-council"):
        topic = f"agency.{name}.receipt.v1"
        store.log.write(topic, "e1", "receipt.v1", receipt("e1", owner=name))
    store.log.write("hub.agency.v1", "wyp", "agency.v1", agency("wyp"))
    await store.settled()
    async with make_sessions(store.engine)() as session:
        for name in ("wyp", "north-council"):
            assert list(await queries.receipts_of(session, name, ["e1"])) == ["e1"]


async def test_audit_entries_come_into_the_ledger_once(store: Store) -> None:
    """Though the audit topic is read twice."""
    for n in range(4):
        entry: dict[str, Any] = {
            "audit_id": f"aud_{n}",
            "operation": "collection",
            "at": None,
            "actor": "intake",
            "subject_ids": [f"inc_{n}"],
            "detail": {},
        }
        store.log.write("hub.audit.v1", f"aud_{n}", "audit.v1", entry)
    for _ in range(2):
        async with store.engine.begin() as connection:
            await connection.execute(text("DELETE FROM projector_positions"))
        store.start()
        await store.settled()
        await store.stop()
    entries = await Ledger(make_sessions(store.engine)).read()
    assert [entry.record_ids for entry in entries] == [(f"inc_{n}",) for n in range(4)]


async def test_what_does_not_bear_the_stamp_is_passed_over(store: Store, tmp_path: Path) -> None:
    """Unstamped, forged and foreign messages are counted; the next good one is projected."""
    ring = Keyring.create(tmp_path / "keys")
    store.log_secret = ring.log_secret
    tell(store.log, "unstamped")
    forged = signal("forged")
    store.log.write(SIGNALS[0], "forged", "tension-signal.v1", forged, secret=bytes(32))
    held = store.log.records[SIGNALS]
    held.append(Message(*SIGNALS, 2, b"junk", b"garbage", (), MOMENT))
    good = signal("good")
    store.log.write(SIGNALS[0], "good", "tension-signal.v1", good, secret=ring.log_secret)
    store.start()
    await store.settled()
    assert [row["signal_id"] for row in await store.rows(SignalRow)] == ["good"]
    assert store.progress.unreadable == {SIGNALS[0]: 3}


async def test_a_database_that_fails_loses_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The projector waits, says so, and goes on where the store stands."""
    real, failures = projection.project, 3

    def failing(*arguments: Any) -> Any:
        nonlocal failures
        touched = real(*arguments)
        if failures:
            failures -= 1
            raise OperationalError("INSERT", {}, Exception("disk"))
        return touched

    monkeypatch.setattr(projection, "project", failing)
    monkeypatch.setattr(loop, "BACK_OFF_SECONDS", (0.01,) * 5)
    for n in range(10):
        tell(store.log, f"sig_{n}")
    store.start()
    await store.settled()
    assert len(await store.rows(SignalRow)) == 10
    assert failures == 0


async def test_two_projectors_on_one_database_agree(store: Store) -> None:
    """Two API nodes project the same log; each change has one sequence."""
    other = Store(store.engine, FakeLog(store.log.records))
    for n in range(40):
        tell(store.log, f"sig_{n}")
    store.start()
    other.start()
    await store.settled()
    await other.stop()
    rows = await store.rows(SignalRow)
    assert sorted(row["sequence"] for row in rows) == list(range(1, 41))


async def test_a_tombstone_takes_the_row_away(store: Store) -> None:
    """Counted items are deleted; signals stay as tombstones with a new sequence."""
    store.log.write("hub.tension.v1", "itm", "tension-item.v1", item("itm"))
    tell(store.log, "sig")
    store.start()
    await store.settled()
    store.log.write("hub.tension.v1", "itm", "tension-item.v1", None)
    store.log.write(SIGNALS[0], "sig", "tension-signal.v1", None)
    await store.settled()
    (row,) = await store.rows(SignalRow)
    assert (row["removed"], row["sequence"]) == (True, 2)
    async with store.engine.connect() as connection:
        left = await connection.execute(text("SELECT count(*) FROM tension_items"))
        assert left.scalar_one() == 0
