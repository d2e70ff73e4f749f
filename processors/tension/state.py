"""The items that stand, counted by place, strand and day; a function of the set of items.

Order and repetition of what is applied leave no trace: counts and weights are whole numbers, series
are taken in their own order, and which report stands or is counted depends on the set alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from processors.tension.event import ALL, COUNTY, Event, Place, Series, event_of
from processors.tension.grid import Grid
from processors.tension.kinship import kin, levels
from processors.tension.picture import Picture, Window
from processors.tension.signals import signal, silent
from processors.tension.silence import silences
from processors.tension.standing import Standing
from processors.tension.sweep import WIDTH, Panel, fired, limits, sweep

if TYPE_CHECKING:
    from processors.tension.rules import Rules
    from schemas.records import TensionItem, TensionSignal

_WHOLE = Series(Place(COUNTY, COUNTY), ALL)


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
        self._standing = Standing()
        self._grid = Grid()
        self._county: Counter[int] = Counter()

    @property
    def newest(self) -> datetime | None:
        """When the newest standing item was recorded, UTC; None without items."""
        return self._standing.newest

    @property
    def size(self) -> int:
        """Bytes of the arrays, without the items."""
        return self._grid.size

    def apply(self, item: TensionItem) -> bool:
        """Take in an item; tell whether that changed anything.

        Nothing changes when the item is known already or a later version of it stands.
        """
        event = event_of(item, self._rules)
        stands, old = self._standing.replaced_by(event)
        if not stands:
            return False
        origins = [event.origin, old.origin if old is not None else None]
        before = self._contributions(event, old, origins)
        self._standing.put(event)
        after = self._contributions(event, None, origins)
        for key in before.keys() - after.keys() | after.keys() - before.keys():
            self._count(key, before, after)
        for key in before.keys() & after.keys():
            if before[key] is not after[key]:
                self._count(key, before, after)
        return True

    def _contributions(
        self, event: Event, old: Event | None, origins: list[bytes | None]
    ) -> dict[tuple[Series, str], Event]:
        found = self._standing.tally(origins)
        if event.item_id in self._standing.events:
            standing = old if old is not None else self._standing.events[event.item_id]
            if standing.origin is None:
                counted = self._standing.counted(event.item_id)
                found |= {(one.series, event.item_id): one.event for one in counted}
        return found

    def _count(
        self,
        key: tuple[Series, str],
        before: dict[tuple[Series, str], Event],
        after: dict[tuple[Series, str], Event],
    ) -> None:
        series = key[0]
        for found, sign in ((before, -1), (after, 1)):
            if key in found:
                event = found[key]
                self._enter(series, event.day.toordinal(), event.weight, sign)

    def _enter(self, series: Series, day: int, weight: int, sign: int) -> None:
        if series == _WHOLE:
            self._county[day] += sign
            if not self._county[day]:
                del self._county[day]
        if self._grid.covers(day):
            self._grid.add(series, day, weight, sign)

    def opening(self) -> date | None:
        """The day on which the hub's history begins; None before it does."""
        enough = self._rules.history.opening_reports
        days = sorted(self._county)
        first = held = 0
        for day in days:
            held += self._county[day]
            while days[first] <= day - self._rules.window.days:
                held -= self._county[days[first]]
                first += 1
            if held >= enough:
                return date.fromordinal(days[first])
        return None

    def signals(
        self, as_of: datetime, only: Collection[Series] | None = None
    ) -> list[TensionSignal]:
        """Return the signals for the UTC day of `as_of`, sorted by signal id.

        With `only`, one for each series asked for, quiet ones included; otherwise one for each
        series that is raised or lapsed, and the silences.
        """
        day = as_of.astimezone(UTC).date()
        pictures = self._pictures(day, None if only is None else frozenset(only))
        found = [signal(picture, day, self._rules) for picture in pictures]
        if only is None:
            standing = silences(self._standing.returns, day, self._rules.silence)
            found += [silent(one, day, self._rules) for one in standing]
        return sorted(found, key=lambda one: one["signal_id"])

    def _pictures(self, day: date, only: frozenset[Series] | None) -> list[Picture]:
        panel, series = self.panel(day, only or frozenset())
        window = Window(self._standing, day, self._rules)
        rules = self._rules
        if not series:
            return []
        found = sweep(
            panel, rules.constants, rules.window.days, rules.window.lapse_days + 1,
            rules.history.learning_days,
        )  # fmt: skip
        relax = np.array(
            [max((w.relax for w in rules.watched(day, s.strand)), default=1.0) for s in series]
        )
        limit = limits(rules.constants, panel.levels, relax)
        flags = None if found is None else fired(found, limit, rules.amber.reports)
        chosen = set(window.raised_by_disorder())
        if flags is not None:
            chosen |= {series[row] for row in np.flatnonzero(flags.any.any(axis=1))}
        chosen = chosen if only is None else set(only)
        row_of = {each: row for row, each in enumerate(series)}
        return [
            Picture.of(each, row_of[each], panel, found, flags, limit, window)
            for each in sorted(chosen)
        ]

    def panel(self, day: date, also: frozenset[Series]) -> tuple[Panel, list[Series]]:
        """Everything the method needs as of a day, and the series that it is about."""
        self._move(day.toordinal())
        series, counts, weights, gained = self._grid.panel(also)
        opening = self.opening()
        history = 0 if opening is None else max(0, (day - opening).days + 1)
        made = Panel(
            counts, weights, gained, kin(series, self._standing.parents), levels(series), history
        )
        return made, series

    def _move(self, day: int) -> None:
        """Let the grid end on a day: a few days on, day by day; anywhere else, anew."""
        last = self._grid.last
        if last is not None and last <= day < last + 60:
            for _ in range(day - last):
                self._fill(self._grid.advance())
            return
        self._grid.clear(day)
        for each in range(day - WIDTH + 1, day + 1):
            self._fill(each)

    def _fill(self, day: int) -> None:
        for item_id in self._standing.by_day.get(day, ()):
            for series, event in self._standing.counted(item_id):
                self._grid.add(series, day, event.weight, 1)

    def known(self) -> set[Series]:
        """Every series that any item was ever counted in and still is."""
        return {
            one.series
            for item_id in self._standing.events
            for one in self._standing.counted(item_id)
        }

    def area_counts(self) -> list[AreaCount]:
        """Return the counted items by place, strand and month of occurrence, sorted.

        What the signals do not count (nil returns, suspected false, repeats of one origin) is
        not in it.
        """
        totals: defaultdict[tuple[Series, str], list[int]] = defaultdict(lambda: [0, 0])
        for item_id in self._standing.events:
            for series, event in self._standing.counted(item_id):
                totals[series, event.day.isoformat()[:7]][0 if event.is_incident else 1] += 1
        return sorted(
            AreaCount(*series.place, series.strand, month, incidents=many[0], reports=many[1])
            for (series, month), many in totals.items()
        )
