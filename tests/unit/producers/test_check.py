"""Checking a whole file: all faults, no values, one clear fault for a wrong file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from producers import cli
from producers.check import check
from producers.formats import formats
from producers.records import EventMaker, Row
from producers.value_shape import shape_of

APP = typer.Typer()
cli.register(APP)
ONE = {
    "reference": "R-1",
    "recorded_at": "2026-01-02T10:00:00Z",
    "occurred": {"from": "2026-01-01T20:00:00Z"},
    "kind": "crime",
    "strands": ["race"],
    "persons": [{"role": "victim", "given_names": "Xanthippe", "date_of_birth": "1990-01-01"}],
}


def write(tmp_path: Path, *values: object) -> Path:
    """A file of hub JSON."""
    path = tmp_path / "f.ndjson"
    path.write_text("".join(f"{json.dumps(value)}\n" for value in values), "utf-8")
    return path


def test_every_fault_of_every_row_is_listed(tmp_path: Path) -> None:
    """Not only the first."""
    bad = {**ONE, "reference": "R-2", "kind": "krime", "strands": ["raec"], "version": "two"}
    worse = {"reference": "R-3"}
    report = check(write(tmp_path, ONE, bad, worse), formats()["hub-json"], "north")
    assert (report.rows, len(report.events), report.faulty) == (3, 1, 2)
    assert {fault.row for fault in report.faults} == {2, 3}
    assert len(report.faults) >= 4


def test_the_same_row_twice_is_sent_once(tmp_path: Path) -> None:
    """It is counted as repeated, and is no fault."""
    report = check(write(tmp_path, ONE, ONE), formats()["hub-json"], "north")
    assert (len(report.events), report.repeated, report.clean) == (1, 1, True)


def test_one_reference_with_two_contents_needs_a_version(tmp_path: Path) -> None:
    """Otherwise nobody could say which one stands."""
    other = {**ONE, "strands": ["religion"]}
    report = check(write(tmp_path, ONE, other), formats()["hub-json"], "north")
    assert [fault.code for fault in report.faults] == ["version-twice"]
    later = {**other, "version": 2}
    assert check(write(tmp_path, ONE, later), formats()["hub-json"], "north").clean


def test_an_event_id_belongs_to_one_event(tmp_path: Path) -> None:
    """Two events with one id could not be told apart by their receipt."""
    first, second = {**ONE, "event_id": "e1"}, {**ONE, "event_id": "e1", "reference": "R-9"}
    report = check(write(tmp_path, first, second), formats()["hub-json"], "north")
    assert [fault.code for fault in report.faults] == ["event-id-twice"]


def test_another_agencys_rows_are_refused(tmp_path: Path) -> None:
    """The agency that publishes is the one that speaks."""
    report = check(write(tmp_path, {**ONE, "agency": "south"}), formats()["hub-json"], "north")
    assert [fault.code for fault in report.faults] == ["agency-mismatch"]
    assert check(write(tmp_path, {**ONE, "agency": "south"}), formats()["hub-json"]).clean


@pytest.mark.parametrize("format_", sorted(formats()))
@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"PK\x03\x04 and so on", "an .xlsx workbook"),
        (b"\xd0\xcf\x11\xe0 and so on", "an old .xls workbook"),
        (b"\x00\x01\x02", "binary data"),
        (b"", "empty"),
    ],
)
def test_a_file_of_another_kind_has_one_clear_fault(
    tmp_path: Path, format_: str, content: bytes, seen: str
) -> None:
    """A workbook under a false name is the usual one."""
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    report = check(path, formats()[format_], "north")
    assert [fault.seen for fault in report.faults] == [seen]
    assert report.faults[0].row is None


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """Not a crash."""
    report = check(tmp_path / "nowhere.csv", formats()["csv-template"])
    assert [fault.code for fault in report.faults] == ["no-file"]


@given(st.binary(max_size=400))
def test_no_bytes_make_a_reader_raise(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    """Whatever a file holds, the answer is a report."""
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(raw)
    for format_ in formats().values():
        check(path, format_, "north")


@given(st.text(min_size=4))
def test_the_shape_of_a_value_never_holds_the_value(value: str) -> None:
    """Unless the value is one of the few words that shapes are made of."""
    words = "text of letters characters digits spaces signs parted as a date is empty"
    if value.strip() and value not in words:
        assert value not in shape_of(value)


def test_equal_rows_have_equal_event_ids_and_different_ones_have_not() -> None:
    """The id is the content's, under the agency's secret."""
    maker = EventMaker("north", secret=b"k" * 32)
    first, same = maker.make(Row((1,), value=dict(ONE))), maker.make(Row((7,), value=dict(ONE)))
    changed = maker.make(Row((1,), value={**ONE, "kind": "incident"}))
    foreign = EventMaker("north", secret=b"j" * 32).make(Row((1,), value=dict(ONE)))
    ids = [made[0].event_id for made in (first, same, changed, foreign) if made[0]]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_the_command_prints_no_value_and_exits_with_1(tmp_path: Path) -> None:
    """A name in the file stays in the file."""
    bad = {**ONE, "persons": [{**ONE["persons"][0], "sex": "Xanthippe"}]}  # type: ignore[index]
    path = write(tmp_path, bad)
    for options in ([], ["--json"]):
        done = CliRunner().invoke(APP, ["check", str(path), "--format", "hub-json", *options])
        assert done.exit_code == 1
        assert "persons[0].sex" in done.output
        assert "Xanthippe" not in done.output


def test_a_good_file_exits_with_0_and_says_what_it_holds(tmp_path: Path) -> None:
    """As JSON too."""
    path = write(tmp_path, ONE)
    done = CliRunner().invoke(APP, ["check", str(path), "-f", "hub-json", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.output)["by_record"] == {"incident.v1": 1}


def test_wrong_use_exits_with_2(tmp_path: Path) -> None:
    """An unknown format; the answer lists the known ones."""
    done = CliRunner().invoke(APP, ["check", str(write(tmp_path, ONE)), "-f", "nothing"])
    assert done.exit_code == 2
    assert "hub-json" in done.stderr


def test_template_csv_writes_a_file_that_passes(tmp_path: Path) -> None:
    """To the screen or to a file."""
    path = tmp_path / "t.csv"
    assert CliRunner().invoke(APP, ["template", "csv", "--out", str(path)]).exit_code == 0
    assert check(path, formats()["csv-template"]).clean
    assert "reference" in CliRunner().invoke(APP, ["template", "csv"]).output
