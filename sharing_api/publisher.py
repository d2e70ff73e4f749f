"""The broker as `POST /v1/events` needs it: signs with the hub's key and waits for the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas import envelope
from schemas.connection import KafkaConnection
from schemas.keyring import HUB_KEY_ID
from sharing_api.services import Outgoing, PublisherAway

ANSWER_SECONDS = 10.0


class KafkaPublisher:
    """Publishes on behalf of agencies. Connects when first used, and again after a failure."""

    def __init__(self, connection: KafkaConnection, signing: Ed25519PrivateKey) -> None:
        self._connection = connection
        self._signing = signing
        self._producer: AIOKafkaProducer | None = None
        self._lock = asyncio.Lock()

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Sign and send; returns when the broker has acknowledged all. Raises PublisherAway."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                producer = await self._started()
                sent = [await self._send(producer, message) for message in messages]
                await asyncio.gather(*sent)
        except (KafkaError, OSError, TimeoutError) as error:
            raise PublisherAway(type(error).__name__) from None

    async def close(self) -> None:
        """Disconnect; harmless if not connected."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()

    async def _started(self) -> AIOKafkaProducer:
        async with self._lock:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._connection.client(),
                    acks="all",
                    enable_idempotence=self._connection.idempotent,
                    max_request_size=4 * 2**20,
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def _send(self, producer: AIOKafkaProducer, message: Outgoing) -> asyncio.Future[object]:
        headers = envelope.sign(
            self._signing,
            HUB_KEY_ID,
            message.topic,
            message.key,
            message.headers,
            message.value,
        )
        future: asyncio.Future[object] = await producer.send(
            message.topic, message.value, key=message.key, headers=headers
        )
        return future
