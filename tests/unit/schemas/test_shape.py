"""Records as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas import shape
from tests.unit.schemas.test_codec import example


def incident(**changes: Any) -> dict[str, Any]:
    """Give the example incident as JSON, changed."""
    return {**shape.to_json("incident.v1", example("incident.v1")), **changes}


def faults(value: Any) -> set[tuple[str, str]]:
    """Code and path of each departure from an incident."""
    return {(one["code"], one["path"]) for one in shape.check("incident.v1", value)}


def test_a_record_in_order_has_no_departures() -> None:
    """The example is in order."""
    assert faults(incident()) == set()


def test_every_departure_is_reported_with_its_path() -> None:
    """Not only the first one."""
    value = incident(version="one", kind=None, strands="race")
    value["persons"][0]["age"] = 12.5
    del value["recorded_at"]

    assert faults(value) == {
        ("wrong-type", "version"),
        ("wrong-type", "kind"),
        ("wrong-type", "strands"),
        ("wrong-type", "persons[0].age"),
        ("missing", "recorded_at"),
    }


def test_a_strangers_field_is_named_unless_its_name_might_be_a_persons() -> None:
    """A misspelt field name is repeated; anything with capitals or blanks is not."""
    value = incident(stransd=[])
    value["Winifred Connors"] = 1

    assert faults(value) == {("unknown-field", "stransd"), ("unknown-field", "<16 characters>")}


def test_a_departure_never_repeats_a_value() -> None:
    """Rules say what would be accepted, in the schema's words."""
    value = incident(recorded_at="Winifred", version="Winifred")

    assert "Winifred" not in str(shape.check("incident.v1", value))


@pytest.mark.parametrize(
    "text", ["2026-03-01", "2026-03-01T10:00:00", "yesterday", "", "2026-13-01T00:00:00Z"]
)
def test_a_time_needs_a_date_and_an_offset(text: str) -> None:
    """Local times are ambiguous, so they are refused."""
    assert faults(incident(recorded_at=text)) == {("not-a-time", "recorded_at")}


def test_times_are_read_as_utc_to_the_millisecond() -> None:
    """An offset is converted, microseconds are cut."""
    assert shape.timestamp("2026-03-01T10:00:00.123999+01:00") == datetime(
        2026, 3, 1, 9, 0, 0, 123000, tzinfo=UTC
    )


@pytest.mark.parametrize("value", [None, [], "text", 7])
def test_what_is_no_object_is_no_record(value: Any) -> None:
    """One departure, for the whole event."""
    assert faults(value) == {("wrong-type", "")}


@pytest.mark.parametrize("number", [True, 2**31, -(2**31) - 1, 1.0, "1"])
def test_whole_numbers_are_whole_and_fit(number: Any) -> None:
    """Avro's int has 32 bits; a boolean is no number."""
    assert faults(incident(version=number)) == {("wrong-type", "version")}


def test_lone_surrogates_are_refused_rather_than_failing_later() -> None:
    """Such text cannot be written as UTF-8."""
    assert faults(incident(narrative="\ud800")) == {("wrong-type", "narrative")}


def test_bytes_travel_as_base64() -> None:
    """There and back."""
    record = example("receipt.v1")
    assert shape.from_json("receipt.v1", shape.to_json("receipt.v1", record))[0] == record
    letter = example("dead-letter.v1")
    again, found = shape.from_json("dead-letter.v1", shape.to_json("dead-letter.v1", letter))
    assert found == []
    assert again == letter


@pytest.mark.parametrize(
    "changes",
    [{f"field{n}": 1 for n in range(5_000)}, {"persons": [7] * 5_000}],
    ids=["unknown fields", "list entries"],
)
def test_departures_are_listed_up_to_a_limit(changes: dict[str, Any]) -> None:
    """A few megabytes of nonsense must not be answered with hundreds."""
    found = shape.check("incident.v1", incident(**changes))
    assert len(found) == shape.LIMIT
    assert found[-1]["code"] == "more-faults"
    assert "more-faults" not in {one["code"] for one in found[:-1]}


def test_exactly_as_many_departures_as_the_limit_are_all_listed() -> None:
    """Nothing is said to be missing that is not."""
    found = shape.check("incident.v1", incident(**{f"field{n}": 1 for n in range(shape.LIMIT)}))
    assert [one["code"] for one in found] == ["unknown-field"] * shape.LIMIT
