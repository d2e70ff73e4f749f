"""Labelled series: what somebody counted by day or by week, and when it was an outbreak."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from processors.tension.methods.arrays import Counts

COLUMNS: Final = ("series", "date", "count", "outbreak")
_ALSO: Final = {"series_id": "series", "series id": "series", "outbreak_flag": "outbreak",
                "outbreak flag": "outbreak"}  # fmt: skip
_YES: Final = {"1", "true", "yes", "y", "t"}
_NO: Final = {"0", "false", "no", "n", "f", ""}


class SeriesError(ValueError):
    """The file cannot be read as labelled series; the message names line, column and rule."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """All series of a file on one calendar of days; a day without a row counts none.

    `step` is 7 where every series is weekly; a week's count stands on its date.
    """

    names: tuple[str, ...]
    first: date
    step: int
    counts: Counts
    outbreak: NDArray[np.bool_]
    spans: tuple[tuple[int, int], ...]

    def outbreaks(self, row: int) -> list[tuple[int, int]]:
        """First and last day (numbers) of each outbreak of a series; a gap of a week ends one."""
        days = np.flatnonzero(self.outbreak[row])
        found: list[tuple[int, int]] = []
        for day in map(int, days):
            if found and day - found[-1][1] <= self.step:
                found[-1] = (found[-1][0], day)
            else:
                found.append((day, day))
        return found


def read(path: Path) -> Labelled:
    """Read a CSV file with columns series, date, count, outbreak. Raises SeriesError."""
    rows = list(_rows(path))
    if not rows:
        raise SeriesError(f"{path.name}: no rows; columns are {', '.join(COLUMNS)}")
    names = tuple(dict.fromkeys(name for name, *_ in rows))
    first, last = min(row[1] for row in rows), max(row[1] for row in rows)
    days = {name: sorted(row[1] for row in rows if row[0] == name) for name in names}
    gaps = [(one - known[0]).days for known in days.values() for one in known[1:]]
    step = 7 if gaps and all(gap % 7 == 0 for gap in gaps) else 1
    size = (last - first).days + 1
    counts = np.zeros((len(names), size), dtype=np.int64)
    outbreak = np.zeros((len(names), size), dtype=np.bool_)
    place = {name: number for number, name in enumerate(names)}
    for name, day, count, flag in rows:
        column = (day - first).days
        counts[place[name], column] += count
        outbreak[place[name], column] |= flag
    if step == 1:
        _bridge(outbreak)
    spans = tuple(((days[n][0] - first).days, (days[n][-1] - first).days) for n in names)
    return Labelled(names, first, step, counts, outbreak, spans)


def write(path: Path, rows: Iterator[tuple[str, date, int, bool]]) -> None:
    """Write such a file."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows((name, day, count, int(flag)) for name, day, count, flag in rows)


def _bridge(outbreak: NDArray[np.bool_]) -> None:
    """Days without a row between two days of one outbreak belong to it, up to a week."""
    for row in outbreak:
        days = np.flatnonzero(row)
        for one, other in pairwise(days):
            if other - one <= 7:
                row[one:other] = True


def _rows(path: Path) -> Iterator[tuple[str, date, int, bool]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        named = {_ALSO.get(name.strip().lower(), name.strip().lower()): name
                 for name in reader.fieldnames or ()}  # fmt: skip
        missing = [name for name in COLUMNS if name not in named]
        if missing:
            raise SeriesError(
                f"{path.name}, line 1: no column {missing[0]}; needed are {', '.join(COLUMNS)}"
            )
        for line, row in enumerate(reader, 2):
            cells = {name: (row[named[name]] or "").strip() for name in COLUMNS}
            yield _row(f"{path.name}, line {line}", cells)


def _row(where: str, cells: dict[str, str]) -> tuple[str, date, int, bool]:
    if not cells["series"]:
        raise SeriesError(f"{where}, series: a name is needed")
    try:
        day = date.fromisoformat(cells["date"])
    except ValueError:
        raise SeriesError(f"{where}, date: a date as YYYY-MM-DD is needed") from None
    if not cells["count"].isdecimal():
        raise SeriesError(f"{where}, count: a whole number from 0 is needed")
    flag = cells["outbreak"].lower()
    if flag not in _YES | _NO:
        raise SeriesError(f"{where}, outbreak: 1 or 0 is needed")
    return cells["series"], day, int(cells["count"]), flag in _YES


def days_of(found: Labelled) -> list[date]:
    """The calendar."""
    return [found.first + timedelta(days=number) for number in range(found.counts.shape[1])]
