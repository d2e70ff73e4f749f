"""The broker as the projector sees it: partitions, messages, and how far the log reaches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition

from sharing_api.projector.messages import Message
from sharing_api.projector.positions import Partition

BATCH = 2000
WAIT_MS = 200
STOP_SECONDS = 5.0


class Log(Protocol):
    """What the projector needs of a broker. Every method may raise KafkaError or OSError."""

    async def open(self) -> None:
        """Connect."""

    async def close(self) -> None:
        """Disconnect; harmless if not connected."""

    async def partitions(self) -> frozenset[Partition]:
        """All partitions that exist and may be read."""

    def assign(self, offsets: Mapping[Partition, int]) -> None:
        """Read exactly these partitions, each from its offset on."""

    async def fetch(self) -> Sequence[Message]:
        """Wait briefly for messages; each partition's in order."""

    def end(self, partition: Partition) -> int | None:
        """The offset after the last message, as of the latest fetch; None before the first."""


class KafkaLog:
    """A group-less aiokafka consumer.

    `consumer` makes one that is not started, with `group_id=None`,
    `auto_offset_reset="earliest"` and `enable_auto_commit=False`.

    The end of a partition is taken from fetch answers: the embedded broker's answer to the request
    made for that purpose is wrong.
    """

    def __init__(self, consumer: Callable[[], AIOKafkaConsumer]) -> None:
        self._make = consumer
        self._consumer: AIOKafkaConsumer | None = None

    async def open(self) -> None:
        """Connect a fresh consumer."""
        consumer = self._make()
        try:
            await consumer.start()
        except BaseException:
            await _stopped(consumer)
            raise
        self._consumer = consumer

    async def close(self) -> None:
        """Disconnect."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await _stopped(consumer)

    async def partitions(self) -> frozenset[Partition]:
        """Ask for the cluster's metadata, all topics.

        The consumer itself only tells of topics that it is subscribed to, and asking for a topic
        by name could create it.
        """
        cluster = await self._open._client.fetch_all_metadata()  # noqa: SLF001
        return frozenset(
            (topic, partition)
            for topic in cluster.topics()
            for partition in cluster.partitions_for_topic(topic) or ()
        )

    def assign(self, offsets: Mapping[Partition, int]) -> None:
        """Assigning forgets all positions in aiokafka, so each one is sought again."""
        self._open.assign([TopicPartition(*partition) for partition in offsets])
        for partition, offset in offsets.items():
            self._open.seek(TopicPartition(*partition), offset)

    async def fetch(self) -> Sequence[Message]:
        """Up to `BATCH` messages; none after `WAIT_MS`."""
        found = await self._open.getmany(timeout_ms=WAIT_MS, max_records=BATCH)
        return [
            Message(
                partition.topic,
                partition.partition,
                record.offset,
                record.key,
                record.value,
                tuple(record.headers),
                datetime.fromtimestamp(record.timestamp / 1000, UTC),
            )
            for partition, records in found.items()
            for record in records
        ]

    def end(self, partition: Partition) -> int | None:
        """The high watermark of the latest fetch."""
        end: int | None = self._open.highwater(TopicPartition(*partition))
        return end

    @property
    def _open(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise OSError("the log is not open")
        return self._consumer


async def _stopped(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer, whatever state its broker is in.

    While a fetch waits to be tried again, aiokafka's `stop` raises CancelledError, though nobody
    cancelled us, and leaves its client open: so it runs in a task of its own.
    """
    for closing in (consumer.stop(), consumer._client.close()):  # noqa: SLF001
        done = asyncio.gather(closing, return_exceptions=True)
        with suppress(TimeoutError):
            await asyncio.wait_for(done, STOP_SECONDS)
