"""From bytes to a record: frame, schema id, Avro, with a reason where one of them fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from processors.intake.inbound import Inbound
from schemas import codec
from schemas.envelope import Envelope, parse
from schemas.records import Fault
from schemas.registry import RegistryError, SchemaIds
from schemas.validation.text import is_reference

LARGEST: Final = 1024 * 1024
"""Bytes of a message's value at most."""
_REFUSALS: Final = frozenset({400, 404, 422})

_RULES: Final = {
    "oversize": "a smaller message: the hub's limit is 1 MiB unless its operator has set another",
    "not-framed": "Confluent framing: a zero byte, a schema id of four bytes, then Avro",
    "unknown-schema": "a schema id that the hub's registry knows",
    "wrong-schema": "the schema of the record that travels on this topic",
    "undecodable": "Avro bytes, complete and with nothing after them, of the schema that is named",
}


class UnreadableError(Exception):
    """The message is not a record of its topic. `fault` says why; there is no value in it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.fault: Fault = {"code": code, "path": "", "rule": _RULES[code]}


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose bytes could be read. `record` is None for a tombstone."""

    inbound: Inbound
    envelope: Envelope
    record: dict[str, Any] | None


def read(inbound: Inbound, name: str, schema_ids: SchemaIds, largest: int = LARGEST) -> Message:
    """Decode a message as record `name`, whichever version of its schema it was written with.

    `largest` is the size of a value at most, in bytes. Raises UnreadableError; RegistryError only
    where the registry is away, which says nothing about the message: the caller waits and tries
    again.
    """
    envelope = parse(inbound.headers)
    if inbound.value is None:
        return Message(inbound, envelope, None)
    if len(inbound.value) > largest:
        raise UnreadableError("oversize")
    try:
        schema_id, body = codec.unframe(inbound.value)
    except codec.FramingError:
        raise UnreadableError("not-framed") from None
    writer = _writer(schema_id, name, schema_ids)
    try:
        record = codec.decode(name, body, writer)
    except codec.CodecError:
        raise UnreadableError("undecodable") from None
    return Message(inbound, envelope, record)


def _writer(schema_id: int, name: str, schema_ids: SchemaIds) -> Any | None:
    """The writer's schema; None where it is our own, which decodes faster."""
    try:
        writer = schema_ids.writer_of(schema_id)
    except RegistryError as error:
        if error.status not in _REFUSALS:
            raise
        writer = None
    if writer is None:
        raise UnreadableError("unknown-schema")
    ours = codec.schema(name)
    if writer is ours:
        return None
    if not isinstance(writer, dict) or _last(writer.get("name")) != _last(ours["name"]):
        raise UnreadableError("wrong-schema")
    return writer


def _last(name: Any) -> str:
    return str(name).rpartition(".")[2]


def event_id_of(inbound: Inbound, envelope: Envelope, record: dict[str, Any] | None) -> str:
    """The id by which the sender knows the event: its own, else the header's, else its position."""
    own = record.get("event_id") if record is not None else None
    for candidate in (own, envelope.id):
        if isinstance(candidate, str) and is_reference(candidate):
            return candidate
    return inbound.position


def key_of(inbound: Inbound) -> str | None:
    """The message key as text; None if there is none, or it is not text that can be a reference."""
    try:
        key = (inbound.key or b"").decode("utf-8")
    except UnicodeDecodeError:
        return None
    return key if is_reference(key) else None
