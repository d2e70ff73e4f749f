"""The items that stand: which version, and which of several reports with one origin is counted.

A function of the set of items. Of the versions of an item the greatest (retracted, version,
recorded_at, content_digest) stands; of several reports with one origin the best graded is counted,
in each series for itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from processors.tension.event import COUNTY, Event, Place, Series

if TYPE_CHECKING:
    from datetime import datetime


class Counted(NamedTuple):
    """One report as one series counts it."""

    series: Series
    event: Event


class Standing:
    """Events by id, day, origin and place."""

    def __init__(self) -> None:
        self.events: dict[str, Event] = {}
        self.by_day: defaultdict[int, set[str]] = defaultdict(set)
        self.parents: defaultdict[Place, Counter[Place]] = defaultdict(Counter)
        self.returns: defaultdict[tuple[str, Place], Counter[int]] = defaultdict(Counter)
        self.disorder: set[str] = set()
        self._origins: defaultdict[bytes, set[str]] = defaultdict(set)
        self._newest: datetime | None = None

    @property
    def newest(self) -> datetime | None:
        """When the newest standing item was recorded, UTC; None without items."""
        if self._newest is None:
            self._newest = max((event.order[2] for event in self.events.values()), default=None)
        return self._newest

    def replaced_by(self, event: Event) -> tuple[bool, Event | None]:
        """Tell whether an event would stand, and instead of which."""
        old = self.events.get(event.item_id)
        return old is None or old.order < event.order, old

    def tally(self, origins: Iterable[bytes | None]) -> dict[tuple[Series, str], Event]:
        """What the groups of these origins contribute now."""
        found: dict[tuple[Series, str], Event] = {}
        for origin in {each for each in origins if each is not None}:
            members = [self.events[item] for item in self._origins.get(origin, ())]
            best: dict[Series, Event] = {}
            for event in members:
                for series in event.series:
                    if series not in best or event.rank < best[series].rank:
                        best[series] = event
            found |= {(series, event.item_id): event for series, event in best.items()}
        return found

    def counted(self, item_id: str) -> Iterator[Counted]:
        """The series in which an event is counted."""
        event = self.events[item_id]
        if event.is_retracted or event.is_nil or event.is_uncounted:
            return
        best = self.tally([event.origin]) if event.origin is not None else None
        for series in event.series:
            if best is None or (series, item_id) in best:
                yield Counted(series, event)

    def put(self, event: Event) -> None:
        """Let an event stand."""
        old = self.events.get(event.item_id)
        if self._newest is None or (old is not None and old.order[2] >= self._newest):
            self._newest = None  # found when asked for
        else:
            self._newest = max(self._newest, event.order[2])
        if old is not None:
            self._file(old, -1)
        self.events[event.item_id] = event
        self._file(event, 1)

    def _file(self, event: Event, sign: int) -> None:
        if event.is_retracted:
            return
        move = set.add if sign > 0 else set.discard
        move(self.by_day[event.day.toordinal()], event.item_id)
        if event.is_disorder and not event.is_uncounted and not event.is_nil:
            move(self.disorder, event.item_id)
        if event.origin is not None and not event.is_uncounted and not event.is_nil:
            move(self._origins[event.origin], event.item_id)
        places = event.places
        for inner, outer in zip(places[1:], places, strict=False):
            named = self.parents[inner]
            named[outer] += sign
            if not named[outer]:
                del named[outer]
        recorded = event.order[2].toordinal()
        for place in places[:2]:
            if place.level in {COUNTY, "district"}:
                self.returns[event.agency, place][recorded] += sign
