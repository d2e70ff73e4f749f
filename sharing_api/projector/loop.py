"""The projector: reads the hub's topics and every agency's receipts, and keeps the store in step.

Rows and positions are written in one transaction, so each message counts exactly once, whatever
dies when. Any failure of broker, database or registry means: wait a little, take the positions from
the store, go on. Audit entries are appended to the ledger first, each under its own id, so that a
second attempt appends nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from schemas import topics
from sharing_api.projector import positions, projection
from sharing_api.projector.course import Course
from sharing_api.projector.log import Log
from sharing_api.projector.messages import Change, Message, MessageReader, Unreadable
from sharing_api.projector.positions import Overtaken, Partition
from sharing_api.projector.progress import Progress
from sharing_api.store.direct import DirectWriter
from sharing_api.store.tables import AgencyRow

log = structlog.get_logger(__name__)

READER = "sharing_api.projector"
REFRESH_SECONDS = 2.0
BACK_OFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)

Sessions = async_sessionmaker[AsyncSession]
Audit = Callable[[Sequence[Change]], Awaitable[None]]
Notify = Callable[[frozenset[str]], Awaitable[None]]


class Projector:
    """Run it as one task; it ends only when cancelled."""

    def __init__(
        self,
        source: Log,
        sessions: Sessions,
        reader: MessageReader,
        audit: Audit,
        notify: Notify,
        progress: Progress,
    ) -> None:
        self.progress = progress
        self._source = source
        self._sessions = sessions
        self._writer = DirectWriter(sessions.kw["bind"], "projector")
        self._reader = reader
        self._audit = audit
        self._notify = notify
        self._assigned: frozenset[Partition] = frozenset()
        self._refresh_at = 0.0

    async def run(self) -> None:
        """Follow the log; come back by itself after any failure."""
        failures = 0
        try:
            while True:
                before = self.progress.projected
                try:
                    await self._follow()
                except Overtaken:
                    continue
                except Exception as error:  # noqa: BLE001 (broker, store, registry, ledger, ours)
                    failures = 0 if self.progress.projected > before else failures + 1
                    fault = type(error).__name__
                    self.progress.failed(fault)
                    log.warning("projector.waiting", fault=fault, failures=failures)
                    await asyncio.sleep(BACK_OFF_SECONDS[min(failures, 4)])
        finally:
            await self._source.close()

    async def _follow(self) -> None:
        await self._source.close()
        async with self._sessions() as session:
            course = Course(await positions.load(session))
        await self._source.open()
        self.progress.connected = True
        self._assigned = frozenset()
        self._refresh_at = 0.0
        try:
            while True:
                await self._step(course)
        finally:
            self.progress.connected = False

    async def _step(self, course: Course) -> None:
        if monotonic() >= self._refresh_at:
            await self._assign(course)
        if not self._assigned:
            await asyncio.sleep(0.2)
            return
        messages, foreign = course.accept(await self._source.fetch())
        foreign |= self._shrunk(course)
        if messages:
            await _uninterrupted(self._write(course, messages))
        if foreign:
            log.warning("projector.new_log", topics=sorted({topic for topic, _ in foreign}))
            self._source.assign(course.offsets(self._assigned))
        self._measure(course)

    def _shrunk(self, course: Course) -> set[Partition]:
        found = set()
        for partition in self._assigned:
            end = self._source.end(partition)
            if end is not None and course.shrunk(partition, end):
                course.restart(partition)
                found.add(partition)
        return found

    async def _assign(self, course: Course) -> None:
        """Take in topics and agencies that have come up since."""
        self._refresh_at = monotonic() + REFRESH_SECONDS
        async with self._sessions() as session:
            agencies = (await session.execute(select(AgencyRow.agency))).scalars().all()
        names = {topic.name for topic in topics.hub_topics() if READER in topic.read_by}
        names |= {
            topic.name
            for agency in agencies
            for topic in topics.agency_topics(agency)
            if READER in topic.read_by
        }
        existing = await self._source.partitions()
        wanted = frozenset(partition for partition in existing if partition[0] in names)
        if wanted != self._assigned:
            self._assigned = wanted
            self._source.assign(course.offsets(wanted))

    async def _write(self, course: Course, messages: Sequence[Message]) -> None:
        changes = await asyncio.to_thread(self._read, messages)
        audits = [change for change in changes if change.kind == "audit.v1" and change.record]
        if audits:
            await self._audit(audits)
        after = course.after(messages)

        def work(connection: Connection) -> frozenset[str]:
            positions.move(connection, course.stored, after)
            return projection.project(connection, changes)

        touched = await self._writer.run(work)
        course.stored |= after
        self.progress.projected += len(messages)
        if "agency.v1" in touched:
            self._refresh_at = 0.0
        if touched:
            await self._notify(touched)

    def _read(self, messages: Sequence[Message]) -> list[Change]:
        changes = []
        for message in messages:
            try:
                changes.append(self._reader.read(message))
            except Unreadable as fault:
                name = message.topic
                self.progress.unreadable[name] = self.progress.unreadable.get(name, 0) + 1
                log.warning(
                    "projector.unreadable",
                    topic=name,
                    partition=message.partition,
                    offset=message.offset,
                    fault=str(fault),
                )
        return changes

    def _measure(self, course: Course) -> None:
        self.progress.fault = None
        lags: dict[str, int] = {}
        known = bool(self._assigned)
        for partition in self._assigned:
            lag = course.lag(partition, self._source.end(partition))
            known = known and lag is not None
            lags[partition[0]] = lags.get(partition[0], 0) + (lag or 0)
        self.progress.lag = lags
        self.progress.caught_up = known and not any(lags.values())
        self.progress.once_caught_up |= self.progress.caught_up


async def _uninterrupted(work: Coroutine[Any, Any, None]) -> None:
    """Let a batch end before a cancellation takes effect: half a transaction keeps its lock."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise
