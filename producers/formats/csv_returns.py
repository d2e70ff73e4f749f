"""Tension returns in a spreadsheet: one item of a weekly or ad hoc return a row, nil returns too.

What columns there are stands in csv_returns.toml; how they are read in `producers.templates`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path

from producers import cells, templates
from producers.formats import Format
from producers.records import TENSION_REPORT, Row
from producers.templates import Column, Line

COMMAND = "concord template returns"


@cache
def columns() -> tuple[Column, ...]:
    """Read csv_returns.toml, once."""
    text = resources.files("producers.formats").joinpath("csv_returns.toml").read_text("utf-8")
    return tuple(templates.column(row) for row in tomllib.loads(text)["column"])


def blank() -> str:
    """Write an empty template."""
    return templates.blank(columns())


def read(path: Path) -> Iterator[Row]:
    """Read a filled-in template."""
    for each in templates.opened(path, columns(), COMMAND):
        yield each if isinstance(each, Row) else _return(each)


def _return(line: Line) -> Row:
    line.columns |= {column.path: column.name for column in columns()}
    for column in columns():
        value = line.read(column)
        if value is None:
            continue
        if isinstance(value, cells.Moment):
            if column.name == "observed_from" and not value.clock:
                line.value.setdefault("observed", {}).setdefault("precision", "day")
            value = value.at
        line.put(column, value)
    _settle(line)
    return line.row(TENSION_REPORT)


def _settle(line: Line) -> None:
    """What a row says without saying it, and a condition that has no grading to travel with."""
    if line.has("platform") and not line.has("online"):
        line.value["online"] = True
    if line.has("handling_conditions") and not line.has("grading"):
        (grading,) = (each for each in columns() if each.name == "grading")
        line.fault(grading, "missing", "a grading that the handling condition belongs to")


FORMAT = Format("csv-returns", "Tension returns in a spreadsheet", read, "csv-returns.csv")
