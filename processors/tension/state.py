"""The items that stand, counted by place, strand and day; a function of the set of items.

Order and repetition of what is applied leave no trace: of the versions of an item the greatest
(retracted, version, recorded_at, content_digest) stands, and of several reports with one origin
the best graded is counted, in each series for itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from processors.tension.bins import Bins
from processors.tension.event import ALL, COUNTY, Event, Place, Series, event_of
from processors.tension.picture import Picture
from processors.tension.signals import signal

if TYPE_CHECKING:
    from datetime import date

    from processors.tension.rules import Rules
    from schemas.records import TensionItem, TensionSignal


_WHOLE: Final = Series(Place(COUNTY, COUNTY), ALL)


class AreaCount(NamedTuple):
    """Counted items of one month (`2024-03`), by where they came from."""

    level: str
    area: str
    strand: str
    month: str
    incidents: int
    reports: int


class TensionState:
    """Applies items and answers for any day. Holds no person and no free text."""

    def __init__(self, rules: Rules) -> None:
        """Begin without items."""
        self._rules = rules
        self._items: dict[str, Event] = {}
        self._counted: Bins[Series] = Bins()
        self._uncounted: Bins[Series] = Bins()
        self._nil: Bins[Place] = Bins()
        self._strands: dict[Place, set[str]] = {}
        self._origins: dict[bytes, set[str]] = {}
        self._newest: datetime | None = None
        self._opening: date | None = None

    @property
    def newest(self) -> datetime | None:
        """When the newest standing item was recorded, UTC; None without items."""
        if self._newest is None:
            self._newest = max((event.order[2] for event in self._items.values()), default=None)
        return self._newest

    def apply(self, item: TensionItem) -> set[Series]:
        """Take in an item and return the series whose signal it may change.

        Nothing changes when the item is known already or a later version of it stands.
        """
        event = event_of(item, self._rules)
        old = self._items.get(event.item_id)
        if old is not None and old.order >= event.order:
            return set()
        affected = set()
        if old is not None:
            affected |= self._touched(old)
            self._take_out(old)
        self._items[event.item_id] = event
        self._put_in(event)
        self._renew_newest(old, event)
        if self._moves_opening(event, old):
            return set(self._counted) | affected
        return affected | self._touched(event)

    def _renew_newest(self, old: Event | None, new: Event) -> None:
        if self._newest is None or (old is not None and old.order[2] >= self._newest):
            self._newest = None  # found when asked for
        else:
            self._newest = max(self._newest, new.order[2])

    def _moves_opening(self, *events: Event | None) -> bool:
        """Settle on which day the hub's history begins; tell whether these events changed that."""
        before, span = self._opening, self._rules.window.days
        days = [event.day for event in events if event is not None]
        if before is not None and min(days) >= before + timedelta(days=span):
            return False
        enough = self._rules.baseline.opening_reports
        self._opening = self._counted.opening(_WHOLE, span, enough)
        return before != self._opening

    def signals(
        self, as_of: datetime, only: Collection[Series] | None = None
    ) -> list[TensionSignal]:
        """Return the signals for the UTC day of `as_of`, sorted by signal id.

        With `only`, one for each series asked for, quiet ones included; otherwise one for each
        series that has a counted item recent enough to matter.
        """
        day = as_of.astimezone(UTC).date()
        found = []
        for series in self._counted if only is None else set(only):
            picture = self._picture(series, day)
            if picture.events or only is not None:
                found.append(signal(picture, day, self._rules))
        return sorted(found, key=lambda one: one["signal_id"])

    def area_counts(self) -> list[AreaCount]:
        """Return the counted items by place, strand and month of occurrence, sorted.

        What the signals do not count (nil returns, suspected false, repeats of one origin) is
        not in it.
        """
        totals: Counter[tuple[Series, str, bool]] = Counter()
        for series in self._counted:
            counted, _ = self._fold(series, self._counted.all(series))
            for event in counted:
                totals[series, event.day.isoformat()[:7], event.is_incident] += 1
        months = {(series, month) for series, month, _ in totals}
        return sorted(
            AreaCount(
                *series.place,
                series.strand,
                month,
                incidents=totals[series, month, True],
                reports=totals[series, month, False],
            )
            for series, month in months
        )

    def _picture(self, series: Series, day: date) -> Picture:
        window = self._rules.window
        first = day - timedelta(days=window.days - 1)
        horizon = day - timedelta(days=window.horizon - 1)
        events, repeats = self._fold(series, self._counted.between(series, horizon, day))
        nil = self._nil.between(series.place, first, day)
        return Picture(
            series=series,
            opening=self._opening,
            events=sorted(events, key=lambda event: (event.day, event.item_id)),
            folded=sum(first <= event.day for event in repeats),
            uncounted=len(self._uncounted.between(series, first, day)),
            nil_agencies=sorted({self._items[item].agency for item in nil}),
        )

    def _fold(self, series: Series, items: Iterable[str]) -> tuple[list[Event], list[Event]]:
        """Separate the events to count from the repeats of one origin."""
        counted: list[Event] = []
        repeats: list[Event] = []
        best: dict[bytes, str] = {}
        for item in items:
            event = self._items[item]
            if event.origin is None:
                counted.append(event)
                continue
            if event.origin not in best:
                best[event.origin] = self._best(series, event.origin)
            (counted if best[event.origin] == item else repeats).append(event)
        return counted, repeats

    def _best(self, series: Series, origin: bytes) -> str:
        group = (self._items[item] for item in self._origins[origin])
        return min((event for event in group if event.belongs_to(series)), key=_rank).item_id

    def _touched(self, event: Event) -> set[Series]:
        if event.is_retracted:
            return set()
        if event.is_nil:
            return {
                Series(place, strand)
                for place in event.places
                for strand in self._strands.get(place, ())
            }
        return set(event.series())

    def _put_in(self, event: Event) -> None:
        if event.is_retracted:
            return
        if event.is_nil:
            for place in event.places:
                self._nil.add(place, event.day, event.item_id)
            return
        bins = self._uncounted if event.is_uncounted else self._counted
        for series in event.series():
            bins.add(series, event.day, event.item_id)
            if not event.is_uncounted:
                self._strands.setdefault(series.place, set()).add(series.strand)
        if event.origin is not None and not event.is_uncounted:
            self._origins.setdefault(event.origin, set()).add(event.item_id)

    def _take_out(self, event: Event) -> None:
        if event.is_retracted:
            return
        if event.is_nil:
            for place in event.places:
                self._nil.remove(place, event.day, event.item_id)
            return
        bins = self._uncounted if event.is_uncounted else self._counted
        for series in event.series():
            bins.remove(series, event.day, event.item_id)
            if series not in self._counted:
                self._strands.get(series.place, set()).discard(series.strand)
        if event.origin is not None and not event.is_uncounted:
            self._origins[event.origin].discard(event.item_id)


def _rank(event: Event) -> tuple[bool, str, int, date, str]:
    return event.rank
