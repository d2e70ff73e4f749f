"""What the hub writes is framed, signed, and held by the broker before `flush` returns."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from processors import clock
from processors.log import Decoder
from processors.publisher import Publisher
from schemas import codec, envelope
from schemas.keyring import HUB_KEY_ID
from schemas.registry import ShippedSchemaIds

TICK = {"as_of": datetime(2026, 5, 1, tzinfo=UTC)}


class FakeProducer:
    """Keeps what is sent; acknowledges when told to."""

    def __init__(self) -> None:
        """Nothing is sent."""
        self.sent: list[tuple[str, bytes | None, bytes, list[envelope.Header]]] = []
        self.futures: list[asyncio.Future[None]] = []

    async def send(
        self, topic: str, value: bytes | None, *, key: bytes, headers: list[envelope.Header]
    ) -> asyncio.Future[None]:
        """As aiokafka's: gives the future of the acknowledgement."""
        self.sent.append((topic, value, key, headers))
        self.futures.append(asyncio.get_running_loop().create_future())
        return self.futures[-1]

    def acknowledge(self) -> None:
        """All that is sent is held."""
        for future in self.futures:
            future.set_result(None)
        self.futures = []


def publisher() -> tuple[Publisher, FakeProducer, Ed25519PrivateKey]:
    """A publisher that is connected to a fake, and its key."""
    key = Ed25519PrivateKey.generate()
    nothing: Any = None
    made = Publisher(nothing, ShippedSchemaIds(), key, "/hub/clock")
    producer: Any = FakeProducer()
    made._producer = producer
    return made, producer, key


async def test_a_record_is_framed_and_signed_by_the_hub() -> None:
    """Anyone with the public key can verify it; the decoder gives it back."""
    made, producer, key = publisher()
    await made.send("hub.tick.v1", "clock", TICK)
    ((topic, value, raw_key, headers),) = producer.sent
    assert value is not None
    assert Decoder(ShippedSchemaIds())(topic, value) == TICK
    assert envelope.verify(key.public_key(), topic, raw_key, headers, value)
    assert not envelope.verify(key.public_key(), topic, b"another", headers, value)
    said = envelope.parse(headers)
    assert (said.id, said.source, said.key_id) == ("clock", "/hub/clock", HUB_KEY_ID)
    producer.acknowledge()


async def test_a_tombstone_is_signed_too() -> None:
    """Its value is nothing, its headers are all."""
    made, producer, key = publisher()
    await made.send("hub.tick.v1", "clock", None)
    ((topic, value, raw_key, headers),) = producer.sent
    assert value is None
    assert envelope.verify(key.public_key(), topic, raw_key, headers, b"")
    producer.acknowledge()


async def test_a_wrong_record_is_not_sent() -> None:
    """It is the sender's mistake, found before the broker sees it."""
    made, producer, _ = publisher()
    with pytest.raises(codec.CodecError):
        await made.send("hub.tick.v1", "clock", {"as_of": "yesterday"})
    assert producer.sent == []


async def test_flush_waits_until_the_broker_holds_everything() -> None:
    """And again for what is sent later."""
    made, producer, _ = publisher()
    for _ in range(3):
        await made.send("hub.tick.v1", "clock", TICK)
        flushing = asyncio.create_task(made.flush())
        await asyncio.sleep(0)
        assert not flushing.done()
        producer.acknowledge()
        await flushing


async def test_a_refusal_of_the_broker_is_raised() -> None:
    """So that the input is not acknowledged."""
    made, producer, _ = publisher()
    await made.send("hub.tick.v1", "clock", TICK)
    producer.futures.pop().set_exception(ConnectionError())
    with pytest.raises(ConnectionError):
        await made.flush()
    await made.flush()


async def test_a_tick_is_written_and_held() -> None:
    """Whole seconds, under one key, so that the log keeps the last one."""
    made, producer, _ = publisher()
    moment = datetime(2026, 5, 1, 12, 0, 0, 999, tzinfo=UTC)
    ticking = asyncio.create_task(clock.tick(made, moment))
    while not producer.futures:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert not ticking.done()
    producer.acknowledge()
    await ticking
    ((topic, value, raw_key, _headers),) = producer.sent
    assert (topic, raw_key) == (clock.TOPIC, clock.KEY.encode())
    assert Decoder(ShippedSchemaIds())(topic, value) == {"as_of": moment.replace(microsecond=0)}
