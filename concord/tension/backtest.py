"""The hub's own rule, day by day over what has happened: what it would have said, and when.

On each day it knows what had been recorded by then, and nothing later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from processors.tension.state import TensionState

if TYPE_CHECKING:
    from processors.tension.rules import Rules
    from schemas.records import TensionItem, TensionSignal

APART = 7
"""Days without a signal after which the next one is new."""
Key = tuple[str, str, str]


@dataclass(slots=True)
class Course:
    """When each series (level, area, strand or group) was raised, over the days looked at."""

    days: int = 0
    series: set[Key] = field(default_factory=set)
    raised: defaultdict[Key, list[date]] = field(default_factory=lambda: defaultdict(list))
    first: dict[tuple[Key, date], TensionSignal] = field(default_factory=dict)

    def onsets(self, key: Key) -> list[date]:
        """Days on which a signal was new: none in the seven days before."""
        days = self.raised.get(key, [])
        return [
            day
            for number, day in enumerate(days)
            if number == 0 or (day - days[number - 1]).days > APART
        ]


def backtest(
    items: Sequence[TensionItem], rules: Rules, first: date, last: date
) -> tuple[Course, TensionState]:
    """Run over the days from `first` to `last`; `items` are sorted by when they were recorded."""
    state, course = TensionState(rules), Course()
    for day, signals in _days(state, items, first, last):
        course.days += 1
        for one in signals:
            if one["status"] != "raised" or one["kind"] != "count":
                continue
            key = (one["area_level"], one["area"], one["group"] or one["strand"])
            if not course.raised[key] or (day - course.raised[key][-1]).days > APART:
                course.first[key, day] = one
            course.raised[key].append(day)
    course.series = {(*one.place, one.strand) for one in state.known()}
    return course, state


def _days(
    state: TensionState, items: Sequence[TensionItem], first: date, last: date
) -> Iterator[tuple[date, list[TensionSignal]]]:
    begin = 0
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        end_of_day = datetime.combine(day + timedelta(days=1), time(), UTC)
        while begin < len(items) and items[begin]["recorded_at"] < end_of_day:
            state.apply(items[begin])
            begin += 1
        yield day, state.signals(datetime.combine(day, time(12), UTC))
