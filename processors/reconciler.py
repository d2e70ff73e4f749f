"""The loop that every stateful processor runs in: state is a replay, output is the difference.

A core turns input records into keyed outputs, whole ones. On start the reconciler replays the
input, reads what stands on the output topic, and publishes what differs; afterwards it applies
each new record and publishes what changed. Input is acknowledged after the broker holds the
output. So a crash at any moment may repeat an output, identical, but neither loses nor doubles one.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Protocol

import structlog

from processors.log import Decoder, LogReader, LogRecord
from processors.publisher import Publisher
from schemas import codec, topics
from schemas.connection import KafkaConnection

Log = structlog.get_logger


class Core(Protocol):
    """A processor without Kafka: a function from the records so far to keyed outputs."""

    name: str
    inputs: tuple[str, ...]
    output: str

    def apply(self, record: LogRecord) -> Collection[str]:
        """Take one input record; name the output keys that may have changed."""

    def output_of(self, key: str) -> Mapping[str, Any] | None:
        """Give what should stand under a key now; None if nothing."""

    def keys(self) -> Iterable[str]:
        """Name every key under which something should stand."""

    def farewell(self, key: str, last: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Give what replaces `last` under a key that nothing stands under any more."""

    def audit(self, key: str) -> Iterable[Mapping[str, Any]]:
        """Give audit entries that publishing the key's present output calls for."""


class Reconciler:
    """Runs one core against the broker."""

    def __init__(
        self,
        core: Core,
        connection: KafkaConnection,
        decoder: Decoder,
        publisher: Publisher,
        on_progress: Callable[[str, int], None] | None = None,
    ) -> None:
        """`on_progress` hears processor name and records replayed."""
        self.core = core
        self.ready = asyncio.Event()
        self._publisher = publisher
        self._input = LogReader(connection, core.inputs, decoder)
        self._standing_log = LogReader(connection, (core.output,), decoder)
        self._standing: dict[str, bytes] = {}
        self._positions: dict[tuple[str, int], int] = {}
        self._lock = asyncio.Lock()
        self._progress = on_progress or (lambda _name, _count: None)
        self._record = topics.record_of(core.output)

    async def start(self) -> None:
        """Replay, compare, publish the difference."""
        last: dict[str, dict[str, Any]] = {}

        def note(record: LogRecord) -> None:
            if record.value is None:
                last.pop(record.key, None)
            else:
                last[record.key] = record.value

        await self._standing_log.start()
        await self._standing_log.catch_up(note)
        await self._standing_log.stop()
        for key, value in last.items():
            self._standing[key] = self._digest(value)
        await self._input.start()
        count = await self._catch_up()
        for key in [key for key in last if self.core.output_of(key) is None]:
            farewell = self.core.farewell(key, last[key])
            if farewell is not None:
                await self._publish(key, farewell)
        await self._publish_all(set(self.core.keys()))
        Log().info("replayed", processor=self.core.name, records=count, outputs=len(last))
        self.ready.set()

    async def stop(self) -> None:
        """Disconnect."""
        await self._input.stop()

    async def take(self, records: list[LogRecord]) -> None:
        """Apply records of the consumer group, skipping what the replay has applied already.

        A gap before a record means that another worker had its partition: the log is read again
        up to its end first.
        """
        async with self._lock:
            changed: set[str] = set()
            for record in records:
                place = (record.topic, record.partition)
                expected = self._positions.get(place, 0)
                if record.offset < expected:
                    continue
                if record.offset > expected:
                    changed |= await self._catch_up_changes()
                    continue
                self._positions[place] = record.offset + 1
                changed |= set(self.core.apply(record))
            await self._publish_all(changed)

    async def refresh(self) -> None:
        """Apply everything on the log that the consumer group does not bring (ticks, reviews)."""
        async with self._lock:
            await self._publish_all(await self._catch_up_changes())

    async def _catch_up(self) -> int:
        def apply(record: LogRecord) -> None:
            self._apply_once(record)

        return await self._input.catch_up(apply, lambda n: self._progress(self.core.name, n))

    async def _catch_up_changes(self) -> set[str]:
        changed: set[str] = set()
        await self._input.catch_up(lambda record: changed.update(self._apply_once(record)))
        return changed

    def _apply_once(self, record: LogRecord) -> Collection[str]:
        place = (record.topic, record.partition)
        if record.offset < self._positions.get(place, 0):
            return ()
        self._positions[place] = record.offset + 1
        return self.core.apply(record)

    async def _publish_all(self, keys: set[str]) -> None:
        for key in sorted(keys):
            output = self.core.output_of(key)
            if output is not None:
                await self._publish(key, output)
        await self._publisher.flush()

    async def _publish(self, key: str, output: Mapping[str, Any]) -> None:
        digest = self._digest(output)
        if self._standing.get(key) == digest:
            return
        await self._publisher.send(self.core.output, key, output)
        for entry in self.core.audit(key):
            await self._publisher.send("hub.audit.v1", entry["audit_id"], entry)
        self._standing[key] = digest

    def _digest(self, output: Mapping[str, Any]) -> bytes:
        return hashlib.blake2b(codec.encode(self._record, output), digest_size=16).digest()
