"""The timetable of the open feed: whole ISO weeks in UTC, published on a fixed day after their end.

Tables of several weeks are cut from one Monday onwards for ever, so that no two periods of a table
overlap and every day belongs to exactly one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

FIRST_MONDAY: Final = date(2024, 1, 1)
DELAY: Final = timedelta(days=3, hours=9)
"""From the end of a period to its publication: Thursday, 09:00 UTC."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """`weeks` whole weeks from a Monday."""

    first_day: date
    weeks: int

    @property
    def last_day(self) -> date:
        """A Sunday."""
        return self.first_day + timedelta(days=7 * self.weeks - 1)

    @property
    def name(self) -> str:
        """`2026-W10`, or first and last week: `2026-W01-W13`."""
        first, last = self.first_day.isocalendar(), self.last_day.isocalendar()
        name = f"{first.year:04d}-W{first.week:02d}"
        if self.weeks == 1:
            return name
        year = f"{last.year:04d}-" if last.year != first.year else ""
        return f"{name}-{year}W{last.week:02d}"

    @property
    def due(self) -> datetime:
        """When it is published."""
        end = datetime.combine(self.last_day + timedelta(days=1), time(), UTC)
        return end + DELAY

    def following(self) -> Period:
        """The next one."""
        return Period(self.first_day + timedelta(days=7 * self.weeks), self.weeks)


def period_of(day: date, weeks: int) -> Period:
    """The period of so many weeks in which a day lies."""
    count = (day - FIRST_MONDAY).days // (7 * weeks)
    return Period(FIRST_MONDAY + timedelta(days=7 * weeks * count), weeks)


def due(first: date, weeks: int, now: datetime) -> Iterator[Period]:
    """The periods from that of `first` on whose publication is due."""
    period = period_of(first, weeks)
    while period.due <= now:
        yield period
        period = period.following()
