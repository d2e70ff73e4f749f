"""Days as bins: which items fall on which day of what."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Iterator
from datetime import date
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Bins(Generic[Key]):
    """Item ids by key and day. Holds only keys and days that have items."""

    __slots__ = ("_days",)

    def __init__(self) -> None:
        """Begin empty."""
        self._days: defaultdict[Key, dict[int, set[str]]] = defaultdict(dict)

    def __contains__(self, key: Key) -> bool:
        return key in self._days

    def __iter__(self) -> Iterator[Key]:
        return iter(self._days)

    def add(self, key: Key, day: date, item_id: str) -> None:
        """Put an item into a bin; once is enough."""
        self._days[key].setdefault(day.toordinal(), set()).add(item_id)

    def remove(self, key: Key, day: date, item_id: str) -> None:
        """Take an item out of a bin where it is. Raises KeyError where it is not."""
        days = self._days[key]
        items = days[day.toordinal()]
        items.remove(item_id)
        if not items:
            del days[day.toordinal()]
        if not days:
            del self._days[key]

    def between(self, key: Key, first: date, last: date) -> list[str]:
        """Return the items of the days from `first` to `last`, both included, unsorted."""
        days = self._days.get(key)
        if days is None:
            return []
        start, end = first.toordinal(), last.toordinal()
        if len(days) <= end - start:
            return [item for day, items in days.items() if start <= day <= end for item in items]
        return [item for day in range(start, end + 1) for item in days.get(day, ())]

    def opening(self, key: Key, span: int, enough: int) -> date | None:
        """Return the first day that opens `span` days with `enough` items; None without one."""
        days = self._days.get(key, {})
        recent: deque[int] = deque()
        held = 0
        for day in sorted(days):
            recent.append(day)
            held += len(days[day])
            while recent[0] <= day - span:
                held -= len(days[recent.popleft()])
            if held >= enough:
                return date.fromordinal(recent[0])
        return None

    def all(self, key: Key) -> list[str]:
        """Return every item of a key, unsorted."""
        return [item for items in self._days.get(key, {}).values() for item in items]
