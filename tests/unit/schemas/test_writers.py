"""Schemas of strangers: what may be decoded with, and what could stop the hub."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import codec, writers


def record(*types: Any, name: str = "Incident") -> dict[str, Any]:
    """A record with a field of each type."""
    fields = [{"name": f"f{n}", "type": type_} for n, type_ in enumerate(types)]
    return {"type": "record", "name": name, "fields": fields}


@pytest.mark.parametrize("name", codec.NAMES)
def test_our_own_schemas_are_safe(name: str) -> None:
    """Whatever rule refuses a stranger's schema, it lets every shipped one through."""
    assert writers.parsed(codec.source(name)) == codec.schema(name)


@pytest.mark.parametrize(
    "type_",
    [
        "string",
        {"type": "long", "logicalType": "timestamp-millis"},
        ["null", "string"],
        {"type": "array", "items": ["null", "int"]},
        {"type": "map", "values": {"type": "fixed", "name": "F", "size": 4}},
        {"type": "enum", "name": "E", "symbols": ["a"]},
    ],
)
def test_what_costs_a_byte_is_safe(type_: Any) -> None:
    """Time to decode is then bounded by the size of the message."""
    assert writers.parsed(record(type_)) is not None


def test_a_name_used_twice_is_safe() -> None:
    """Only what contains itself nests without end."""
    inner = record("string", name="Inner")
    assert writers.parsed(record(inner, "Inner", ["null", "Inner"])) is not None


def test_a_type_that_contains_itself_is_not_safe() -> None:
    """A byte for a level: a hundred thousand of them end the process, not the decoding."""
    assert writers.parsed(record(["null", "Incident"])) is None
    named = record({"type": "array", "items": "uk.concord.Incident"})
    assert writers.parsed({**named, "namespace": "uk.concord"}) is None


@pytest.mark.parametrize(
    "type_",
    [
        "null",
        {"type": "null"},
        {"type": "array", "items": "null"},
        {"type": "map", "values": "null"},
        {"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}},
        {"type": "array", "items": record(name="Empty")},
        ["null", record("null", name="Nothing")],
    ],
)
def test_a_value_of_no_bytes_is_not_safe(type_: Any) -> None:
    """A count of ten bytes could stand for more values than anybody can wait for."""
    assert writers.parsed(record(type_)) is None


def test_a_schema_that_is_nested_deeply_is_not_safe() -> None:
    """Reading the schema is recursive too."""
    type_: Any = "string"
    for _ in range(2_000):
        type_ = {"type": "array", "items": type_}
    assert writers.parsed(record(type_)) is None


@pytest.mark.parametrize("source", [None, 7, "nonsense", {}, {"type": "record"}, record("no-such")])
def test_what_is_no_schema_is_none(source: Any) -> None:
    """Nobody knows it, so a message that names it is rejected, and the stream goes on."""
    assert writers.parsed(source) is None
