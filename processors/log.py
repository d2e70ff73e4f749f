"""Reading whole topics, from their beginning to where they end now.

A processor's state is what a replay of its input gives. The end is the high watermark that the
broker states in a fetch answer; asked for directly, the embedded broker names too small an offset,
so the larger of both counts.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from processors import metrics
from schemas import codec, topics
from schemas.connection import KafkaConnection
from schemas.envelope import stamped
from schemas.registry import SchemaIds

_METADATA_SECONDS = 0.2
_POLL_MILLISECONDS = 150
_FETCH_WAIT_MILLISECONDS = 50
_SILENCE_MILLISECONDS = 500
_BATCH = 500
_STOP_SECONDS = 5.0
_TRIES = 20


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record of a hub topic, decoded; `value` is None for a tombstone."""

    topic: str
    partition: int
    offset: int
    key: str
    value: dict[str, Any] | None
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """The last message that was read of a partition: where it stood, and what it was."""

    offset: int
    digest: bytes


Place = tuple[str, int]
"""A topic and the number of a partition."""


class Decoder:
    """Decodes values of hub topics, whichever version of their schema wrote them."""

    def __init__(self, schema_ids: SchemaIds) -> None:
        """Ids that are ours decode without asking the registry."""
        self._ids = schema_ids
        self._own: dict[int, str] = {}

    def __call__(self, topic: str, value: bytes | None) -> dict[str, Any] | None:
        """Decode a framed value. Raises `CodecError` for foreign bytes."""
        if value is None:
            return None
        schema_id, body = codec.unframe(value)
        record = topics.record_of(topic)
        if self._own.get(schema_id) == record:
            return codec.decode(record, body)
        if self._ids.id_of(record) == schema_id:
            self._own[schema_id] = record
            return codec.decode(record, body)
        return codec.decode(record, body, self._ids.writer_of(schema_id))


