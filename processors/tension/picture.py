"""What is known of one series on a day, before anybody puts it into words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from processors.tension.constants import DELAYS
from processors.tension.methods import exceedance, shiryaev

if TYPE_CHECKING:
    from processors.tension.event import Event, Place, Series
    from processors.tension.methods.arrays import Reals
    from processors.tension.rules import Rules
    from processors.tension.standing import Standing
    from processors.tension.sweep import Fired, Panel, Statistics

METHODS: Final = ("exceedance", "mixture", "cusum")


class Window:
    """The reports of the days judged, by series: counted, folded, uncounted, nil."""

    def __init__(self, standing: Standing, day: date, rules: Rules) -> None:
        self.day = day
        self.first = day - timedelta(days=rules.window.days - 1)
        self._standing = standing
        self._memory = rules.window.lapse_days
        self._days = rules.window.days
        self.seen: defaultdict[Series, list[Event]] = defaultdict(list)
        self.folded: defaultdict[Series, int] = defaultdict(int)
        self.uncounted: defaultdict[Series, int] = defaultdict(int)
        self.nil: defaultdict[Place, set[str]] = defaultdict(set)
        for each in range(self.first.toordinal(), day.toordinal() + 1):
            for item_id in standing.by_day.get(each, ()):
                self._take(standing.events[item_id])
        for events in self.seen.values():
            events.sort(key=lambda event: (event.day, event.item_id))

    def _take(self, event: Event) -> None:
        if event.is_nil:
            for place in event.places:
                self.nil[place].add(event.agency)
        elif event.is_uncounted:
            for series in event.series:
                self.uncounted[series] += 1
        else:
            counted = {one.series for one in self._standing.counted(event.item_id)}
            for series in event.series:
                if series in counted:
                    self.seen[series].append(event)
                else:
                    self.folded[series] += 1

    def disorder(self) -> Iterator[tuple[Series, date]]:
        """Series with evidenced disorder within memory, and the last day that it raised them."""
        earliest = self.first - timedelta(days=self._memory)
        for item_id in self._standing.disorder:
            event = self._standing.events[item_id]
            if earliest <= event.day <= self.day:
                last = min(event.day + timedelta(days=self._days - 1), self.day)
                for one in self._standing.counted(item_id):
                    yield one.series, last

    def raised_by_disorder(self) -> dict[Series, date]:
        """The latest such day by series."""
        found: dict[Series, date] = {}
        for series, last in self.disorder():
            found[series] = max(last, found.get(series, last))
        return found


@dataclass(frozen=True, slots=True)
class Spoken:
    """One method: its statistic, from where on it speaks, and whether it does."""

    name: str
    statistic: float
    threshold: float
    fired: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """One series on a day. `weeks` is 0 while the hub does not know what is usual."""

    series: Series
    day: date
    first: date
    seen: tuple[Event, ...]
    folded: int
    uncounted: int
    nil_agencies: int
    history: int
    weeks: int
    baseline: int
    expected: float
    chance: float
    methods: tuple[Spoken, ...]
    quiet_at: int | None
    since: date | None
    ratio: float | None
    raised_before: date | None

    @property
    def is_learning(self) -> bool:
        """There is too little history."""
        return not self.weeks

    @property
    def agencies(self) -> list[str]:
        """The agencies whose reports were counted, sorted."""
        return sorted({event.agency for event in self.seen})

    @property
    def is_disorder(self) -> bool:
        """A report of evidenced disorder is among them."""
        return any(event.is_disorder for event in self.seen)

    @property
    def has_spoken(self) -> bool:
        """A method speaks today."""
        return any(one.fired for one in self.methods)

    def statistic(self, name: str) -> float:
        """A method's number; 0 without one."""
        return next((one.statistic for one in self.methods if one.name == name), 0.0)

    @classmethod
    def of(
        cls,
        series: Series,
        row: int,
        panel: Panel,
        found: Statistics | None,
        flags: Fired | None,
        limit: Reals,
        window: Window,
    ) -> Picture:
        """Gather it. Numbers are rounded, so that no machine's last bit is told."""
        seen = tuple(window.seen.get(series, ()))
        known = _Known(row, panel, found, flags, limit, window.day)
        since, ratio = known.best_fit(len(seen))
        return cls(
            series=series,
            day=window.day,
            first=window.first,
            seen=seen,
            folded=window.folded.get(series, 0),
            uncounted=window.uncounted.get(series, 0),
            nil_agencies=len(window.nil.get(series.place, ())),
            history=panel.history,
            weeks=found.weeks if found is not None else 0,
            baseline=int(found.baseline[row]) if found is not None else 0,
            expected=round(float(found.expected[row, -1]), 4) if found is not None else 0.0,
            chance=known.chance,
            methods=known.methods(),
            quiet_at=known.quiet_at(seen),
            since=since,
            ratio=ratio,
            raised_before=known.raised_before(window.raised_by_disorder().get(series)),
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """One row of a sweep."""

    row: int
    panel: Panel
    found: Statistics | None
    flags: Fired | None
    limit: Reals
    day: date

    @property
    def chance(self) -> float:
        return 1.0 if self.found is None else float(f"{self.found.chance[self.row, -1]:.6g}")

    def methods(self) -> tuple[Spoken, ...]:
        if self.found is None or self.flags is None:
            return ()
        made = []
        for column, name in enumerate(METHODS):
            threshold = float(self.limit[self.row, column])
            if np.isfinite(threshold):
                value = self.found.chance if name == "exceedance" else getattr(self.found, name)
                spoke = bool(getattr(self.flags, name)[self.row, -1])
                statistic = float(f"{value[self.row, -1]:.6g}")
                made.append(Spoken(name, statistic, float(f"{threshold:.6g}"), spoke))
        return tuple(made)

    def raised_before(self, disorder: date | None) -> date | None:
        """The last day before today on which it was raised, within memory."""
        days = []
        if disorder is not None:
            yesterday = self.day - timedelta(days=1)
            days.append(min(disorder, yesterday))
        if self.flags is not None:
            raised = np.flatnonzero(self.flags.any[self.row, :-1])
            if raised.size:
                back = self.flags.any.shape[1] - 1 - int(raised[-1])
                days.append(self.day - timedelta(days=back))
        return max(days, default=None)

    def best_fit(self, seen: int) -> tuple[date | None, float | None]:
        """From which day on, and by which factor, more has been reported: the best guess."""
        if self.found is None or not seen:
            return None, None
        gained = self.panel.gained[:, self.row]
        start, ratio = shiryaev.best_fit(gained, self.found.drift[self.row])
        return self.day - timedelta(days=DELAYS - 1 - start), ratio

    def quiet_at(self, seen: tuple[Event, ...]) -> int | None:
        """The greatest count of the window at which the exceedance would not have spoken."""
        if self.found is None or not seen:
            return None
        expected = float(self.found.expected[self.row, -1])
        size = float(self.found.size[self.row])
        return max(2, exceedance.limit(expected, size, float(self.limit[self.row, 0])))
