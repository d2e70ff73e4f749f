"""The hub's CSV template: one incident a row, up to two victims and two suspects in flat columns.

Columns may be left out or stand in any order, except the required ones. A row whose first cell
begins with the guide's mark is skipped. What columns there are stands in csv_template.toml.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from producers import cells
from producers.formats import Format
from producers.records import Fault, Row
from producers.tables import Table, UnreadableFileError, open_table
from producers.value_shape import shape_of
from schemas.vocabulary import nearest, resolve

_RUBRIC_ITEMS = range(1, 15)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the template. `person` is the index in `Template.persons`, None for none."""

    name: str
    path: str
    kind: str
    codes: str | None
    required: bool
    guide: str
    person: int | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """All columns in order."""

    columns: tuple[Column, ...]
    persons: tuple[Mapping[str, str], ...]
    guide_mark: str


@cache
def template() -> Template:
    """Read csv_template.toml, once."""
    text = resources.files("producers.formats").joinpath("csv_template.toml").read_text("utf-8")
    data = tomllib.loads(text)
    columns = [_column(row) for row in data["column"]]
    for index, person in enumerate(data["persons"]):
        columns += [_column(row, index, f"{person['name']}_") for row in data["person"]]
    columns += [_column(row) for row in data["after"]]
    columns += [
        Column(
            f"rubric_{item}", f"rubric.{item}", "number", None, False, f"risk item {item}: points"
        )
        for item in _RUBRIC_ITEMS
    ]
    return Template(tuple(columns), tuple(data["persons"]), data["guide_mark"])


def _column(row: Mapping[str, Any], person: int | None = None, prefix: str = "") -> Column:
    return Column(
        prefix + row["name"],
        row["path"],
        row.get("kind", "text"),
        row.get("codes"),
        bool(row.get("required")),
        row["guide"],
        person,
    )


def blank() -> str:
    """Write an empty template: the header and the guide row, with the mark that Excel needs."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    columns = template().columns
    writer.writerow([column.name for column in columns])
    guides = [f"{column.guide}{' (required)' if column.required else ''}" for column in columns]
    writer.writerow([f"{template().guide_mark} {guides[0]}", *guides[1:]])
    return "\ufeff" + out.getvalue()


def read(path: Path) -> Iterator[Row]:
    """Read a filled-in template."""
    try:
        table = open_table(path, [column.name for column in template().columns if column.required])
    except UnreadableFileError as error:
        yield Row((), faults=(error.fault,))
        return
    strangers = _strangers(table)
    if strangers is not None:
        yield strangers
    spilled = {fault.row: fault for fault in table.too_long()}
    for number, found in table.rows():
        if next(iter(found.values())).startswith(template().guide_mark):
            continue
        if number in spilled:
            yield Row((number,), faults=(spilled[number],))
        else:
            yield _Reading(number, found).row()


def _strangers(table: Table) -> Row | None:
    known = {column.name for column in template().columns}
    count = sum(1 for name in table.header if name and name not in known)
    if not count:
        return None
    rule = "only columns of the template; `concord template csv` writes them"
    return Row((1,), faults=(Fault(1, "", "unknown-column", f"{count} columns", rule),))


class _Reading:
    """One line being read."""

    def __init__(self, number: int, found: Mapping[str, str]) -> None:
        self._number = number
        self._found = found
        self._faults: list[Fault] = []
        self._columns: dict[str, str] = {}
        self._value: dict[str, Any] = {}

    def row(self) -> Row:
        persons: dict[int, dict[str, Any]] = {}
        for column in template().columns:
            cell = self._found.get(column.name, "")
            if not cell:
                if column.required:
                    self._fault(column, "missing", "required")
                continue
            value = self._read(column, cell)
            if column.person is None:
                self._put(self._value, column.path, value)
                self._columns[column.path] = column.name
            else:
                self._put(persons.setdefault(column.person, {}), column.path, value)
        self._add_persons(persons)
        value = None if self._faults else self._value
        return Row((self._number,), value=value, faults=tuple(self._faults), columns=self._columns)

    def _fault(self, column: Column, code: str, rule: str) -> None:
        seen = shape_of(self._found.get(column.name, ""))
        self._faults.append(Fault(self._number, column.name, code, seen, rule))

    def _read(self, column: Column, cell: str) -> Any:
        try:
            value = cells.READERS[column.kind](cell)
        except cells.UnreadableCellError as error:
            self._fault(column, error.code, error.rule)
            return None
        if isinstance(value, cells.Moment):
            if column.name == "occurred_from" and not value.clock:
                self._value.setdefault("occurred", {}).setdefault("precision", "day")
            return value.at
        if column.codes:
            return self._resolved(column, value)
        return value

    def _resolved(self, column: Column, value: Any) -> Any:
        """The codes that the cell's words mean; Excel's users write Sexual orientation."""
        assert column.codes is not None
        words = value if isinstance(value, list) else [value]
        found = [resolve(column.codes, word) for word in words]
        for word, code in zip(words, found, strict=True):
            if code is None:
                close = nearest(column.codes, word)
                rule = f"a code of vocabulary {column.codes}: {column.guide}"
                hint = f"; the nearest is {close}" if close else ""
                self._fault(column, f"unknown-{column.codes.replace('_', '-')}", rule + hint)
        return found if isinstance(value, list) else found[0]

    def _put(self, into: dict[str, Any], path: str, value: Any) -> None:
        *front, last = path.split(".")
        for step in front:
            name, bracket, _ = step.partition("[")
            into = into.setdefault(name, [{}])[0] if bracket else into.setdefault(name, {})
        into[last] = value

    def _add_persons(self, persons: Mapping[int, dict[str, Any]]) -> None:
        listed: list[dict[str, Any]] = []
        for index, fields in sorted(persons.items()):
            kind = template().persons[index]
            for column in template().columns:
                if column.person == index:
                    self._columns[f"persons[{len(listed)}].{column.path}"] = column.name
            listed.append({"role": kind["role"], "category": kind["category"], **fields})
        if listed:
            self._value["persons"] = listed


FORMAT = Format("csv-template", "The hub's CSV template", read, "csv-template.csv")
