"""Templates for spreadsheets: columns in a TOML file, an empty file to fill in, rows by column.

Columns may be left out or stand in any order, except the required ones; a heading's case does not
matter, nor whether its words are parted by a space, hyphen or underscore. A row whose first cell
begins with the guide's mark is skipped. What a record is made of is the format's own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from producers import cells
from producers.records import Fault, Row
from producers.tables import Table, UnreadableFileError, open_table
from producers.value_shape import shape_of
from schemas.vocabulary import nearest, resolve

GUIDE_MARK: Final = "GUIDE:"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a template: the path that it fills, how its text is read, what its guide says.

    `person` is the index of the person that it is about, None for none.
    """

    name: str
    path: str
    kind: str
    codes: str | None
    required: bool
    guide: str
    person: int | None = None


def column(row: Mapping[str, Any], person: int | None = None, prefix: str = "") -> Column:
    """A column as the TOML file says it."""
    return Column(
        prefix + row["name"],
        row["path"],
        row.get("kind", "text"),
        row.get("codes"),
        bool(row.get("required")),
        row["guide"],
        person,
    )


def blank(columns: Sequence[Column]) -> str:
    """Write an empty template: the header and the guide row, with the mark that Excel needs."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([each.name for each in columns])
    guides = [f"{each.guide}{' (required)' if each.required else ''}" for each in columns]
    writer.writerow([f"{GUIDE_MARK} {guides[0]}", *guides[1:]])
    return "\ufeff" + out.getvalue()


def opened(path: Path, columns: Sequence[Column], command: str) -> Iterator[Row | Line]:
    """The lines of a filled-in template, and as rows what cannot be read of it.

    `command` writes the template anew; a fault names it.
    """
    required = [each.name for each in columns if each.required]
    try:
        table = open_table(path, required, [each.name for each in columns])
    except UnreadableFileError as error:
        yield Row((), faults=(error.fault,))
        return
    strangers = _strangers(table, columns, command)
    if strangers is not None:
        yield strangers
    spilled = {fault.row: fault for fault in table.too_long()}
    for number, found in table.rows():
        if next(iter(found.values())).startswith(GUIDE_MARK):
            continue
        if number in spilled:
            yield Row((number,), faults=(spilled[number],))
        else:
            yield Line(number, found)


def _strangers(table: Table, columns: Iterable[Column], command: str) -> Row | None:
    known = {each.name for each in columns}
    count = sum(1 for name in table.header if name and name not in known)
    if not count:
        return None
    rule = f"only columns of the template; `{command}` writes them"
    return Row((1,), faults=(Fault(1, "", "unknown-column", f"{count} columns", rule),))


class Line:
    """One line being read: gathers values, the columns behind their paths, and faults."""

    def __init__(self, number: int, found: Mapping[str, str]) -> None:
        """`found`: cells by column."""
        self.number = number
        self.faults: list[Fault] = []
        self.columns: dict[str, str] = {}
        self.value: dict[str, Any] = {}
        self._found = found

    def read(self, one: Column) -> Any:
        """A cell's value; None where it is empty or cannot be read, of which a fault is kept."""
        cell = self._found.get(one.name, "")
        if not cell:
            if one.required:
                self.fault(one, "missing", "required")
            return None
        try:
            value = cells.READERS[one.kind](cell)
        except cells.UnreadableCellError as error:
            self.fault(one, error.code, error.rule)
            return None
        return self._resolved(one, value) if one.codes else value

    def has(self, name: str) -> bool:
        """Whether a cell holds anything."""
        return bool(self._found.get(name))

    def fault(self, one: Column, code: str, rule: str) -> None:
        """Keep a fault of a column."""
        seen = shape_of(self._found.get(one.name, ""))
        self.faults.append(Fault(self.number, one.name, code, seen, rule))

    def put(self, one: Column, value: Any) -> None:
        """Put a value where its column says."""
        put(self.value, one.path, value)
        self.columns[one.path] = one.name

    def row(self, record: str) -> Row:
        """What the line comes to."""
        value = None if self.faults else self.value
        return Row((self.number,), record, value, tuple(self.faults), columns=self.columns)

    def _resolved(self, one: Column, value: Any) -> Any:
        """The codes that the cell's words mean; Excel's users write Sexual orientation."""
        assert one.codes is not None
        words = value if isinstance(value, list) else [value]
        found = [resolve(one.codes, word) for word in words]
        for word, code in zip(words, found, strict=True):
            if code is None:
                close = nearest(one.codes, word)
                rule = f"a code of vocabulary {one.codes}: {one.guide}"
                hint = f"; the nearest is {close}" if close else ""
                self.fault(one, f"unknown-{one.codes.replace('_', '-')}", rule + hint)
        return found if isinstance(value, list) else found[0]


def put(into: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a path such as `location.ward` or `identifiers[0].value`."""
    *front, last = path.split(".")
    for step in front:
        name, bracket, _ = step.partition("[")
        into = into.setdefault(name, [{}])[0] if bracket else into.setdefault(name, {})
    into[last] = value
