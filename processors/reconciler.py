"""The loop that every stateful processor runs in: state is a replay, output is the difference.

A core turns input records into keyed outputs, whole ones. On start the reconciler replays the
input, reads what stands on the output topic, and publishes what differs; afterwards it applies
each new record and publishes what changed. Input is acknowledged after the broker holds the
output. So a crash at any moment may repeat an output, identical, but neither loses nor doubles one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from processors import metrics
from processors.log import Decoder, LogReader, LogRecord
from processors.publisher import Publisher
from schemas.connection import KafkaConnection

Log = structlog.get_logger


class Core(Protocol):
    """A processor without Kafka: a function from the records so far to keyed outputs."""

    @property
    def name(self) -> str:
        """The processor's name."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Topics that it reads."""

    @property
    def output(self) -> str:
        """Topic that it writes."""

    @property
    def key(self) -> str:
        """Field of an output that is its key."""

    def stood(self, key: str, value: dict[str, Any]) -> None:
        """Learn on start what the output topic holds."""

    def apply(self, record: LogRecord) -> None:
        """Take one input record."""

    def changes(self, *, whole: bool = False) -> Sequence[Mapping[str, Any]]:
        """Give the outputs that differ from what stands, and hold them for standing.

        With `whole`, everything is compared, not only what recent records touched.
        """

    def audit(self, output: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """Give the audit entries that publishing an output calls for."""


class Reconciler:
    """Runs one core against the broker."""

    def __init__(
        self, core: Core, connection: KafkaConnection, decoder: Decoder, publisher: Publisher
    ) -> None:
        """Nothing is read yet; `ready` is set once the output stands."""
        self.core = core
        self.ready = asyncio.Event()
        self._publisher = publisher
        self._input = LogReader(connection, core.inputs, decoder)
        self._output = LogReader(connection, (core.output,), decoder)
        self._positions: dict[tuple[str, int], int] = {}
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Replay, compare, publish the difference."""
        await self._output.start()
        await self._output.catch_up(self._note_standing)
        await self._output.stop()
        await self._input.start()
        count = await self._catch_up(self._say_progress)
        await self._publish(whole=True)
        Log().info("replayed", processor=self.core.name, records=count)
        self.ready.set()

    def _note_standing(self, record: LogRecord) -> None:
        if record.value is not None:
            self.core.stood(record.key, record.value)

    def _say_progress(self, count: int) -> None:
        Log().info("replaying", processor=self.core.name, records=count)

    async def stop(self) -> None:
        """Disconnect."""
        await self._input.stop()

    async def take(self, records: list[LogRecord]) -> None:
        """Apply records of the consumer group, skipping what the replay has applied already.

        A gap before a record means that another worker had its partition: the log is read again
        up to its end first.
        """
        async with self._lock:
            for record in records:
                if record.offset > self._positions.get((record.topic, record.partition), 0):
                    await self._catch_up()
                self._apply_once(record)
            await self._publish()

    async def refresh(self) -> None:
        """Apply everything on the log that the consumer group does not bring (ticks, reviews)."""
        async with self._lock:
            await self._catch_up()
            await self._publish()

    async def look_again(self) -> None:
        """Publish what the core finds changed without a new record, such as by time."""
        async with self._lock:
            await self._publish()

    async def _catch_up(self, progress: Callable[[int], None] | None = None) -> int:
        return await self._input.catch_up(self._apply_once, progress)

    def _apply_once(self, record: LogRecord) -> None:
        place = (record.topic, record.partition)
        if record.offset >= self._positions.get(place, 0):
            self._positions[place] = record.offset + 1
            self.core.apply(record)

    async def _publish(self, *, whole: bool = False) -> None:
        core, send = self.core, self._publisher.send
        for output in core.changes(whole=whole):
            await send(core.output, str(output[core.key]), output)
            for entry in core.audit(output):
                await send("hub.audit.v1", entry["audit_id"], entry)
            metrics.PUBLISHED.labels(core.name, core.output).inc()
        await self._publisher.flush()
        for (topic, partition), offset in self._positions.items():
            metrics.POSITION.labels(core.name, topic, str(partition)).set(offset)
