"""Hub JSON in its three forms, and what is not JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from producers.formats import formats
from producers.records import Row

ONE = {"reference": "R-1", "occurred": {"from": "2026-01-01T00:00:00Z"}, "kind": "crime"}
REPORT = {"reference": "T-1", "observed": {"from": "2026-01-01T00:00:00Z"}}


def read(tmp_path: Path, text: str) -> list[Row]:
    """The rows of a file with this text."""
    path = tmp_path / "f.json"
    path.write_text(text, "utf-8")
    return list(formats()["hub-json"].read(path))


@pytest.mark.parametrize(
    "text",
    [json.dumps([ONE, REPORT]), f"{json.dumps(ONE)}\n\n{json.dumps(REPORT)}\n"],
    ids=["list", "lines"],
)
def test_a_list_and_lines_give_the_same_records(tmp_path: Path, text: str) -> None:
    """Tension reports are known by what they hold."""
    rows = read(tmp_path, text)
    assert [row.record for row in rows] == ["incident.v1", "tension-report.v1"]
    assert [row.value for row in rows] == [ONE, REPORT]


def test_a_single_object_over_several_lines_is_one_record(tmp_path: Path) -> None:
    """Indented JSON is JSON."""
    [row] = read(tmp_path, json.dumps(ONE, indent=2))
    assert row.value == ONE


def test_an_object_may_say_what_it_is(tmp_path: Path) -> None:
    """`record` is read and taken off."""
    [row] = read(tmp_path, json.dumps({"record": "tension-report", **ONE}))
    assert (row.record, row.value) == ("tension-report.v1", ONE)
    [row] = read(tmp_path, json.dumps({"record": "alert", **ONE}))
    assert [fault.code for fault in row.faults] == ["unknown-record"]


def test_one_bad_line_does_not_spoil_the_others(tmp_path: Path) -> None:
    """Its fault has its line."""
    rows = read(tmp_path, f"{json.dumps(ONE)}\n{{broken\n{json.dumps(ONE)}")
    assert [[fault.code for fault in row.faults] for row in rows] == [[], ["not-json"], []]
    assert rows[1].numbers == (2,)


@pytest.mark.parametrize("text", ["", "   \n", "reference,kind\nR-1,crime\n", "[" * 100_000])
def test_what_is_not_json_has_one_clear_fault(tmp_path: Path, text: str) -> None:
    """Not one for each line."""
    [row] = read(tmp_path, text)
    assert len(row.faults) == 1


@pytest.mark.parametrize("text", ["[1]", '["a"]', "[null]", "3"])
def test_a_record_is_an_object(tmp_path: Path, text: str) -> None:
    """Anything else is a fault with the value's shape."""
    [row] = read(tmp_path, text)
    assert [fault.code for fault in row.faults] == ["wrong-type"]


def test_no_number_is_not_a_number(tmp_path: Path) -> None:
    """JSON has no NaN."""
    [row] = read(tmp_path, '{"age": NaN}')
    assert [fault.code for fault in row.faults] == ["not-json"]
