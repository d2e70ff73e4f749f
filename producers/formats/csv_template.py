"""The hub's CSV template: one incident a row, up to two victims and two suspects in flat columns.

What columns there are stands in csv_template.toml; how they are read in `producers.templates`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from producers import cells, templates
from producers.formats import Format
from producers.records import INCIDENT, Row
from producers.templates import Column, Line

_RUBRIC_ITEMS = range(1, 15)
COMMAND = "concord template csv"


@dataclass(frozen=True, slots=True)
class Template:
    """All columns in order; a column's `person` is the index in `persons`."""

    columns: tuple[Column, ...]
    persons: tuple[Mapping[str, str], ...]


@cache
def template() -> Template:
    """Read csv_template.toml, once."""
    text = resources.files("producers.formats").joinpath("csv_template.toml").read_text("utf-8")
    data = tomllib.loads(text)
    columns = [templates.column(row) for row in data["column"]]
    for index, person in enumerate(data["persons"]):
        columns += [templates.column(row, index, f"{person['name']}_") for row in data["person"]]
    columns += [templates.column(row) for row in data["after"]]
    columns += [
        Column(
            f"rubric_{item}", f"rubric.{item}", "number", None, False, f"risk item {item}: points"
        )
        for item in _RUBRIC_ITEMS
    ]
    return Template(tuple(columns), tuple(data["persons"]))


def blank() -> str:
    """Write an empty template."""
    return templates.blank(template().columns)


def read(path: Path) -> Iterator[Row]:
    """Read a filled-in template."""
    for each in templates.opened(path, template().columns, COMMAND):
        yield each if isinstance(each, Row) else _incident(each)


def _incident(line: Line) -> Row:
    persons: dict[int, dict[str, Any]] = {}
    for column in template().columns:
        value = line.read(column)
        if isinstance(value, cells.Moment):
            if column.name == "occurred_from" and not value.clock:
                line.value.setdefault("occurred", {}).setdefault("precision", "day")
            value = value.at
        if not line.has(column.name):
            continue
        if column.person is None:
            line.put(column, value)
        else:
            templates.put(persons.setdefault(column.person, {}), column.path, value)
    _add_persons(line, persons)
    return line.row(INCIDENT)


def _add_persons(line: Line, persons: Mapping[int, dict[str, Any]]) -> None:
    listed: list[dict[str, Any]] = []
    for index, fields in sorted(persons.items()):
        kind = template().persons[index]
        for column in template().columns:
            if column.person == index:
                line.columns[f"persons[{len(listed)}].{column.path}"] = column.name
        listed.append({"role": kind["role"], "category": kind["category"], **fields})
    if listed:
        line.value["persons"] = listed


FORMAT = Format("csv-template", "The hub's CSV template", read, "csv-template.csv")
