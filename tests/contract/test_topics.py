"""Every topic has a record, a writer, a reader and an example; every record has a topic."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from schemas import codec, shape

SCHEMAS = Path(__file__).parents[2] / "schemas"
OWNERS = {"concord", "producers", "processors", "sharing_api"}
TOPICS: dict[str, Any] = tomllib.loads((SCHEMAS / "topics.toml").read_text())["topics"]
RECORDS = sorted(path.stem for path in (SCHEMAS / "avro").glob("*.avsc"))
EXAMPLES = sorted((SCHEMAS / "examples").glob("*.json"))


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_a_topic_says_what_travels_and_whose_it_is(topic: str) -> None:
    """A topic names a record that exists, its key, and rooms that write and read it."""
    row = TOPICS[topic]
    assert row["record"] in RECORDS
    assert row["key"]
    assert row["cleanup"] in {"compact", "delete"}
    assert row["partitions"] >= 1
    owners = {owner.split(".")[0] for owner in row["written_by"] + row["read_by"]}
    assert row["written_by"]
    assert row["read_by"]
    assert owners <= OWNERS


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_what_expires_says_when(topic: str) -> None:
    """A topic that deletes says after how long; one that compacts keeps the latest for ever."""
    row = TOPICS[topic]
    assert ("retention_seconds" in row) == (row["cleanup"] == "delete")


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_a_topic_carries_a_version(topic: str) -> None:
    """The version in a topic's name is its record's."""
    assert topic.rsplit(".", 1)[-1] == TOPICS[topic]["record"].rsplit(".", 1)[-1]


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_travels_on_some_topic(record: str) -> None:
    """A schema without a topic is nobody's."""
    assert record in {row["record"] for row in TOPICS.values()}


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_has_an_example(record: str) -> None:
    """Each schema can be seen filled in."""
    assert any(path.name.startswith(record) for path in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_what_its_schema_says(example: Path) -> None:
    """An example has no fault, and survives writing and reading."""
    record = max((name for name in RECORDS if example.name.startswith(name)), key=len)
    value, faults = shape.from_json(record, json.loads(example.read_text()))
    assert faults == []
    assert value is not None
    assert codec.decode(record, codec.encode(record, value)) == value


@pytest.mark.parametrize("record", RECORDS)
def test_every_field_says_what_it_means(record: str) -> None:
    """The Avro file is the agreement, so each field of the record has a sentence."""
    schema = json.loads((SCHEMAS / "avro" / f"{record}.avsc").read_text())
    assert schema.get("doc")
    assert [field["name"] for field in schema["fields"] if not field.get("doc")] == []
