"""Writing to topics: framed, signed by the hub, and acknowledged before anything is forgotten."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas import codec, envelope, topics
from schemas.connection import KafkaConnection
from schemas.keyring import HUB_KEY_ID
from schemas.producing import TopicProducer
from schemas.registry import SchemaIds

_LINGER_MILLISECONDS = 2
_BATCH_BYTES = 2**18


class Publisher:
    """Sends many records at once; `flush` returns when the broker holds them all."""

    def __init__(
        self,
        connection: KafkaConnection,
        schema_ids: SchemaIds,
        signing: Ed25519PrivateKey,
        source: str,
    ) -> None:
        """`source` is the CloudEvents source, such as /hub/intake."""
        self._connection = connection
        self._ids = schema_ids
        self._signing = signing
        self._source = source
        self._producer: TopicProducer | None = None
        self._pending: list[asyncio.Future[Any]] = []

    async def start(self) -> None:
        """Connect."""
        self._producer = TopicProducer(
            self._connection,
            linger_ms=_LINGER_MILLISECONDS,
            max_batch_size=_BATCH_BYTES,
            max_request_size=4 * 2**20,
        )
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is left and disconnect."""
        if self._producer is not None:
            await self._producer.stop()

    async def send(self, topic: str, key: str, record: Any | None) -> None:
        """Queue a record, or with None a tombstone. Raises CodecError for a wrong record."""
        name = topics.record_of(topic)
        value = None
        if record is not None:
            value = codec.frame(self._ids.id_of(name), codec.encode(name, record))
        await self.send_bytes(topic, key, name, value)

    async def send_bytes(self, topic: str, key: str, name: str, value: bytes | None) -> None:
        """Queue a value that is framed already."""
        assert self._producer is not None
        raw_key = key.encode()
        raw = envelope.headers(id_=key, source=self._source, type_=name, time=datetime.now(UTC))
        signed = envelope.sign(self._signing, HUB_KEY_ID, topic, raw_key, raw, value or b"")
        self._pending.append(await self._producer.send(topic, value, key=raw_key, headers=signed))

    async def flush(self) -> None:
        """Wait until the broker has acknowledged everything sent so far. Raises if it refuses."""
        pending, self._pending = self._pending, []
        if pending:
            await asyncio.gather(*pending)
