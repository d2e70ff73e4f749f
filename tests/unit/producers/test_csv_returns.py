"""Tension returns survive what spreadsheets do to them; a fault names row and column."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from concord.cli import app
from producers.formats import formats
from producers.formats.csv_returns import blank, columns
from producers.records import EventMaker, Row
from schemas.records import TensionReport

GOOD = {
    "reference": "T-1",
    "recorded_at": "26/06/2026",
    "observed_from": "25/06/2026 21:30",
    "district": "X08000004",
    "ward": "X05000073",
    "eep": "Experienced",
    "category": "World event",
    "strands": "Religion; race",
    "group_affected": "religion:muslim",
    "grading": "2CC",
    "handling_conditions": "Ask first: “always”",
    "source_of_tension": "A café",
    "trigger_event": "A march",
    "trigger_date": "01/07/2026",
    "platform": "a social network",
    "direction": "UP",
    "proposed_level": "Level 3",
    "detail": "People were shouted at.",
    "partner_action": "Patrols",
    "kin_consulted": "Y",
    "review_by": "03/07/2026",
    "origin_ref": "meeting",
}
NIL = {
    "reference": "T-2", "recorded_at": "26/06/2026", "observed_from": "22/06/2026",
    "nil_return": "Yes", "district": "X08000001",
}  # fmt: skip


def write(
    path: Path, *rows: dict[str, str], delimiter: str = ",", encoding: str = "utf-8",
    heading: Any = str,
) -> Path:  # fmt: skip
    """A filled-in template."""
    names = [column.name for column in columns()]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow([heading(name) for name in names])
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def read(path: Path) -> list[Row]:
    """Its rows."""
    return list(formats()["csv-returns"].read(path))


def made(row: Row) -> dict[str, Any]:
    """The record of a row without faults."""
    event, faults = EventMaker("north").make(row)
    assert faults == ()
    assert event is not None
    assert event.record == "tension-report.v1"
    return event.value


def test_a_row_becomes_a_report_with_every_field(tmp_path: Path) -> None:
    """Times are London's, words become codes, the condition goes with the grading."""
    [row] = read(write(tmp_path / "f.csv", GOOD))
    value = made(row)
    assert value["observed"]["from"].isoformat() == "2026-06-25T20:30:00+00:00"
    assert value["observed"]["precision"] == "exact"
    assert value["grading"] == {
        "source": 2, "intelligence": "C", "handling": "C", "conditions": "Ask first: “always”",
    }  # fmt: skip
    assert value["eep"] == "experienced"
    assert value["category"] == "world_event"
    assert value["strands"] == ["religion", "race"]
    assert value["trigger_date"] == "2026-07-01"
    assert (value["direction"], value["proposed_level"]) == ("up", 3)
    assert value["online"] is True
    assert value["kin_consulted"] is True
    assert value["review_by"].isoformat() == "2026-07-02T23:00:00+00:00"
    assert value["nil_return"] is False
    words = ("source_of_tension", "trigger_event", "platform", "detail", "partner_action")
    for name in (*words, "group_affected", "origin_ref", "district", "ward"):
        assert value[name] == GOOD[name]


def test_every_field_of_the_record_has_a_column() -> None:
    """But the two that publishing fills in."""
    filled = {column.path.partition(".")[0] for column in columns()}
    assert set(TensionReport.__annotations__) - filled == {"event_id", "agency"}


def test_a_nil_return_needs_its_district_and_its_days(tmp_path: Path) -> None:
    """No grading, no EEP category."""
    [row] = read(write(tmp_path / "f.csv", NIL))
    value = made(row)
    assert value["nil_return"] is True
    assert value["grading"] is None
    assert value["observed"]["precision"] == "day"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_separators_encodings_and_the_case_of_headings_do_not_matter(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    """Excel saves with marks, semicolons and Windows letters; people write Group affected."""

    def heading(name: str) -> str:
        return name.replace("_", " ").capitalize()

    path = write(tmp_path / "f.csv", GOOD, delimiter=delimiter, encoding=encoding, heading=heading)
    [row] = read(path)
    value = made(row)
    assert value["source_of_tension"] == "A café"
    assert value["grading"]["conditions"] == "Ask first: “always”"


@pytest.mark.parametrize(
    "cell", ["03/07/2026", "3.7.2026", "2026-07-03", "3 July 2026", "03-Jul-26"]
)
def test_days_are_read_as_people_and_excel_write_them(tmp_path: Path, cell: str) -> None:
    """The day stands first, unless the year does."""
    [row] = read(write(tmp_path / "f.csv", {**GOOD, "trigger_date": cell}))
    assert made(row)["trigger_date"] == "2026-07-03"


@pytest.mark.parametrize(
    ("cell", "level"), [("4", 4), ("4.0", 4), ("4 - moderate", 4), ("High", 2)]
)
def test_levels_are_read_by_number_word_or_both(tmp_path: Path, cell: str, level: int) -> None:
    """As minutes of meetings have them."""
    [row] = read(write(tmp_path / "f.csv", {**GOOD, "proposed_level": cell}))
    assert made(row)["proposed_level"] == level


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("grading", "C2P", "not-a-grading"),
        ("grading", "2C", "not-a-grading"),
        ("grading", "4CP", "not-a-grading"),
        ("grading", "", "missing"),
        ("proposed_level", "7", "not-a-level"),
        ("proposed_level", "3 - high", "not-a-level"),
        ("trigger_date", "07/2026", "not-a-time"),
        ("review_by", "03/07/26", "not-a-time"),
        ("eep", "felt", "unknown-eep"),
        ("group_affected", "them", "unknown-target"),
        ("nil_return", "perhaps", "not-yes-or-no"),
        ("district", "", "missing"),
    ],
)
def test_a_fault_names_row_column_and_rule_but_no_value(
    tmp_path: Path, column: str, cell: str, code: str
) -> None:
    """Two rows: the faulty one is the spreadsheet's third."""
    faulty = {**GOOD, "reference": "T-3", column: cell}
    _, row = read(write(tmp_path / "f.csv", NIL, faulty))
    [fault] = row.faults
    assert (fault.row, fault.column, fault.code) == (3, column, code)
    assert fault.rule
    assert not cell or cell not in fault.seen


@pytest.mark.parametrize(
    ("other", "column", "code"),
    [
        ({"handling_conditions": ""}, "handling_conditions", "conditions-missing"),
        ({"eep": ""}, "eep", "eep-missing"),
        ({"observed_to": "01/06/2026"}, "observed_to", "ends-before-start"),
        ({"grading": "", "handling_conditions": ""}, "grading", "grading-missing"),
    ],
)
def test_a_rule_of_the_hub_names_the_column_too(
    tmp_path: Path, other: dict[str, str], column: str, code: str
) -> None:
    """Validation speaks of paths, the report of columns."""
    [row] = read(write(tmp_path / "f.csv", {**GOOD, **other}))
    _, faults = EventMaker("north").make(row)
    assert [(fault.row, fault.column, fault.code) for fault in faults] == [(2, column, code)]


def test_what_the_command_writes_is_accepted_as_it_is(tmp_path: Path) -> None:
    """An empty template has a guide for each column, and no rows."""
    path = tmp_path / "returns.csv"
    done = CliRunner().invoke(app, ["template", "returns", "--out", str(path)])
    assert done.exit_code == 0, done.output
    assert path.read_text("utf-8") == blank().replace("\r\n", "\n")
    assert read(path) == []
    checked = CliRunner().invoke(app, ["check", str(path), "--format", "csv-returns"])
    assert checked.exit_code == 0
