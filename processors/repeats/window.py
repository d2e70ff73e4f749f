"""Lengths of time in calendar months or days, and what falls within them.

Windows are judged by whole UTC days, because the hour of an incident is often unknown: the
first and the last day both belong to the window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from processors.repeats.occurrence import Occurrence


class Window(BaseModel):
    """A length of time: exactly one of calendar months or days."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    months: int | None = Field(default=None, ge=1, le=120)
    days: int | None = Field(default=None, ge=1, le=3660)

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if (self.months is None) == (self.days is None):
            raise ValueError("give either months or days")
        return self

    def last_day(self, first: date) -> date:
        """Return the last day of the window that begins on `first`.

        A month without that day ends on its own last day: twelve months from 29 February
        2024 reach 28 February 2025.
        """
        if self.months is not None:
            return _months_after(first, self.months)
        return first + timedelta(days=self.days or 0)

    def passed(self, last: date) -> datetime:
        """Return the first moment, UTC, that the window after `last` does not reach."""
        return datetime.combine(self.last_day(last) + timedelta(days=1), time(), UTC)

    def __str__(self) -> str:
        """Say the length in words: `12 months`."""
        count, unit = (self.months, "month") if self.months is not None else (self.days, "day")
        return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


@lru_cache(maxsize=65_536)
def _months_after(first: date, months: int) -> date:
    return first + relativedelta(months=months)


def within(occurrences: Sequence[Occurrence], end: int, window: Window) -> Sequence[Occurrence]:
    """Return the occurrences up to index `end` whose window reaches the one at `end`.

    `occurrences` are sorted by time.
    """
    last = occurrences[end].day
    start = end
    while start and window.last_day(occurrences[start - 1].day) >= last:
        start -= 1
    return occurrences[start : end + 1]


def latest(
    occurrences: Sequence[Occurrence],
    window: Window,
    holds: Callable[[Sequence[Occurrence]], bool],
) -> tuple[Occurrence, ...]:
    """Return the latest, and there the widest, window of occurrences for which `holds` is true.

    Empty when no window of that length has ever held.
    """
    for end in range(len(occurrences) - 1, -1, -1):
        counted = within(occurrences, end, window)
        if holds(counted):
            return tuple(counted)
    return ()
