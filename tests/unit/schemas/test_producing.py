"""Messages of one topic in whole batches, each key in one partition."""

from __future__ import annotations

import asyncio
import zlib
from types import SimpleNamespace
from typing import Any

from schemas.connection import KafkaConnection
from schemas.producing import Sendable, TopicProducer

TOPIC = "hub.entity.v1"


class FakeBatch:
    """Holds three messages."""

    def __init__(self) -> None:
        """Empty."""
        self.keys: list[bytes] = []

    def append(self, *, timestamp: None, key: bytes, value: Any, headers: Any) -> Any:
        """None where it is full."""
        assert timestamp is None
        if len(self.keys) == 3:
            return None
        self.keys.append(key)
        return object()


def producer(partitions: int) -> tuple[TopicProducer, list[tuple[int, list[bytes]]]]:
    """A producer without a broker, and what it has sent: partition and keys of each batch."""
    sent: list[tuple[int, list[bytes]]] = []

    async def nothing(_topic: str) -> None:
        """The topic is known."""

    async def send_batch(batch: FakeBatch, topic: str, *, partition: int) -> Any:
        assert topic == TOPIC
        sent.append((partition, batch.keys))
        return asyncio.get_running_loop().create_future()

    made: Any = TopicProducer(KafkaConnection("127.0.0.1:1"))
    cluster = SimpleNamespace(partitions_for_topic=lambda _topic: set(range(partitions)))
    client = SimpleNamespace(add_topic=nothing, _wait_on_metadata=nothing, cluster=cluster)
    made.client, made.create_batch, made.send_batch = client, FakeBatch, send_batch
    made._closed = True
    return made, sent


async def test_a_full_batch_makes_room_for_the_next() -> None:
    """In order, nothing left out."""
    made, sent = producer(1)
    messages: list[Sendable] = [(f"k{n}".encode(), b"v", []) for n in range(7)]
    futures = await made.send_all(TOPIC, messages)
    assert [len(keys) for _, keys in sent] == [3, 3, 1]
    assert [key for _, keys in sent for key in keys] == [key for key, _, _ in messages]
    assert len(futures) == 3


async def test_a_key_has_one_partition() -> None:
    """That of librdkafka's `consistent`, whatever else is sent with it."""
    made, sent = producer(4)
    keys = [f"ent_{n}".encode() for n in range(40)]
    await made.send_all(TOPIC, [(key, b"v", []) for key in keys])
    placed = {key: place for place, batch in sent for key in batch}
    assert placed == {key: zlib.crc32(key) % 4 for key in keys}
    assert set(placed.values()) == {0, 1, 2, 3}
