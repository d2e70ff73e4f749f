"""What the open feed publishes, as data, and the budget that all of it together must keep."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from importlib import resources
from typing import Any, Final

from sharing_api.geography import COUNTY, Geography
from sharing_api.open_feed.periods import Period

BUDGET: Final = Fraction(10_986_122_886_681_096, 10**16)
"""The greatest sum of epsilons, ln 3 rounded down: odds change by at most a factor of 3."""
ALL: Final = "all"
MULTIPLE: Final = "multiple"
OTHER: Final = "other"
CLASSES: Final = (
    "disability",
    "race",
    "religion",
    "sexual_orientation",
    "transgender",
    OTHER,
    MULTIPLE,
)
"""Every incident is in exactly one: its only strand, `other` for a rarer one or none, `multiple`
for several."""


class Unpublishable(Exception):
    """Tables that cannot be published; the message says why."""


class BudgetOverspent(Unpublishable):
    """A table or publication would spend more than the budget; the message says what and when."""


class TablesInvalid(Unpublishable, ValueError):
    """A definition cannot be used; the message names table, field and what is accepted."""


@dataclass(frozen=True, slots=True)
class OpenTable:
    """One table's definition. `epsilon` is exact."""

    id: str
    title: str
    by: str
    classes: bool
    weeks: int
    show: str
    epsilon: Fraction

    def cells(self, geography: Geography) -> list[tuple[str, str]]:
        """Every cell, area and class: the same in every period, whatever happened."""
        classes = CLASSES if self.classes else (ALL,)
        return [(area, strand) for area in geography.codes(self.by) for strand in classes]

    @property
    def definition(self) -> str:
        """Digest of everything that decides what its numbers mean."""
        told = [self.id, self.by, self.classes, self.weeks, self.show, str(self.epsilon)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the budget: from `starts` to `ends` (open if None) a table spends its epsilon."""

    table: str
    epsilon: Fraction
    starts: date
    ends: date | None = None

    def covers(self, day: date) -> bool:
        """Whether what is received on that day is counted in the table."""
        return self.starts <= day and (self.ends is None or day <= self.ends)


def strand_class(strands: Sequence[str]) -> str:
    """The one class of an incident with these strands."""
    found = set(strands)
    if len(found) > 1:
        return MULTIPLE
    only = next(iter(found), OTHER)
    return only if only in CLASSES[:-2] else OTHER


def spent_on(entries: Iterable[Entry], day: date) -> Fraction:
    """What an incident that is received on that day loses in all tables together."""
    return sum((entry.epsilon for entry in entries if entry.covers(day)), Fraction())


def affordable(entries: Sequence[Entry], more: Entry) -> None:
    """Raises BudgetOverspent if on any day the sum with `more` would be above the budget."""
    every = [*entries, more]
    for day in sorted({max(entry.starts, more.starts) for entry in every}):
        spent = spent_on(every, day)
        if more.covers(day) and spent > BUDGET:
            raise BudgetOverspent(
                f"{more.table}: from {day} on the tables would spend {float(spent):.4f}; "
                f"at most {float(BUDGET):.4f} (ln 3) is allowed"
            )


def period_affordable(entries: Sequence[Entry], period: Period) -> None:
    """Raises BudgetOverspent if anything received in the period would lose too much."""
    days = {period.first_day} | {e.starts for e in entries if e.starts > period.first_day}
    for day in sorted(day for day in days if day <= period.last_day):
        if spent_on(entries, day) > BUDGET:
            raise BudgetOverspent(f"{period.name}: more than ln 3 would be spent on {day}")


def load(text: str | None = None) -> tuple[OpenTable, ...]:
    """The tables of a TOML text; of the one that comes with the code without one.

    Raises TablesInvalid; BudgetOverspent where they cannot all be published at once.
    """
    if text is None:
        text = resources.files("sharing_api.open_feed").joinpath("tables.toml").read_text("utf-8")
    try:
        rows = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TablesInvalid(f"not TOML: {error}") from None
    tables = tuple(_table(name, row) for name, row in rows.items())
    entered: list[Entry] = []
    for table in tables:
        line = Entry(table.id, table.epsilon, date.min)
        affordable(entered, line)
        entered.append(line)
    return tables


_ACCEPTED: Final[Mapping[str, tuple[Any, ...]]] = {
    "by": ("county", "district", "ward"),
    "classes": (True, False),
    "show": ("value", "band"),
}


def _table(name: str, row: Any) -> OpenTable:
    if not isinstance(row, Mapping):
        raise TablesInvalid(f"{name}: a table is expected")
    if not name.replace("-", "").isalnum() or name == COUNTY:
        raise TablesInvalid(f"{name}: letters, digits and hyphens")
    for key, accepted in _ACCEPTED.items():
        if row.get(key) not in accepted:
            raise TablesInvalid(f"{name}.{key}: one of {', '.join(map(str, accepted))}")
    weeks = row.get("weeks")
    if not isinstance(weeks, int) or isinstance(weeks, bool) or not 1 <= weeks <= 53:
        raise TablesInvalid(f"{name}.weeks: a whole number from 1 to 53")
    return OpenTable(
        id=name,
        title=str(row.get("title") or name),
        by=row["by"],
        classes=row["classes"],
        weeks=weeks,
        show=row["show"],
        epsilon=_epsilon(name, row.get("epsilon")),
    )


def _epsilon(name: str, value: Any) -> Fraction:
    """Written as text, since a float is not the number that was meant."""
    try:
        epsilon = Fraction(value) if isinstance(value, str) else Fraction(0)
    except (ValueError, ZeroDivisionError):
        epsilon = Fraction(0)
    if epsilon <= 0:
        raise TablesInvalid(f'{name}.epsilon: a number above 0 in quotes, such as "0.25"')
    if epsilon.denominator > 10_000:
        raise TablesInvalid(f"{name}.epsilon: at most four decimals")
    return epsilon
