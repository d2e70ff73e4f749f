"""The retention schedule: which rule an incident falls under, and the day on which its time is up.

Pure: dates in, dates out. Nothing is deleted because of what is said here, but what a rule calls
automatic.
"""

from __future__ import annotations

import calendar
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal

From = Literal["occurred", "recorded", "review_by"]
Action = Literal["review", "automatic"]

_ANY: Final = "*"
_FROM: Final = frozenset({"occurred", "recorded", "review_by"})
_ACTIONS: Final = frozenset({"review", "automatic"})
_KEYS: Final = frozenset({"id", "agency_types", "regimes", "from", "months", "action", "basis"})


class ScheduleInvalid(Exception):
    """The schedule cannot be used; the text names the rule and what would be accepted."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the schedule."""

    id: str
    agency_types: tuple[str, ...]
    regimes: tuple[str, ...]
    from_: From
    months: int
    action: Action
    basis: str

    def fits(self, agency_type: str, regime: str) -> bool:
        """Whether records of such an agency under such a regime fall under it."""
        types = _ANY in self.agency_types or agency_type in self.agency_types
        return types and any(each == _ANY or regime.startswith(each) for each in self.regimes)


@dataclass(frozen=True, slots=True)
class Due:
    """When the time of an incident is up, under which rule, counted from which day."""

    rule: Rule
    counted_from: date
    day: date


def load(file: Path | None = None) -> tuple[Rule, ...]:
    """Read a schedule (by default the one that comes with the code). Raises ScheduleInvalid."""
    shipped = resources.files("sharing_api.rights").joinpath("retention.toml")
    try:
        text = file.read_text("utf-8") if file else shipped.read_text("utf-8")
        rows = tomllib.loads(text).get("rule", [])
    except (OSError, ValueError) as error:
        raise ScheduleInvalid(f"retention schedule: {type(error).__name__}") from None
    if not rows or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ScheduleInvalid("retention schedule: at least one [[rule]] is needed")
    return tuple(_rule(number, row) for number, row in enumerate(rows, 1))


def due(record: Mapping[str, Any], agency_type: str, rules: Sequence[Rule]) -> Due | None:
    """When an incident's time is up: the first rule that fits and has a day to count from.

    None for a withdrawn incident, of which nothing is left, and where no rule fits.
    """
    if record["retracted"]:
        return None
    for rule in rules:
        begins = _begins(record, rule.from_)
        if begins is not None and rule.fits(agency_type, record["recording_regime"]):
            return Due(rule, begins, months_later(begins, rule.months))
    return None


def months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _begins(record: Mapping[str, Any], from_: From) -> date | None:
    if from_ == "review_by":
        found: date | None = record["review_by"]
        return found
    moment = record["recorded_at"] if from_ == "recorded" else record["occurred"]["from"]
    begins: date = moment.date()
    return begins


def _rule(number: int, row: Mapping[str, Any]) -> Rule:
    where = f"retention schedule, rule {number}"
    if set(row) != _KEYS:
        raise ScheduleInvalid(f"{where}: exactly the keys {', '.join(sorted(_KEYS))} are accepted")
    if not all(isinstance(row[name], list) for name in ("agency_types", "regimes")):
        raise ScheduleInvalid(f"{where}: agency_types and regimes are lists of texts")
    texts: Iterable[Any] = (
        row["id"],
        row["basis"],
        row["from"],
        row["action"],
        *row["agency_types"],
        *row["regimes"],
    )
    if not all(isinstance(text, str) and text for text in texts):
        raise ScheduleInvalid(
            f"{where}: id, basis, from, action, agency_types and regimes are texts"
        )
    if row["from"] not in _FROM:
        raise ScheduleInvalid(f"{where}: from is one of {', '.join(sorted(_FROM))}")
    if row["action"] not in _ACTIONS:
        raise ScheduleInvalid(f"{where}: action is one of {', '.join(sorted(_ACTIONS))}")
    if type(row["months"]) is not int or not 0 <= row["months"] <= 1200:
        raise ScheduleInvalid(f"{where}: months is a whole number from 0 to 1200")
    return Rule(
        row["id"],
        tuple(row["agency_types"]),
        tuple(row["regimes"]),
        row["from"],
        row["months"],
        row["action"],
        row["basis"],
    )
