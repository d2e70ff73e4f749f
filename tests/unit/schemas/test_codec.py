"""Avro bytes and the Confluent frame."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from schemas import codec, shape


def example(name: str) -> dict[str, object]:
    """Read the example of a record."""
    text = resources.files("schemas").joinpath("examples", f"{name}.json").read_text("utf-8")
    record, departures = shape.from_json(name, json.loads(text))
    assert departures == []
    assert record is not None
    return record


@pytest.mark.parametrize("name", codec.NAMES)
def test_every_example_survives_the_round_trip(name: str) -> None:
    """Encoding and decoding an example gives the example."""
    record = example(name)

    assert codec.decode(name, codec.encode(name, record)) == record


@pytest.mark.parametrize("name", codec.NAMES)
def test_truncated_bytes_are_an_error_and_never_a_record(name: str) -> None:
    """Each truncation of an example's bytes is refused."""
    data = codec.encode(name, example(name))

    for length in range(0, len(data), max(1, len(data) // 50)):
        with pytest.raises(codec.CodecError):
            codec.decode(name, data[:length])


def test_bytes_left_over_are_an_error() -> None:
    """A record followed by anything is not that record."""
    data = codec.encode("tick.v1", example("tick.v1"))

    with pytest.raises(codec.CodecError, match="left over"):
        codec.decode("tick.v1", data + b"\x00")


def test_an_error_of_encoding_does_not_repeat_the_value() -> None:
    """The text names the schema, not what was in the record."""
    with pytest.raises(codec.CodecError) as raised:
        codec.encode("tick.v1", {"as_of": "Winifred"})

    assert "Winifred" not in str(raised.value)


def test_a_frame_is_a_zero_byte_and_four_bytes_of_id() -> None:
    """The Confluent wire format, byte by byte."""
    assert codec.frame(258, b"body") == b"\x00\x00\x00\x01\x02body"
    assert codec.unframe(b"\x00\x00\x00\x01\x02body") == (258, b"body")


@pytest.mark.parametrize("data", [b"", b"\x00\x00\x00\x01", b"\x01\x00\x00\x00\x01body"])
def test_what_does_not_begin_with_a_frame_is_refused(data: bytes) -> None:
    """Too short, or another magic byte."""
    with pytest.raises(codec.FramingError):
        codec.unframe(data)


def test_an_older_writers_schema_is_read_with_todays_defaults() -> None:
    """A field that the writer did not know gets its default."""
    writer = dict(codec.source("tension-report.v1"))
    writer["fields"] = [f for f in writer["fields"] if f["name"] != "platform"]
    import fastavro

    old = fastavro.parse_schema(writer)
    record = example("tension-report.v1")
    import io

    out = io.BytesIO()
    fastavro.schemaless_writer(out, old, record)

    assert codec.decode("tension-report.v1", out.getvalue(), old)["platform"] is None


def test_complete_fills_defaults_in_nested_records_and_keeps_what_is_there() -> None:
    """Only absent fields with a default are filled."""
    filled = codec.complete("incident.v1", {"agency": "a", "harm": {"weapon": True}})

    assert filled["version"] == 1
    assert filled["harm"] == {
        "injury": "unknown",
        "weapon": True,
        "threat": False,
        "threat_to_life": False,
        "arson": False,
        "damage": False,
    }
    assert "event_id" not in filled


def test_defaults_are_fresh_each_time() -> None:
    """Two records never share a list."""
    first = codec.complete("incident.v1", {})
    first["strands"].append("race")

    assert codec.complete("incident.v1", {})["strands"] == []


def test_an_unknown_record_is_named_with_the_known_ones() -> None:
    """The error says what there is."""
    with pytest.raises(KeyError, match=r"incident\.v1"):
        codec.schema_text("incidents.v1")
