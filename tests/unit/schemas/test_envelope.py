"""CloudEvents headers and signatures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas import envelope

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
TOPIC, KEY, VALUE = "agency.north.incident.v1", b"REF-1", b"\x00\x00\x00\x00\x01body"
NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)


def plain() -> list[envelope.Header]:
    """Headers without signature or stamp."""
    return envelope.headers(id_="evt-1", source="/agency/north", type_="incident.v1", time=NOW)


def signed() -> list[envelope.Header]:
    """Headers of a signed message."""
    return envelope.sign(PRIVATE, "north-1", TOPIC, KEY, plain(), VALUE)


def test_headers_follow_the_kafka_binding() -> None:
    """Names, and the time in UTC."""
    found = dict(signed())

    assert found["ce_specversion"] == b"1.0"
    assert found["ce_id"] == b"evt-1"
    assert found["ce_time"] == b"2026-03-01T10:00:00.000Z"
    assert found["content-type"] == b"application/avro"


def test_a_signature_verifies_whatever_the_order_of_headers() -> None:
    """Brokers may reorder headers and add their own."""
    shuffled = [("traceparent", b"x"), *reversed(signed())]

    assert envelope.verify(PRIVATE.public_key(), TOPIC, KEY, shuffled, VALUE)


@pytest.mark.parametrize("name", ["ce_id", "ce_source", "ce_type", "ce_time", envelope.KEY_ID])
def test_an_altered_header_breaks_the_signature(name: str) -> None:
    """Every header that matters is covered."""
    altered = [(n, v + b"x" if n == name else v) for n, v in signed()]

    assert not envelope.verify(PRIVATE.public_key(), TOPIC, KEY, altered, VALUE)


def test_topic_key_and_value_are_covered() -> None:
    """A message cannot be moved to another topic or key."""
    public, headers = PRIVATE.public_key(), signed()

    assert not envelope.verify(public, "agency.south.incident.v1", KEY, headers, VALUE)
    assert not envelope.verify(public, TOPIC, b"REF-2", headers, VALUE)
    assert not envelope.verify(public, TOPIC, KEY, headers, VALUE + b"x")


def test_bytes_cannot_move_between_parts() -> None:
    """Lengths are signed: key and value that join to the same bytes differ."""
    headers = signed()

    assert not envelope.verify(PRIVATE.public_key(), TOPIC, KEY + VALUE[:1], headers, VALUE[1:])


def test_another_key_does_not_verify_and_neither_does_none() -> None:
    """A stranger's key; a message without signature."""
    other = Ed25519PrivateKey.from_private_bytes(b"o" * 32).public_key()
    unsigned = [h for h in signed() if h[0] != envelope.SIGNATURE]

    assert not envelope.verify(other, TOPIC, KEY, signed(), VALUE)
    assert not envelope.verify(PRIVATE.public_key(), TOPIC, KEY, unsigned, VALUE)


def test_undecodable_headers_count_as_absent() -> None:
    """Nothing an agency sends makes reading fail."""
    found = envelope.parse([("ce_id", b"\xff"), ("ce_source", b"/agency/north")])

    assert found.id is None
    assert found.source == "/agency/north"
    assert envelope.parse(None).id is None


def test_a_null_header_does_not_make_verifying_fail() -> None:
    """Kafka lets a header's value be null; the signature then covers no bytes there."""
    nulls = [(name, None if name == "ce_time" else value) for name, value in signed()]
    assert not envelope.verify(PRIVATE.public_key(), TOPIC, KEY, nulls, VALUE)  # type: ignore[arg-type]


SECRET = bytes(range(32))


def test_a_stamp_is_told_whatever_the_order_of_headers() -> None:
    """By whoever holds the secret."""
    headers = envelope.stamp(SECRET, TOPIC, KEY, plain(), VALUE)

    assert envelope.stamped(SECRET, TOPIC, KEY, list(reversed(headers)), VALUE)


@pytest.mark.parametrize(
    ("topic", "key", "value"),
    [("hub.other.v1", KEY, VALUE), (TOPIC, b"REF-2", VALUE), (TOPIC, KEY, VALUE + b"x")],
)
def test_a_stamp_belongs_to_one_message(topic: str, key: bytes, value: bytes) -> None:
    """Another topic, key or value, and it is none."""
    headers = envelope.stamp(SECRET, TOPIC, KEY, plain(), VALUE)

    assert not envelope.stamped(SECRET, topic, key, headers, value)


def test_a_stamp_needs_the_secret() -> None:
    """Of another hub's it is none; nor is a signature, nor nothing, nor a null header."""
    headers = envelope.stamp(SECRET, TOPIC, KEY, plain(), VALUE)
    nulls: Any = [*plain(), (envelope.STAMP, None)]

    assert not envelope.stamped(bytes(32), TOPIC, KEY, headers, VALUE)
    for other in (signed(), plain(), nulls):
        assert not envelope.stamped(SECRET, TOPIC, KEY, other, VALUE)
