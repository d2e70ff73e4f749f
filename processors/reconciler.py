"""The loop that every stateful processor runs in: state is a replay, output is the difference.

A core turns input records into keyed outputs, whole ones. On start the reconciler replays the
input; on taking over it reads what stands on the output topic and publishes what differs;
afterwards it applies new records in batches, as many as are there, and publishes what changed. No
position is kept anywhere: the output tells what has been done. So a crash at any moment may repeat
an output, identical, but neither loses nor doubles one.

A core whose replay takes long may have a memory: what it knew at some moment, and where its input
and output stood then. The reconciler then begins there, replays what came since, and compares only
what is touched by that or was written since. Without a memory that fits the log, it begins at the
beginning.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any, Protocol

from processors import metrics
from processors.log import Decoder, LogReader, LogRecord, Mark, Place
from processors.progress import Progress
from processors.publisher import Publisher
from schemas.connection import KafkaConnection


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


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where a core's input and output stood when its memory was kept."""

    inputs: Mapping[Place, Mark]
    outputs: Mapping[Place, int]
    """From these offsets on the output may hold what the memory does not know of."""


class Memory(Protocol):
    """What a core knew at some moment, outside the process."""

    def bookmark(self) -> Bookmark | None:
        """Where the log stood when it was kept; None if there is nothing, or nothing usable."""

    def recall(self) -> bool:
        """Fill the core with it; False, and the core as it was, if it turns out to be unusable."""

    def refuse(self, reason: str) -> None:
        """Hear that it does not fit the log."""

    def due(self, inputs: Mapping[Place, Mark]) -> bool:
        """Whether it is time to keep what the core knows now."""

    def keep(self, bookmark: Bookmark) -> None:
        """Keep what the core knows now; returns soon."""

    def leave(self) -> None:
        """Hear that this worker publishes nothing, so that its memory is not renewed."""


class Reconciler:
    """Runs one core against the broker. It publishes once it has taken over, until it yields."""

    def __init__(
        self,
        core: Core,
        connection: KafkaConnection,
        decoder: Decoder,
        publisher: Publisher,
        secret: bytes | None = None,
        memory: Memory | None = None,
    ) -> None:
        """Nothing is read yet. Given the hub's log secret, only what bears its stamp counts."""
        self.core = core
        self._publisher = publisher
        self._input = LogReader(connection, core.inputs, decoder, secret)
        self._output = partial(LogReader, connection, (core.output,), decoder, secret)
        self._leads = False
        self._behind = False
        self._published_at = 0.0
        self._memory = memory
        self._seen: Mapping[Place, int] | None = None
        self._progress = Progress(core.name)

    @property
    def leads(self) -> bool:
        """Whether this worker has caught up and is the one that publishes."""
        return self._leads

    async def start(self) -> None:
        """Replay the input up to its present end, from its beginning or from what is remembered."""
        await self._input.start()
        self._progress.begin("memory")
        await self._recall()
        self._progress.begin("replay", await self._input.left())
        await self._catch_up(self._progress)

    async def _recall(self) -> None:
        """Begin with what the memory holds, if it fits the log."""
        memory = self._memory
        bookmark = memory.bookmark() if memory is not None else None
        if memory is None or bookmark is None:
            return
        if not await self._input.resume(bookmark.inputs):
            memory.refuse("it was kept of another log")
        elif await asyncio.to_thread(memory.recall):
            self._seen = bookmark.outputs
        else:
            await self._input.rewind()

    async def take_over(self) -> None:
        """Read what stands, publish what differs from it, and publish changes from now on.

        With a memory only what was written since is read, and only what that or the input touched
        is compared.
        """
        output = self._output()
        await output.start(at=self._seen)
        self._progress.begin("output", await output.left())
        await output.catch_up(self._note_standing, self._progress)
        await output.stop()
        await self._catch_up()
        self._progress.begin("publish")
        count = await self._publish(whole=self._seen is None)
        if self._memory is not None:
            self._seen = {**(self._seen or {}), **output.positions}
        self._progress.end(published=count)
        self._leads = True
        await self._keep()

    def give_up(self) -> None:
        """Publish nothing from now on: another worker does."""
        self._leads = False
        if self._memory is not None:
            self._memory.leave()

    async def follow(self) -> None:
        """Wait a moment for records, apply them, and publish what changed if it is time to."""
        for record in await self._input.read():
            self.core.apply(record)
            self._behind = True
        wait = self.core.pause if self._behind else self.core.patience
        if self._leads and monotonic() >= self._published_at + wait:
            await self._publish()
            await self._keep()

    async def _keep(self) -> None:
        """Let the memory be renewed, if it is time to.

        Of the output it remembers where that stood at the time before, or when this worker took
        over: what a predecessor that was thought dead still wrote in between is read again.
        """
        if self._memory is None or not self._memory.due(self._input.marks):
            return
        self._memory.keep(Bookmark(dict(self._input.marks), self._seen or {}))
        self._seen = await self._input.ends_of(self.core.output)

    async def stop(self) -> None:
        """Disconnect."""
        await self._input.stop()

    def _note_standing(self, record: LogRecord) -> None:
        if record.value is not None:
            self.core.stood(record.key, record.value)

    async def _catch_up(self, progress: Callable[[int], None] | None = None) -> int:
        return await self._input.catch_up(self.core.apply, progress)

    async def _publish(self, *, whole: bool = False) -> int:
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
        return count
