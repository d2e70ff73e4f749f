"""Writing to topics: framed, stamped by the hub, and acknowledged before anything is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time_ns
from typing import Any

from schemas import codec, envelope, topics
from schemas.connection import KafkaConnection
from schemas.keyring import HUB_KEY_ID, Keyring
from schemas.producing import Sendable, TopicProducer
from schemas.registry import SchemaIds

_BATCH_BYTES = 2**19
_DAY = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Route:
    """What all records of one topic have in common."""

    record: str
    schema_id: int
    signed: bool
    headers: tuple[envelope.Header, ...]
    """Without id and time."""


class Publisher:
    """Collects records; `flush` sends them in batches and returns when the broker holds them all.

    What agencies read bears the hub's signature. Everything bears its stamp.
    """

    def __init__(
        self, connection: KafkaConnection, schema_ids: SchemaIds, keyring: Keyring, source: str
    ) -> None:
        """`source` is the CloudEvents source, such as /hub/intake."""
        self._connection = connection
        self._ids = schema_ids
        self._keyring = keyring
        self._source = source
        self._producer: TopicProducer | None = None
        self._routes: dict[str, _Route] = {}
        self._waiting: dict[str, list[Sendable]] = {}
        self._moment = (0, b"")

    async def start(self) -> None:
        """Connect."""
        self._producer = TopicProducer(
            self._connection, linger_ms=0, max_batch_size=_BATCH_BYTES, max_request_size=4 * 2**20
        )
        await self._producer.start()

    async def stop(self) -> None:
        """Disconnect. What has not been flushed is not sent."""
        if self._producer is not None:
            await self._producer.stop()

    async def send(self, topic: str, key: str, record: Any | None) -> None:
        """Collect a record, or with None a tombstone. Raises CodecError for a wrong record."""
        route = self._routes.get(topic) or self._route(topic)
        value = None
        if record is not None:
            value = codec.frame(route.schema_id, codec.encode(route.record, record))
        raw_key, body = key.encode(), value or b""
        headers = [*route.headers, ("ce_id", raw_key), ("ce_time", self._stamp_of_time())]
        if route.signed:
            signing = self._keyring.signing
            headers = envelope.sign(signing, HUB_KEY_ID, topic, raw_key, headers, body)
        headers = envelope.stamp(self._keyring.log_secret, topic, raw_key, headers, body)
        self._waiting.setdefault(topic, []).append((raw_key, value, headers))

    async def flush(self) -> None:
        """Send all that is collected; wait until the broker holds it. Raises if it refuses."""
        waiting, self._waiting = self._waiting, {}
        if waiting:
            await asyncio.gather(*(self._sent(*each) for each in waiting.items()))

    async def _sent(self, topic: str, messages: Iterable[Sendable]) -> None:
        assert self._producer is not None
        await asyncio.gather(*await self._producer.send_all(topic, messages))

    def _route(self, topic: str) -> _Route:
        record = topics.record_of(topic)
        route = _Route(
            record,
            self._ids.id_of(record),
            topics.agency_of(topic) is not None,
            tuple(
                header
                for header in envelope.headers(id_="", source=self._source, type_=record, time=_DAY)
                if header[0] not in {"ce_id", "ce_time"}
            ),
        )
        self._routes[topic] = route
        return route

    def _stamp_of_time(self) -> bytes:
        """The present millisecond as a header; most records share theirs with the one before."""
        now = time_ns() // 1_000_000
        if now != self._moment[0]:
            at = datetime.fromtimestamp(now / 1000, UTC)
            self._moment = (now, envelope.time_text(at).encode())
        return self._moment[1]
