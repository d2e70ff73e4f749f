"""Values of hub topics decode whichever schema version wrote them, and foreign bytes do not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from processors.log import Decoder
from schemas import codec
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
