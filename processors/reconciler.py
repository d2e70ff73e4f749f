"""The loop that every stateful processor runs in: state is a replay, output is the difference.

A core turns input records into keyed outputs, whole ones. On start the reconciler replays the
input; on taking over it reads what stands on the output topic and publishes what differs;
afterwards it applies new records in batches, as many as are there, and publishes what changed. No
position is kept anywhere: the output tells what has been done. So a crash at any moment may repeat
an output, identical, but neither loses nor doubles one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from time import monotonic
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

    @property
    def pause(self) -> float:
        """Seconds between two publications at least, for a core whose output sums up its input."""

    @property
    def patience(self) -> float:
        """Seconds after which the core is asked for changes though nothing has come."""

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
    """Runs one core against the broker. It publishes once it has taken over, until it yields."""

    def __init__(
        self,
        core: Core,
        connection: KafkaConnection,
        decoder: Decoder,
        publisher: Publisher,
        secret: bytes | None = None,
    ) -> None:
        """Nothing is read yet. Given the hub's log secret, only what bears its stamp counts."""
        self.core = core
        self._publisher = publisher
        self._input = LogReader(connection, core.inputs, decoder, secret)
        self._output = partial(LogReader, connection, (core.output,), decoder, secret)
        self._leads = False
        self._behind = False
        self._published_at = 0.0

    @property
    def leads(self) -> bool:
        """Whether this worker has caught up and is the one that publishes."""
        return self._leads

    async def start(self) -> None:
        """Replay the input up to its present end."""
        await self._input.start()
        count = await self._catch_up(self._say_progress)
        Log().info("replayed", processor=self.core.name, records=count)

    async def take_over(self) -> None:
        """Read what stands, publish what differs from it, and publish changes from now on."""
        output = self._output()
        await output.start()
        await output.catch_up(self._note_standing)
        await output.stop()
        await self._catch_up()
        await self._publish(whole=True)
        self._leads = True

    def give_up(self) -> None:
        """Publish nothing from now on: another worker does."""
        self._leads = False

    async def follow(self) -> None:
        """Wait a moment for records, apply them, and publish what changed if it is time to."""
        for record in await self._input.read():
            self.core.apply(record)
            self._behind = True
        wait = self.core.pause if self._behind else self.core.patience
        if self._leads and monotonic() >= self._published_at + wait:
            await self._publish()

    async def stop(self) -> None:
        """Disconnect."""
        await self._input.stop()

    def _note_standing(self, record: LogRecord) -> None:
        if record.value is not None:
            self.core.stood(record.key, record.value)

    def _say_progress(self, count: int) -> None:
        Log().info("replaying", processor=self.core.name, records=count)

    async def _catch_up(self, progress: Callable[[int], None] | None = None) -> int:
        return await self._input.catch_up(self.core.apply, progress)

    async def _publish(self, *, whole: bool = False) -> None:
        core, send = self.core, self._publisher.send
        count = 0
        for output in core.changes(whole=whole):
            count += 1
            await send(core.output, str(output[core.key]), output)
            for entry in core.audit(output):
                await send("hub.audit.v1", entry["audit_id"], entry)
        await self._publisher.flush()
        self._behind, self._published_at = False, monotonic()
        metrics.PUBLISHED.labels(core.name, core.output).inc(count)
        for (topic, partition), offset in self._input.positions.items():
            metrics.POSITION.labels(core.name, topic, str(partition)).set(offset)
