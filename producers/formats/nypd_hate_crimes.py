"""NYPD hate crimes: the public file of the City of New York (NYC Open Data, "NYPD Hate Crimes").

The file has one row for each arrest, or one row for a complaint without an arrest. A complaint is
one incident here, its arrests folded in; nobody is named. The file tells the month of the
complaint and the day on which the record was created. Where the day lies in that month it stands
for the day of the incident; where it does not, the month is all that is known.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from producers.formats import Format
from producers.records import Fault, Row
from producers.tables import Table, UnreadableFileError, open_table
from producers.value_shape import shape_of

_ID = "Full Complaint ID"
_YEAR, _MONTH, _CREATED = "Complaint Year Number", "Month Number", "Record Create Date"
_PRECINCT, _COUNTY, _BOROUGH = "Complaint Precinct Code", "County", "Patrol Borough Name"
_LAW, _OFFENCE = "Law Code Category Description", "Offense Description"
_CODE = "PD Code Description"
_MOTIVE, _CATEGORY = "Bias Motive Description", "Offense Category"
_ARREST_DATE, _ARREST = "Arrest Date", "Arrest Id"

COLUMNS = (_ID, _YEAR, _MONTH, _CREATED, _PRECINCT, _BOROUGH, _COUNTY, _LAW, _OFFENCE, _CODE,
           _MOTIVE, _CATEGORY, _ARREST_DATE, _ARREST)  # fmt: skip
_OF_THE_COMPLAINT = tuple(name for name in COLUMNS if name not in {_ARREST_DATE, _ARREST})
_NEW_YORK = ZoneInfo("America/New_York")
_CRIMES = frozenset({"FELONY", "MISDEMEANOR", "VIOLATION"})
_PATHS = {
    "reference": _ID,
    "recorded_at": _CREATED,
    "occurred": _CREATED,
    "kind": _LAW,
    "strands": _MOTIVE,
    "perceived_target": _MOTIVE,
    "source_code": _CODE,
    "incident_type": _OFFENCE,
    "location.ward": _PRECINCT,
    "location.district": _COUNTY,
    "outcome": _ARREST_DATE,
}

_SINGULAR = {"motives": "motive", "counties": "county"}

_Line = tuple[int, Mapping[str, str]]


def read(path: Path) -> Iterator[Row]:
    """Read the file: one row for each complaint, in the order in which they first appear."""
    try:
        table = open_table(path, COLUMNS)
    except UnreadableFileError as error:
        yield Row((), faults=(error.fault,))
        return
    for fault in table.too_long():
        yield Row((fault.row or 0,), faults=(fault,))
    yield from (_complaint(lines) for lines in _by_complaint(table))


def _by_complaint(table: Table) -> Iterator[list[_Line]]:
    found: dict[str, list[_Line]] = {}
    for number, cells in table.rows():
        key = cells[_ID] or f"row {number}"
        found.setdefault(key, []).append((number, cells))
    yield from found.values()


@cache
def _words() -> Mapping[str, Any]:
    text = resources.files("producers.formats").joinpath("nypd_hate_crimes.toml").read_text("utf-8")
    return tomllib.loads(text)


class _Reading:
    """One complaint being read: gathers its faults and notes."""

    def __init__(self, lines: Sequence[_Line]) -> None:
        self.lines = lines
        self.number, self.first = lines[0]
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []

    def fault(self, column: str, code: str, rule: str, line: _Line | None = None) -> None:
        number, cells = line or self.lines[0]
        self.faults.append(Fault(number, column, code, shape_of(cells[column]), rule))

    def note(self, column: str, code: str, rule: str, line: _Line | None = None) -> None:
        number, cells = line or self.lines[0]
        self.notes.append(Fault(number, column, code, shape_of(cells[column]), rule))

    def day(self, column: str, line: _Line | None = None) -> date | None:
        cells = (line or self.lines[0])[1]
        try:
            return datetime.strptime(cells[column], "%m/%d/%Y").replace(tzinfo=UTC).date()
        except ValueError:
            self.fault(column, "not-a-date", "a date as MM/DD/YYYY", line)
            return None

    def whole(self, column: str, low: int, high: int) -> int | None:
        text = self.first[column]
        if text.isascii() and text.isdigit() and low <= int(text) <= high:
            return int(text)
        self.fault(column, "not-a-number", f"a whole number from {low} to {high}")
        return None

    def known(self, column: str, table: str, line: _Line | None = None) -> Any | None:
        cells = (line or self.lines[0])[1]
        words: Mapping[str, Any] = _words()[table]
        if cells[column] not in words:
            rule = f"one of the {len(words)} values of the published file"
            self.fault(column, f"unknown-{_SINGULAR[table]}", rule, line)
            return None
        return words[cells[column]]


def _complaint(lines: list[_Line]) -> Row:
    reading = _Reading(lines)
    if not reading.first[_ID].isdigit():
        reading.fault(_ID, "not-a-number", "the complaint's id, digits only")
    _contradictions(reading)
    value = {
        "reference": reading.first[_ID],
        "kind": "crime" if reading.first[_LAW] in _CRIMES else "incident",
        "recording_regime": "public-dataset",
        "perceived_by": ["officer"],
        "source_code": reading.first[_CODE] or None,
        **_when(reading),
        **_why(reading),
        **_what(reading),
        "location": _where(reading),
        "outcome": _arrests(reading),
        "gsc": "OFFICIAL",
    }
    numbers = tuple(number for number, _ in lines)
    faults, notes = tuple(reading.faults), tuple(reading.notes)
    return Row(numbers, value=None if faults else value, faults=faults, notes=notes, columns=_PATHS)


def _contradictions(reading: _Reading) -> None:
    """Note where later rows of one complaint say something else than its first."""
    for line in reading.lines[1:]:
        for column in _OF_THE_COMPLAINT:
            if line[1][column] != reading.first[column]:
                kept = "all motives are kept" if column == _MOTIVE else "the first row is kept"
                rule = f"the same as in row {reading.number}, the complaint's first; {kept}"
                reading.note(column, "rows-disagree", rule, line)


def _when(reading: _Reading) -> dict[str, Any]:
    created = reading.day(_CREATED)
    year, month = reading.whole(_YEAR, 1900, 2200), reading.whole(_MONTH, 1, 12)
    if created is None or year is None or month is None:
        return {}
    happened, precision = created, "day"
    if (created.year, created.month) != (year, month):
        happened, precision = date(year, month, 1), "month"
        rule = "a day in the complaint's month; the month is kept, the day is not known"
        reading.note(_CREATED, "month-differs", rule)
    return {
        "occurred": {"from": _midnight(happened), "precision": precision},
        "recorded_at": _midnight(max(created, happened)),
    }


def _why(reading: _Reading) -> dict[str, Any]:
    found = [reading.known(_MOTIVE, "motives", line) for line in reading.lines]
    rows = [row for row in found if row]
    return {
        "strands": list(dict.fromkeys(row[0] for row in rows)),
        "perceived_target": list(dict.fromkeys(row[1] for row in rows)),
        "other_strands": list(dict.fromkeys(row[2] for row in rows if len(row) > 2)),
    }


def _what(reading: _Reading) -> dict[str, Any]:
    words = _words()
    code = reading.first[_CODE]
    type_ = next(
        (kind for start, kind in words["codes"].items() if code.startswith(start)),
        words["offences"].get(reading.first[_OFFENCE], "other"),
    )
    harm: dict[str, Any] = {"arson": type_ == "arson", "threat": type_ == "threats"}
    harm["damage"] = type_ in {"arson", "damage_desecration"}
    if type_ == "extreme_violence":
        harm["injury"] = "serious"
    return {"incident_type": type_, "harm": harm}


def _where(reading: _Reading) -> dict[str, Any]:
    precinct = reading.whole(_PRECINCT, 1, 999)
    return {
        "ward": f"NYPD-{precinct:03d}" if precinct else None,
        "district": reading.known(_COUNTY, "counties"),
    }


def _arrests(reading: _Reading) -> dict[str, Any] | None:
    days = [reading.day(_ARREST_DATE, line) for line in reading.lines if line[1][_ARREST]]
    known = [day for day in days if day is not None]
    return {"code": "arrest", "at": _midnight(min(known))} if known else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), _NEW_YORK).astimezone(UTC)


FORMAT = Format(
    "nypd-hate-crimes",
    "NYPD Hate Crimes, public file of NYC Open Data",
    read,
    "nypd-hate-crimes-2019-2024.csv",
)
