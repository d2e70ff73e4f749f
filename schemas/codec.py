"""Avro bytes of every record, and the Confluent frame around them.

The `.avsc` files are the agreement between agencies; this module only reads them. A frame is one
zero byte, the schema id as four bytes big-endian, then the Avro body (Confluent wire format).
"""

from __future__ import annotations

import io
import json
import struct
from functools import cache
from importlib import resources
from typing import Any, Final

import fastavro

NAMES: Final = (
    "incident.v1",
    "tension-report.v1",
    "receipt.v1",
    "notice.v1",
    "agency.v1",
    "hub-incident.v1",
    "tension-item.v1",
    "entity.v1",
    "alert.v1",
    "tension-signal.v1",
    "tick.v1",
    "link-review.v1",
    "audit.v1",
    "dead-letter.v1",
    "open-table.v1",
    "tension-level.v1",
    "lookup.v1",
    "lookup-answer.v1",
)
"""Record names. The position, counted from 1, is the record's id where no registry gives one:
append, never reorder."""

_FRAME: Final = struct.Struct(">bI")


class CodecError(ValueError):
    """The bytes are not the record that was asked for."""


class FramingError(CodecError):
    """The bytes do not begin with a Confluent frame."""


@cache
def schema_text(name: str) -> str:
    """Give the schema as compact JSON text, as it is registered.

    Raises KeyError for a name that is not in `NAMES`.
    """
    return json.dumps(source(name), separators=(",", ":"), ensure_ascii=False)


@cache
def source(name: str) -> dict[str, Any]:
    """Give the schema as it stands in its file (named types spelled out where first used)."""
    if name not in NAMES:
        raise KeyError(f"unknown record {name!r}; known: {', '.join(NAMES)}")
    text = resources.files("schemas").joinpath("avro", f"{name}.avsc").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def schema(name: str) -> Any:
    """Give the schema in fastavro's parsed form."""
    return fastavro.parse_schema(source(name))


def encode(name: str, record: Any) -> bytes:
    """Encode a record as Avro, without a frame.

    Raises CodecError if the record does not have the shape of the schema; the text names the
    schema only, since a value might be a person's.
    """
    out = io.BytesIO()
    try:
        fastavro.schemaless_writer(out, schema(name), record)
    except Exception as error:  # noqa: BLE001 - fastavro raises what the value happens to cause
        raise CodecError(f"not a {name} record ({type(error).__name__})") from None
    return out.getvalue()


def decode(name: str, data: bytes, writer: Any | None = None) -> dict[str, Any]:
    """Decode Avro written with `writer` (our own schema if None) into a record of `name`.

    Raises CodecError on truncated or foreign bytes, and on bytes left over.
    """
    stream = io.BytesIO(data)
    reader = schema(name)
    try:
        if writer is None:
            record = fastavro.schemaless_reader(stream, reader, None)
        else:
            record = fastavro.schemaless_reader(stream, writer, reader)
    except Exception as error:  # noqa: BLE001 - bytes can fail in any way
        raise CodecError(f"not {name} bytes ({type(error).__name__})") from None
    if stream.tell() != len(data):
        raise CodecError(f"bytes left over after {name}")
    if not isinstance(record, dict):
        raise CodecError(f"{name} is not a record")
    return record


def frame(schema_id: int, body: bytes) -> bytes:
    """Put the Confluent frame before an Avro body."""
    return _FRAME.pack(0, schema_id) + body


def unframe(data: bytes) -> tuple[int, bytes]:
    """Split framed bytes into schema id and Avro body. Raises FramingError if there is no frame."""
    if len(data) < _FRAME.size or data[0] != 0:
        raise FramingError("no Confluent frame")
    return _FRAME.unpack_from(data)[1], data[_FRAME.size :]


def complete(name: str, partial: dict[str, Any]) -> dict[str, Any]:
    """Fill in the defaults of absent fields, in nested records too; what is present stays.

    Fields without a default that are absent stay absent: `schemas.shape` reports them.
    """
    filled: dict[str, Any] = _complete(resolved(name), partial)
    return filled


@cache
def resolved(name: str) -> Any:
    """Give the schema with every named type spelled out wherever it is used. Do not change it."""
    named: dict[str, Any] = {}

    def spell(type_: Any) -> Any:
        if isinstance(type_, list):
            return [spell(branch) for branch in type_]
        if isinstance(type_, str):
            return named.get(type_, type_)
        out = dict(type_)
        if out["type"] == "record":
            out["fields"] = [{**field, "type": spell(field["type"])} for field in out["fields"]]
            named[out["name"]] = out
        for inner in ("items", "values"):
            if inner in out:
                out[inner] = spell(out[inner])
        return out

    return spell(source(name))


def _complete(type_: Any, value: Any) -> Any:
    if value is None or isinstance(type_, str):
        return value
    if isinstance(type_, list):
        return _complete(next(branch for branch in type_ if branch != "null"), value)
    if type_["type"] == "record" and isinstance(value, dict):
        return _completed_record(type_, value)
    if type_["type"] == "array" and isinstance(value, list):
        return [_complete(type_["items"], item) for item in value]
    return value


def _completed_record(type_: Any, value: dict[str, Any]) -> dict[str, Any]:
    out = dict(value)
    for field in type_["fields"]:
        name = field["name"]
        if name in out:
            out[name] = _complete(field["type"], out[name])
        elif "default" in field:
            out[name] = default_of(field)
    return out


def default_of(field: dict[str, Any]) -> Any:
    """Give a fresh copy of a field's default."""
    value = field["default"]
    return type(value)() if isinstance(value, list | dict) else value
