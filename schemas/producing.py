"""An aiokafka producer that does not lose sight of topics.

aiokafka asks for the metadata of every topic until a topic is missing from it, and from then on
only for those it was missing: messages that wait for a topic it had known before then fail after
forty seconds, as if the topic had no leader. An agency added while the hub runs is such a topic.
Here every topic is registered before its first message.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer

from schemas.connection import KafkaConnection

Sendable = tuple[bytes, bytes | None, list[tuple[str, bytes]]]
"""Key, value and headers of a message."""


class TopicProducer(AIOKafkaProducer):  # type: ignore[misc] # aiokafka has no types
    """A producer for topics that come up at run time."""

    def __init__(self, connection: KafkaConnection, **options: Any) -> None:
        """`options` are AIOKafkaProducer's, beyond address, credentials and idempotence."""
        super().__init__(
            **connection.client(), enable_idempotence=connection.idempotent, acks="all", **options
        )
        self._registered: set[str] = set()

    async def send(self, topic: str, *arguments: Any, **options: Any) -> asyncio.Future[Any]:
        """Queue a message as aiokafka does; gives the future of its acknowledgement."""
        await self._register(topic)
        future: asyncio.Future[Any] = await super().send(topic, *arguments, **options)
        return future

    async def send_all(self, topic: str, messages: Iterable[Sendable]) -> list[asyncio.Future[Any]]:
        """Queue messages of one topic as whole batches; gives a future for each batch.

        A batch costs a tenth of what its messages cost one by one. The partition is CRC-32 of the
        key (librdkafka's `consistent`), which costs a tenth of the Java client's hash here.
        """
        await self._register(topic)
        await self.client._wait_on_metadata(topic)  # noqa: SLF001 (as `send` does)
        count = len(self.client.cluster.partitions_for_topic(topic) or (0,))
        batches: dict[int, Any] = {}
        sent: list[asyncio.Future[Any]] = []
        for key, value, headers in messages:
            place = zlib.crc32(key) % count
            batch = batches.get(place)
            if batch is None:
                batch = batches[place] = self.create_batch()
            if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                sent.append(await self.send_batch(batch, topic, partition=place))
                batch = batches[place] = self.create_batch()
                batch.append(timestamp=None, key=key, value=value, headers=headers)
        for place, batch in batches.items():
            sent.append(await self.send_batch(batch, topic, partition=place))
        return sent

    async def _register(self, topic: str) -> None:
        if topic not in self._registered:
            await self.client.add_topic(topic)
            self._registered.add(topic)