class LogReader:
    """Reads some hub topics without a consumer group, and remembers where it is."""

    def __init__(
        self,
        connection: KafkaConnection,
        names: Iterable[str],
        decoder: Decoder,
        secret: bytes | None = None,
    ) -> None:
        """Nothing is read before `start`.

        Given the hub's log secret, what does not bear its stamp is passed over and counted.
        """
        self.positions: dict[Place, int] = {}
        """The offset after the last message read, by topic and partition."""
        self.marks: dict[Place, Mark] = {}
        """The last message read of each partition."""
        self._secret = secret
        self._names = tuple(names)
        self._decode = decoder
        self._connection = connection
        self._consumer: AIOKafkaConsumer | None = None
        self._partitions: list[TopicPartition] = []

    async def start(self, *, late: bool = False, at: Mapping[Place, int] | None = None) -> None:
        """Connect, and stand at the beginning of every partition. The topics must exist.

        With `late`, stand near the end: where the broker says that it is, or a little before it.
        With `at`, stand at these offsets, and at the beginning of partitions that are not named.
        """
        consumer = AIOKafkaConsumer(
            **self._connection.client(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=_FETCH_WAIT_MILLISECONDS,
            max_partition_fetch_bytes=8 * 2**20,
        )
        await consumer.start()
        self._consumer = consumer
        for name in self._names:
            numbers = await _partitions(consumer, name)
            while not numbers:
                await asyncio.sleep(_METADATA_SECONDS)
                numbers = await _partitions(consumer, name)
            self._partitions += [TopicPartition(name, number) for number in sorted(numbers)]
        consumer.assign(self._partitions)
        await (consumer.seek_to_end() if late else consumer.seek_to_beginning())
        for (topic, partition), offset in (at or {}).items():
            consumer.seek(TopicPartition(topic, partition), offset)

    async def resume(self, marks: Mapping[Place, Mark]) -> bool:
        """Go on after these messages, if this is the log on which they were read.

        It is, if it is long enough, none of them stands there as something else, and one stands
        there still: compaction may have taken the others. If it is not, nothing has moved.
        """
        assert self._consumer is not None
        consumer, same = self._consumer, 0
        asked = [tp for tp in self._partitions if (tp.topic, tp.partition) in marks]
        ends = await consumer.end_offsets(asked)
        for tp in asked:
            mark = marks[tp.topic, tp.partition]
            found = await self._message_at(tp, mark.offset) if ends[tp] > mark.offset else None
            if found is None or (found.offset == mark.offset and _digest(found) != mark.digest):
                await self.rewind()
                return False
            same += found.offset == mark.offset
        if same == 0:
            await self.rewind()
            return False
        for tp in asked:
            consumer.seek(tp, marks[tp.topic, tp.partition].offset + 1)
            self.positions[tp.topic, tp.partition] = marks[tp.topic, tp.partition].offset + 1
        self.marks |= {place: marks[place] for place in marks if place in self.positions}
        return True

    async def _message_at(self, tp: TopicPartition, offset: int) -> Any:
        """The message at an offset, or the next one after it; None if none comes."""
        assert self._consumer is not None
        self._consumer.seek(tp, offset)
        for _ in range(_TRIES):
            batch = await self._consumer.getmany(tp, timeout_ms=_SILENCE_MILLISECONDS)
            if batch.get(tp):
                return batch[tp][0]
        return None

    async def rewind(self) -> None:
        """Stand at the beginning of every partition again, as if nothing had been read."""
        assert self._consumer is not None
        await self._consumer.seek_to_beginning(*self._partitions)
        self.positions, self.marks = {}, {}

    async def left(self) -> int:
        """How many messages there are still to read at most: compaction may have taken some."""
        assert self._consumer is not None
        ends = await self._consumer.end_offsets(self._partitions)
        return sum([int(end) - await self._consumer.position(tp) for tp, end in ends.items()])

    async def ends_of(self, topic: str) -> dict[Place, int]:
        """Where the broker says that a topic's partitions end."""
        assert self._consumer is not None
        numbers = await _partitions(self._consumer, topic)
        ends = await self._consumer.end_offsets([TopicPartition(topic, each) for each in numbers])
        return {(tp.topic, tp.partition): int(end) for tp, end in ends.items()}

    async def stop(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            await _stopped(self._consumer)

    async def ends(self) -> dict[tuple[str, int], int]:
        """Read and drop everything up to the present end; give the end of each partition."""
        assert self._consumer is not None
        await self.catch_up(lambda _record: None, decode=False)
        return {
            (tp.topic, tp.partition): int(await self._consumer.position(tp))
            for tp in self._partitions
        }

    async def catch_up(
        self,
        take: Callable[[LogRecord], None],
        progress: Callable[[int], None] | None = None,
        *,
        decode: bool = True,
    ) -> int:
        """Hand over every record up to the present end, in order within a partition.

        Gives how many; `progress` hears the running count. Without `decode` they are only counted.
        """
        assert self._consumer is not None
        consumer = self._consumer
        ends = {tp: int(end) for tp, end in (await consumer.end_offsets(self._partitions)).items()}
        count = 0
        while True:
            batch = await consumer.getmany(timeout_ms=_POLL_MILLISECONDS, max_records=5000)
            for messages in batch.values():
                if decode:
                    for record in self._records(messages):
                        take(record)
                count += len(messages)
            if progress and batch:
                progress(count)
            if not batch and await self._at_end(ends):
                return count
            await asyncio.sleep(0)

    async def _at_end(self, ends: dict[TopicPartition, int]) -> bool:
        assert self._consumer is not None
        for tp in self._partitions:
            watermark = self._consumer.highwater(tp)
            if watermark is None:
                return False
            if await self._consumer.position(tp) < max(watermark, ends[tp]):
                return False
        return True

    async def read(self) -> list[LogRecord]:
        """Give what has come, as soon as there is something; nothing after a while of silence."""
        assert self._consumer is not None
        batch = await self._consumer.getmany(timeout_ms=_SILENCE_MILLISECONDS, max_records=_BATCH)
        return [record for messages in batch.values() for record in self._records(messages)]

    async def tail(self) -> AsyncIterator[list[LogRecord]]:
        """Hand over what comes, in batches, until cancelled."""
        while True:
            if records := await self.read():
                yield records

    def _records(self, messages: Sequence[Any]) -> Iterator[LogRecord]:
        """Give the messages of one partition as records."""
        for message in messages:
            if self._vouched(message):
                yield LogRecord(
                    message.topic,
                    message.partition,
                    message.offset,
                    (message.key or b"").decode("utf-8", "replace"),
                    self._decode(message.topic, message.value),
                    datetime.fromtimestamp(message.timestamp / 1000, UTC),
                )
        last = messages[-1]
        self.positions[last.topic, last.partition] = last.offset + 1
        self.marks[last.topic, last.partition] = Mark(last.offset, _digest(last))

    def _vouched(self, message: Any) -> bool:
        if self._secret is None or stamped(
            self._secret, message.topic, message.key, message.headers, message.value or b""
        ):
            return True
        metrics.UNSTAMPED.labels(message.topic).inc()
        place = (message.topic, message.partition, message.offset)
        structlog.get_logger().warning("unstamped", place="/".join(map(str, place)))
        return False


def _digest(message: Any) -> bytes:
    """A digest of a message: what it is, and when the broker took it."""
    parts = (message.key or b"", message.value or b"", b"%d" % message.timestamp)
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(b"%d:" % len(part) + part)
    return digest.digest()


async def _stopped(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer, whatever state its broker is in.

    While a fetch waits to be tried again, aiokafka's `stop` raises CancelledError, though nobody
    cancelled us, and leaves its client open: so it runs in a task of its own.
    """
    for closing in (consumer.stop(), consumer._client.close()):  # noqa: SLF001
        done = asyncio.gather(closing, return_exceptions=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(done, _STOP_SECONDS)


async def _partitions(consumer: AIOKafkaConsumer, name: str) -> set[int]:
    """Ask for a topic's partitions; none while the topic does not exist.

    Before anything is assigned, the consumer itself knows of no topic on Apache Kafka, and
    `partitions_for_topic` would say so for ever: so the cluster's metadata are asked for.
    """
    cluster = await consumer._client.fetch_all_metadata()  # noqa: SLF001
    return set(cluster.partitions_for_topic(name) or ())
