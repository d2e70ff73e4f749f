"""Opening tables as people save them: encodings, separators, spreadsheets under a false name."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from producers.records import Fault

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SPREADSHEETS = {b"PK\x03\x04": "an .xlsx workbook", b"\xd0\xcf\x11\xe0": "an old .xls workbook"}
_LONGEST_CELL = 1_000_000


class UnreadableFileError(Exception):
    """The file as a whole is not what the format expects."""

    def __init__(self, fault: Fault) -> None:
        """Hold the one fault that says why."""
        super().__init__(fault.rule)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Table:
    """A table's header and its lines, each with the row number that a spreadsheet shows."""

    header: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Give each line by column, cells trimmed; lines without any text are left out."""
        for number, cells in self.lines:
            if any(cell.strip() for cell in cells):
                padded = [*cells, *[""] * (len(self.header) - len(cells))]
                found = zip(self.header, padded, strict=False)
                yield number, {name: cell.strip() for name, cell in found}

    def too_long(self) -> list[Fault]:
        """Lines with text beyond the last column: a separator inside a cell that is not quoted."""
        rule = f"{len(self.header)} cells; put a cell that holds the separator into double quotes"
        return [
            Fault(number, "", "too-many-cells", f"{len(cells)} cells", rule)
            for number, cells in self.lines
            if any(cell.strip() for cell in cells[len(self.header) :])
        ]


def whole_file(code: str, seen: str, rule: str) -> UnreadableFileError:
    """Make the fault of a whole file."""
    return UnreadableFileError(Fault(None, "", code, seen, rule))


def text_of(path: Path) -> str:
    """Read a text file in UTF-8 or UTF-16 with a mark, UTF-8 without, or else Windows-1252.

    Raises UnreadableFileError for a workbook, other binary data, and where there is no file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        seen = error.strerror or "unreadable"
        raise whole_file("no-file", seen, "a file that can be read") from None
    for mark, name in _SPREADSHEETS.items():
        if data.startswith(mark):
            raise whole_file("workbook", name, "a text file: in the spreadsheet save as CSV UTF-8")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\x00" in data[:4096]:
        raise whole_file("binary", "binary data", "a text file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def open_table(path: Path, required: Sequence[str], known: Sequence[str] = ()) -> Table:
    """Read a delimited table whose header has at least the required columns.

    The separator is the one that finds most of them. A heading that differs from a `known` column
    in case, spaces or hyphens alone is that column. Raises UnreadableFileError.
    """
    text = text_of(path)
    first = text.lstrip("\r\n").partition("\n")[0]
    if not first.strip():
        raise whole_file("empty-file", "empty", "a header row and below it the data")
    separator = max(_SEPARATORS, key=lambda mark: _matches(first, mark, required, known))
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header: tuple[str, ...] = ()
    lines: list[tuple[int, tuple[str, ...]]] = []
    try:
        for number, cells in enumerate(reader, 1):
            if header:
                lines.append((number, tuple(cells)))
            elif any(cell.strip() for cell in cells):
                header = tuple(_heading(cell, known) for cell in cells)
    except csv.Error:
        rule = "cells no longer than a million characters"
        raise whole_file("not-a-table", "text", rule) from None
    _check_header(header, required, separator)
    return Table(header, tuple(lines))


def _heading(cell: str, known: Sequence[str]) -> str:
    name = cell.strip()
    alike = re.sub(r"[\s_\-]+", "_", name).casefold()
    return alike if alike in known else name


def _matches(first: str, separator: str, required: Sequence[str], known: Sequence[str]) -> int:
    names = {_heading(name.strip().strip('"'), known) for name in first.split(separator)}
    return 1000 * len(names & set(required)) + first.count(separator)


def _check_header(header: tuple[str, ...], required: Sequence[str], separator: str) -> None:
    missing = [name for name in required if name not in header]
    if missing:
        seen = f"{len(header)} columns parted by {_SEPARATORS[separator]}"
        listed = ", ".join(missing[:6]) + (" …" if len(missing) > 6 else "")
        rule = f"a header row with the columns of the format; missing: {listed}"
        raise whole_file("columns-missing", seen, rule)
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        known = [name for name in twice if name in required]
        rule = f"each column once; twice: {', '.join(known) or 'a column of your own'}"
        raise whole_file("column-twice", f"{len(header)} columns", rule)
