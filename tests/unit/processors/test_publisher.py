"""What the hub writes is framed, stamped, and held by the broker before `flush` returns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from processors import clock
from processors.intake.replies import accepted
from processors.log import Decoder
from processors.publisher import Publisher
from schemas import codec, envelope
from schemas.keyring import HUB_KEY_ID, Keyring
from schemas.producing import Sendable
from schemas.registry import ShippedSchemaIds

TICK = {"as_of": datetime(2026, 5, 1, tzinfo=UTC)}


class FakeProducer:
    """Keeps what is sent; acknowledges when told to."""

    def __init__(self) -> None:
        """Nothing is sent."""
        self.sent: list[tuple[str, bytes | None, bytes, list[envelope.Header]]] = []
        self.futures: list[asyncio.Future[None]] = []

    async def send_all(
        self, topic: str, messages: Sequence[Sendable]
    ) -> list[asyncio.Future[None]]:
        """As ours: gives the futures of the acknowledgement."""
        self.sent += [(topic, value, key, headers) for key, value, headers in messages]
        self.futures.append(asyncio.get_running_loop().create_future())
        return self.futures[-1:]

    def acknowledge(self) -> None:
        """All that is sent is held."""
        for future in self.futures:
            future.set_result(None)
        self.futures = []


def publisher(folder: Path) -> tuple[Publisher, FakeProducer, Keyring]:
    """A publisher that is connected to a fake, and its keys."""
    ring = Keyring.create(folder / "keys")
    nothing: Any = None
    made = Publisher(nothing, ShippedSchemaIds(), ring, "/hub/clock")
    producer: Any = FakeProducer()
    made._producer = producer
    return made, producer, ring


async def flushed(made: Publisher, producer: FakeProducer) -> None:
    """Flush, with a broker that acknowledges at once."""
    flushing = asyncio.create_task(made.flush())
    while not producer.futures:  # noqa: ASYNC110
        await asyncio.sleep(0)
    producer.acknowledge()
    await flushing


async def test_a_record_is_framed_and_stamped_by_the_hub(tmp_path: Path) -> None:
    """Any part that holds the secret can tell; the decoder gives it back. No signature needed."""
    made, producer, ring = publisher(tmp_path)
    (tmp_path / "keys" / "signing.key").unlink()
    await made.send("hub.tick.v1", "clock", TICK)
    await flushed(made, producer)
    ((topic, value, raw_key, headers),) = producer.sent
    assert value is not None
    assert Decoder(ShippedSchemaIds())(topic, value) == TICK
    assert envelope.stamped(ring.log_secret, topic, raw_key, headers, value)
    assert not envelope.stamped(ring.log_secret, topic, b"another", headers, value)
    said = envelope.parse(headers)
    assert (said.id, said.source, said.signature) == ("clock", "/hub/clock", None)


async def test_what_an_agency_reads_is_signed_too(tmp_path: Path) -> None:
    """Anyone with the hub's public key can verify a receipt."""
    made, producer, ring = publisher(tmp_path)
    receipt = accepted("e-1", "north-council", "incident", "ref-1", [], "inc_1")
    await made.send("agency.north-council.receipt.v1", "e-1", receipt)
    await flushed(made, producer)
    ((topic, value, raw_key, headers),) = producer.sent
    assert value is not None
    assert envelope.parse(headers).key_id == HUB_KEY_ID
    assert envelope.verify(ring.signing_public, topic, raw_key, headers, value)
    assert envelope.stamped(ring.log_secret, topic, raw_key, headers, value)


async def test_a_tombstone_is_stamped_too(tmp_path: Path) -> None:
    """Its value is nothing, its headers are all."""
    made, producer, ring = publisher(tmp_path)
    await made.send("hub.tick.v1", "clock", None)
    await flushed(made, producer)
    ((topic, value, raw_key, headers),) = producer.sent
    assert value is None
    assert envelope.stamped(ring.log_secret, topic, raw_key, headers, b"")


async def test_a_wrong_record_is_not_sent(tmp_path: Path) -> None:
    """It is the sender's mistake, found before the broker sees it."""
    made, producer, _ = publisher(tmp_path)
    with pytest.raises(codec.CodecError):
        await made.send("hub.tick.v1", "clock", {"as_of": "yesterday"})
    await made.flush()
    assert producer.sent == []


async def test_flush_waits_until_the_broker_holds_everything(tmp_path: Path) -> None:
    """And again for what is sent later; what is not flushed is not sent."""
    made, producer, _ = publisher(tmp_path)
    for count in range(3):
        await made.send("hub.tick.v1", "clock", TICK)
        assert len(producer.sent) == count
        flushing = asyncio.create_task(made.flush())
        while not producer.futures:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert not flushing.done()
        producer.acknowledge()
        await flushing


async def test_a_refusal_of_the_broker_is_raised(tmp_path: Path) -> None:
    """So that the input is not acknowledged."""
    made, producer, _ = publisher(tmp_path)
    await made.send("hub.tick.v1", "clock", TICK)
    flushing = asyncio.create_task(made.flush())
    while not producer.futures:  # noqa: ASYNC110
        await asyncio.sleep(0)
    producer.futures.pop().set_exception(ConnectionError())
    with pytest.raises(ConnectionError):
        await flushing
    await made.flush()


async def test_a_tick_is_written_and_held(tmp_path: Path) -> None:
    """Whole seconds, under one key, so that the log keeps the last one."""
    made, producer, _ = publisher(tmp_path)
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
