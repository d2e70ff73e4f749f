"""From bytes to a record, or to the reason why not."""

from __future__ import annotations

import copy
from typing import Any

import fastavro
import pytest

from processors.intake.reading import LARGEST, UnreadableError, event_id_of, key_of, read
from schemas import codec
from schemas.envelope import parse
from schemas.registry import RegistryError, ShippedSchemaIds
from tests.unit.processors.intake.example import AGENCY, incident, message, report


class FakeRegistry:
    """Knows one foreign schema under id 4711, or fails with a status."""

    def __init__(self, writer: Any = None, status: int | None = 0) -> None:
        self._writer = writer
        self._status = status

    def id_of(self, record: str) -> int:
        """Unused here."""
        raise NotImplementedError(record)

    def writer_of(self, schema_id: int) -> Any | None:
        """The foreign schema."""
        if self._status != 0:
            raise RegistryError("made to fail", self._status)
        return self._writer if schema_id == 4711 else None


def reason(value: bytes | None, ids: Any = None, name: str = "incident.v1") -> str:
    """Why the hub cannot read a value."""
    with pytest.raises(UnreadableError) as caught:
        read(message(incident(), value=value), name, ids or ShippedSchemaIds())
    return caught.value.fault["code"]


def test_a_framed_record_is_read() -> None:
    """What was encoded comes back."""
    taken = read(message(incident()), "incident.v1", ShippedSchemaIds())
    assert taken.record == incident()


def test_a_tombstone_is_a_message_without_a_record() -> None:
    """An empty value is a statement, not an error."""
    assert read(message(incident(), value=None), "incident.v1", ShippedSchemaIds()).record is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"", "not-framed"),
        (b"{}", "not-framed"),
        (b"\x01\x00\x00\x00\x01abc", "not-framed"),
        (b"\x00\x00\x00\x00\x01", "undecodable"),
        (b"\x00\x7f\xff\xff\xffabc", "unknown-schema"),
        (b"\x00\x00\x00\x00\x03abc", "wrong-schema"),
        (b"\x00" * (LARGEST + 1), "oversize"),
        (b"\xff" * 5_000_000, "oversize"),
    ],
)
def test_garbage_has_a_reason(value: bytes, code: str) -> None:
    """No frame, nothing behind it, an id nobody knows, another record, too much."""
    assert reason(value) == code


def test_truncated_bytes_are_undecodable_wherever_they_are_cut() -> None:
    """No prefix of an event is an event."""
    whole = message(incident()).value or b""
    for end in range(5, len(whole), 7):
        assert reason(whole[:end]) == "undecodable"


def test_bytes_left_over_are_undecodable() -> None:
    """What follows an event does not travel unseen."""
    assert reason((message(incident()).value or b"") + b"x") == "undecodable"


def test_a_report_on_the_incident_topic_is_the_wrong_schema() -> None:
    """A topic carries one record."""
    assert reason(message(report()).value) == "wrong-schema"


def test_another_version_of_the_writers_schema_is_resolved_to_ours() -> None:
    """An older client's schema lacks a field with a default and has one that we do not know."""
    foreign = copy.deepcopy(codec.source("incident.v1"))
    foreign["fields"] = [one for one in foreign["fields"] if one["name"] != "linked_references"]
    foreign["fields"].append({"name": "weather", "type": "string", "default": "dull"})
    parsed = fastavro.parse_schema(foreign)
    body = _written(parsed, dict(incident()) | {"weather": "dull"})
    inbound = message(incident(), value=codec.frame(4711, body))
    assert read(inbound, "incident.v1", FakeRegistry(parsed)).record == incident()


def _written(schema: Any, record: Any) -> bytes:
    import io

    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, record)
    return out.getvalue()


@pytest.mark.parametrize("status", [400, 404, 422])
def test_a_registry_that_refuses_an_id_makes_it_unknown(status: int) -> None:
    """The id is at fault, not the registry."""
    value = codec.frame(9, b"abc")
    assert reason(value, FakeRegistry(status=status)) == "unknown-schema"


@pytest.mark.parametrize("status", [None, 401, 429, 500, 503])
def test_a_registry_that_is_away_makes_the_message_wait(status: int | None) -> None:
    """A good message must not be rejected because of an outage."""
    with pytest.raises(RegistryError):
        read(message(incident()), "incident.v1", FakeRegistry(status=status))


def test_a_schema_that_is_no_record_is_the_wrong_one() -> None:
    """A registry may hold anything under an id."""
    value = codec.frame(4711, b"abc")
    assert reason(value, FakeRegistry(fastavro.parse_schema("string"))) == "wrong-schema"


def test_the_event_id_is_the_senders_then_the_headers_then_the_position() -> None:
    """Every message can be answered under an id that its sender can find."""
    named = message(incident(), headers=[("ce_id", b"header-id")])
    bare = message(incident())
    assert event_id_of(named, parse(named.headers), {"event_id": "own"}) == "own"
    assert event_id_of(named, parse(named.headers), {"event_id": ""}) == "header-id"
    assert event_id_of(named, parse(named.headers), None) == "header-id"
    assert event_id_of(bare, parse([]), None) == f"agency.{AGENCY}.incident.v1/0/7"
    assert event_id_of(bare, parse([("ce_id", b"a\x00b")]), None) == bare.position


@pytest.mark.parametrize(
    ("key", "text"),
    [(b"REF-1", "REF-1"), (None, None), (b"", None), (b"\xff", None), (b"\n", None)],
)
def test_a_key_is_a_reference_or_nothing(key: bytes | None, text: str | None) -> None:
    """Keys that cannot be a reference count as absent."""
    assert key_of(message(incident(), key=key)) == text
