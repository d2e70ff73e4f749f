"""Values of hub topics decode whichever schema version wrote them, and foreign bytes do not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from processors.log import Decoder, LogReader
from schemas import codec
from schemas.connection import KafkaConnection
from schemas.registry import ShippedSchemaIds

IDS = ShippedSchemaIds()
TICK = {"as_of": datetime(2026, 5, 1, tzinfo=UTC)}
BODY = codec.encode("tick.v1", TICK)


def test_a_value_is_decoded_by_its_topic() -> None:
    """Again and again; a tombstone is nothing."""
    decode = Decoder(IDS)
    framed = codec.frame(IDS.id_of("tick.v1"), BODY)
    assert [decode("hub.tick.v1", framed), decode("hub.tick.v1", framed)] == [TICK, TICK]
    assert decode("hub.tick.v1", None) is None


@pytest.mark.parametrize("value", [b"", b"\x00", b"\x01\x00\x00\x00\x01", b"\x00\x00\x00\x00\x01"])
def test_foreign_bytes_are_refused(value: bytes) -> None:
    """With the codec's own error."""
    with pytest.raises(codec.CodecError):
        Decoder(IDS)("hub.tick.v1", value)


async def test_a_reader_stops_though_its_broker_died_between_two_fetches() -> None:
    """The library then raises CancelledError, though nobody cancelled, and leaves connections."""
    closed: list[str] = []

    async def stop() -> None:
        raise asyncio.CancelledError

    async def close() -> None:
        closed.append("client")

    reader = LogReader(KafkaConnection("127.0.0.1:1"), ("hub.tick.v1",), Decoder(IDS))
    consumer: Any = SimpleNamespace(stop=stop, _client=SimpleNamespace(close=close))
    reader._consumer = consumer
    await reader.stop()
    assert closed == ["client"]
