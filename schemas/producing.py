"""An aiokafka producer that does not lose sight of topics.

aiokafka asks for the metadata of every topic until a topic is missing from it, and from then on
only for those it was missing: messages that wait for a topic it had known before then fail after
forty seconds, as if the topic had no leader. An agency added while the hub runs is such a topic.
Here every topic is registered before its first message.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka import AIOKafkaProducer

from schemas.connection import KafkaConnection


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
        if topic not in self._registered:
            await self.client.add_topic(topic)
            self._registered.add(topic)
        future: asyncio.Future[Any] = await super().send(topic, *arguments, **options)
        return future
