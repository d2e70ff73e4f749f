"""The CSV template survives what spreadsheets do to it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from producers.formats import formats
from producers.formats.csv_template import blank, template
from producers.records import EventMaker, Row

GOOD = {
    "reference": "R-1",
    "recorded_at": "14/07/2026 09:30",
    "occurred_from": "13/07/2026 22:15",
    "kind": "incident",
    "strands": "Race | sexual orientation",
    "perceived_by": "victim",
    "victim1_given_names": "Zoë",
    "victim1_date_of_birth": "03/09/1987",
    "suspect1_family_name": "Nobody",
    "rubric_4": "2",
}


def write(
    path: Path, *rows: dict[str, str], delimiter: str = ",", encoding: str = "utf-8", end: str = ""
) -> Path:
    """A filled-in template."""
    columns = [column.name for column in template().columns]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes((out.getvalue() + end).encode(encoding))
    return path


def read(path: Path) -> list[Row]:
    """Its rows."""
    return list(formats()["csv-template"].read(path))


def made(row: Row) -> dict[str, Any]:
    """The record of a row without faults."""
    event, faults = EventMaker("north").make(row)
    assert faults == ()
    assert event is not None
    return event.value


def test_a_row_becomes_an_incident(tmp_path: Path) -> None:
    """Times are London's, words become codes, persons are gathered."""
    [row] = read(write(tmp_path / "f.csv", GOOD))
    value = made(row)
    assert value["recorded_at"].isoformat() == "2026-07-14T08:30:00+00:00"
    assert value["occurred"]["from"].isoformat() == "2026-07-13T21:15:00+00:00"
    assert value["occurred"]["precision"] == "exact"
    assert value["strands"] == ["race", "sexual_orientation"]
    assert [person["role"] for person in value["persons"]] == ["victim", "suspect"]
    assert value["persons"][0]["date_of_birth"] == "1987-09-03"
    assert value["rubric"] == {"4": 2}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_separators_and_encodings_do_not_matter(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    """Excel saves with marks, semicolons and Windows letters."""
    [row] = read(write(tmp_path / "f.csv", GOOD, delimiter=delimiter, encoding=encoding))
    assert made(row)["persons"][0]["given_names"] == "Zoë"


def test_blank_rows_and_the_guide_row_are_skipped(tmp_path: Path) -> None:
    """Neither is data; rows keep the numbers that the spreadsheet shows."""
    path = tmp_path / "f.csv"
    text = blank() + "\r\n" + ",,,,\r\n"
    columns = [column.name for column in template().columns]
    text += ",".join(GOOD.get(name, "") for name in columns) + "\r\n"
    path.write_text(text, "utf-8", newline="")
    [row] = read(path)
    assert row.numbers == (5,)
    assert made(row)["reference"] == "R-1"


def test_an_empty_template_has_no_rows(tmp_path: Path) -> None:
    """What `template csv` writes is accepted as it is."""
    path = tmp_path / "f.csv"
    path.write_text(blank(), "utf-8", newline="")
    assert read(path) == []


def test_a_day_without_a_time_is_precise_to_the_day(tmp_path: Path) -> None:
    """Unless the file says otherwise."""
    [row] = read(write(tmp_path / "f.csv", {**GOOD, "occurred_from": "13/07/2026"}))
    assert made(row)["occurred"]["precision"] == "day"
    stated = {**GOOD, "occurred_from": "13/07/2026", "occurred_precision": "week"}
    [row] = read(write(tmp_path / "f.csv", stated))
    assert made(row)["occurred"]["precision"] == "week"


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("recorded_at", "2026 July", "not-a-time"),
        ("occurred_from", "31/02/2026", "not-a-time"),
        ("occurred_from", "29/03/2026 01:30", "no-such-time"),
        ("kind", "krime", "unknown-kind"),
        ("strands", "raec", "unknown-strand"),
        ("aggravated", "perhaps", "not-yes-or-no"),
        ("victim1_age", "forty", "not-a-number"),
        ("victim1_date_of_birth", "12th May", "not-a-date"),
        ("reference", "", "missing"),
    ],
)
def test_a_fault_names_row_column_shape_and_rule_but_no_value(
    tmp_path: Path, column: str, cell: str, code: str
) -> None:
    """Whoever holds the file can find it; nobody else learns anything."""
    [row] = read(write(tmp_path / "f.csv", {**GOOD, column: cell}))
    [fault] = row.faults
    assert (fault.row, fault.column, fault.code) == (2, column, code)
    assert fault.rule
    if cell:
        assert cell not in f"{fault.seen} {fault.rule}"


def test_a_rule_of_the_hub_names_the_column_too(tmp_path: Path) -> None:
    """Validation speaks of paths; the report speaks of columns."""
    [row] = read(write(tmp_path / "f.csv", {**GOOD, "victim1_postcode": "NOT A POSTCODE"}))
    event, faults = EventMaker("north").make(row)
    assert event is None
    assert [(fault.column, fault.row) for fault in faults] == [("victim1_postcode", 2)]


def test_an_unquoted_separator_is_a_fault_of_its_row(tmp_path: Path) -> None:
    """Cells beyond the last column mean that something slipped."""
    columns = [column.name for column in template().columns]
    line = ",".join([GOOD.get(name, "") for name in columns] + ["spilled"])
    path = write(tmp_path / "f.csv", end=line + "\r\n")
    [row] = read(path)
    assert [fault.code for fault in row.faults] == ["too-many-cells"]


def test_columns_of_ones_own_are_pointed_out_without_their_names(tmp_path: Path) -> None:
    """A heading may hold anything."""
    path = tmp_path / "f.csv"
    path.write_text("reference,recorded_at,occurred_from,kind,Jane Doe\n", "utf-8")
    [row] = read(path)
    assert row.faults[0].code == "unknown-column"
    assert "Jane" not in str(row.faults)
