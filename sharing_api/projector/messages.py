"""What arrives from the log, and how it is read: frame, schema id, Avro, the hub's stamp."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas import codec, envelope, topics
from schemas.registry import SchemaIds


@dataclass(frozen=True, slots=True)
class Message:
    """One record of a partition, as the broker gave it. `value` is None for a tombstone."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    at: datetime

    def fingerprint(self) -> bytes:
        """16 bytes that tell this message from any other at the same offset of another log."""
        digest = hashlib.blake2b(digest_size=16)
        for part in (self.key or b"", self.value or b"", self.at.isoformat().encode()):
            digest.update(len(part).to_bytes(4, "big") + part)
        return digest.digest()


@dataclass(frozen=True, slots=True)
class Change:
    """One decoded message: the record `key` stands for is now `record`, or gone if None."""

    kind: str
    key: str
    record: dict[str, Any] | None
    message: bytes
    at: datetime


class Unreadable(Exception):
    """The message is not what the hub writes; it is counted and passed over."""


class MessageReader:
    """Decodes with the writer's schema; given a secret, refuses what does not bear its stamp."""

    def __init__(self, schema_ids: SchemaIds, log_secret: bytes | None = None) -> None:
        self._schema_ids = schema_ids
        self._secret = log_secret

    def read(self, message: Message) -> Change:
        """Decode one message. Raises Unreadable, or RegistryError while the registry is away."""
        kind = topics.record_of(message.topic)
        if message.value is None:
            return Change(kind, _key(message), None, b"", message.at)
        if self._secret is not None and not envelope.stamped(
            self._secret, message.topic, message.key, message.headers, message.value
        ):
            raise Unreadable("stamp")
        record = self.decode(kind, message.value)
        return Change(kind, _key(message), record, message.value, message.at)

    def decode(self, kind: str, framed: bytes) -> dict[str, Any]:
        """Decode the framed bytes that a topic or a row holds. Raises Unreadable."""
        try:
            schema_id, body = codec.unframe(framed)
        except codec.CodecError:
            raise Unreadable("frame") from None
        writer = self._schema_ids.writer_of(schema_id)
        if writer is None:
            raise Unreadable("schema-id")
        if writer is codec.schema(kind):
            writer = None  # decodes faster
        try:
            return codec.decode(kind, body, writer)
        except codec.CodecError:
            raise Unreadable("body") from None


def _key(message: Message) -> str:
    try:
        return (message.key or b"").decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("key") from None
