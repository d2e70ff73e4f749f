"""What surrounds a message: CloudEvents headers, an Ed25519 signature, the hub's stamp.

Headers follow the CloudEvents Kafka binding (binary mode, `ce_` prefix). The signature covers the
topic, the key, the headers named in `_SIGNED` and the framed value, each with its length, so that
no part can be moved into another.

The stamp is a keyed hash over the same parts, under a secret that only parts of the hub hold. It
takes the signature's place on what the hub writes for itself, where nobody outside need verify.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

Header = tuple[str, bytes]

SIGNATURE: Final = "concord_signature"
KEY_ID: Final = "concord_key_id"
STAMP: Final = "concord_stamp"
CONTENT_TYPE: Final = ("content-type", b"application/avro")
_SIGNED: Final = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", KEY_ID)
_CONTEXT: Final = b"concord/message/v1"
_STAMPED: Final = b"concord/stamp/v1"
_LENGTHS: Final = struct.Struct(f">{3 + len(_SIGNED)}I")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The headers that the hub reads; absent ones are None."""

    id: str | None
    source: str | None
    type: str | None
    time: str | None
    key_id: str | None
    signature: bytes | None


def headers(*, id_: str, source: str, type_: str, time: datetime) -> list[Header]:
    """Write the CloudEvents headers of a message.

    `time` is aware; `source` is a URI path such as /agency/north-council; `type_` is a record name
    such as incident.v1.
    """
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", id_.encode()),
        ("ce_source", source.encode()),
        ("ce_type", f"uk.concord.{type_}".encode()),
        ("ce_time", time_text(time).encode()),
        CONTENT_TYPE,
    ]


def time_text(time: datetime) -> str:
    """Write an aware moment as CloudEvents have it: UTC, milliseconds, Z."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(raw: Iterable[Header] | None) -> Envelope:
    """Read headers; undecodable text counts as absent, the last of a repeated header wins."""
    found = dict(raw or ())

    def text(name: str) -> str | None:
        value = found.get(name)
        try:
            return value.decode("utf-8") if value is not None else None
        except UnicodeDecodeError:
            return None

    return Envelope(
        text("ce_id"),
        text("ce_source"),
        text("ce_type"),
        text("ce_time"),
        text(KEY_ID),
        found.get(SIGNATURE),
    )


def _signed_bytes(topic: str, key: bytes | None, found: Mapping[str, bytes], value: bytes) -> bytes:
    parts = [_CONTEXT, topic.encode(), key or b"", value]
    for name in _SIGNED:
        if name in found:
            parts += [name.encode(), found[name] or b""]  # a Kafka header can be null
    return b"".join([len(part).to_bytes(4, "big") + part for part in parts])


def sign(
    private: Ed25519PrivateKey,
    key_id: str,
    topic: str,
    key: bytes | None,
    raw: list[Header],
    value: bytes,
) -> list[Header]:
    """Give the headers with key id and signature added."""
    complete = [*raw, (KEY_ID, key_id.encode())]
    return [*complete, (SIGNATURE, private.sign(_signed_bytes(topic, key, dict(complete), value)))]


def verify(
    public: Ed25519PublicKey, topic: str, key: bytes | None, raw: Iterable[Header], value: bytes
) -> bool:
    """Tell whether the message bears this key's signature. False too if it bears none."""
    found = dict(raw)
    signature = found.get(SIGNATURE)
    if signature is None:
        return False
    try:
        public.verify(signature, _signed_bytes(topic, key, found, value))
    except InvalidSignature:
        return False
    return True


def stamp(
    secret: bytes, topic: str, key: bytes | None, raw: list[Header], value: bytes
) -> list[Header]:
    """Give the headers with the hub's stamp added: keyed BLAKE2b (RFC 7693), 32 bytes."""
    return [*raw, (STAMP, _stamp(secret, topic, key, dict(raw), value))]


def stamped(
    secret: bytes, topic: str, key: bytes | None, raw: Iterable[Header], value: bytes
) -> bool:
    """Tell whether the message bears a stamp under this secret. False too if it bears none."""
    found = dict(raw)
    held = found.get(STAMP)
    return held is not None and hmac.compare_digest(held, _stamp(secret, topic, key, found, value))


def _stamp(
    secret: bytes, topic: str, key: bytes | None, found: Mapping[str, bytes], value: bytes
) -> bytes:
    """Hash topic, key, value and the headers of `_SIGNED`, behind the lengths of all of them."""
    parts = [topic.encode(), key or b"", value, *[found.get(name) or b"" for name in _SIGNED]]
    data = _LENGTHS.pack(*map(len, parts)) + b"".join(parts)
    return hashlib.blake2b(data, digest_size=32, key=secret, person=_STAMPED).digest()
