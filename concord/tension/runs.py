"""Every method run over a county, day by day, as it would have been known on each day.

A run gives scores by day and series: the higher, the more unusual. Methods that work on weeks are
given the week up to each day or, where that would take too long, speak once a week.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from concord.tension import world as county
from concord.tension.world import HISTORY, SERIES, TESTED, World
from processors.tension.constants import DELAYS, Constants
from processors.tension.methods import cusum, ears, farrington, poisson
from processors.tension.methods.arrays import Counts, Reals
from processors.tension.methods.shiryaev import FULL, GAINS
from processors.tension.sweep import WIDTH, Panel, sweep

Scores = Mapping[str, NDArray[np.float32]]
OWN: Final = ("exceedance", "mixture", "cusum")
"""The three that the default joins."""
_NEVER: Final = np.float32(-1e9)


@dataclass(frozen=True, slots=True)
class History:
    """A county's counts as they became known: by day of what happened, and by day of receipt."""

    rows: NDArray[np.int64]
    day: NDArray[np.int64]
    received: NDArray[np.int64]

    @classmethod
    def of(cls, one: World) -> History:
        """Of a simulated county, sorted by receipt."""
        order = np.argsort(one.received, kind="stable")
        return cls(one.rows()[order], one.day[order], one.received[order])

    def by_receipt(self) -> Counts:
        """Counts by series and day of receipt."""
        counts = np.zeros((SERIES, county.DAYS), dtype=np.int64)
        kept = self.received < county.DAYS
        for column in self.rows[kept].T:
            np.add.at(counts, (column, self.received[kept]), 1)
        return counts


def own(history: History, constants: Constants) -> Scores:
    """The three methods of the default, each day of the test."""
    counts = np.zeros((SERIES, county.DAYS), dtype=np.int64)
    found = {name: np.full((TESTED, SERIES), _NEVER, dtype=np.float32) for name in OWN}
    kin, levels, full = county.kin(), county.levels(), GAINS[:, FULL]
    none = np.zeros((1, 1), dtype=np.int64)
    begin = 0
    for today in range(county.DAYS):
        end = int(np.searchsorted(history.received, today, side="right"))
        for column in history.rows[begin:end].T:
            np.add.at(counts, (column, history.day[begin:end]), 1)
        begin = end
        if today < HISTORY:
            continue
        seen = counts[:, today - WIDTH + 1 : today + 1]
        gained = full[:, None, None] * seen[None, :, -DELAYS:]
        made = sweep(Panel(seen, none, gained, kin, levels, WIDTH + 28), constants)
        assert made is not None
        few = made.seen[:, 0] < 3
        scores = (
            np.where(few, _NEVER, -np.log10(np.maximum(made.chance[:, 0], 1e-300))),
            np.where((made.recent[:, 0] < 3) | (made.seen[:, 0] < 1), _NEVER, made.mixture[:, 0]),
            np.where(few | (levels == 2), _NEVER, made.cusum[:, 0]),
        )
        for name, score in zip(OWN, scores, strict=True):
            found[name][today - HISTORY] = score
    return found


def poisson_rule(received: Counts) -> NDArray[np.float32]:
    """Seven days against the eight weeks before them, by the Poisson tail."""
    total = np.cumsum(np.pad(received, ((0, 0), (1, 0))), axis=1)
    days = np.arange(HISTORY, county.DAYS) + 1
    seen = total[:, days] - total[:, days - 7]
    before = total[:, days - 7] - total[:, days - 63]
    chance = poisson.tails(seen, np.maximum(before, 3) / 8)
    return _with_three(-np.log10(np.maximum(chance, 1e-300)), seen)


def ears_weekly(received: Counts, variant: ears.Variant) -> NDArray[np.float32]:
    """EARS on the weeks up to each day; a spread below half a report counts as half a one."""
    total = np.cumsum(np.pad(received, ((0, 0), (1, 0))), axis=1)
    scores = np.empty((SERIES, TESTED))
    for number in range(TESTED):
        days = HISTORY + number + 1 - 7 * np.arange(12, -1, -1)
        weeks = total[:, days[1:]] - total[:, days[:-1]]
        scores[:, number] = ears.statistic(weeks, variant, least_sigma=0.5)[:, -1]
    days = np.arange(HISTORY, county.DAYS) + 1
    return _with_three(scores, total[:, days] - total[:, days - 7])


def ears_on_weeks(received: Counts, variant: ears.Variant) -> NDArray[np.float32]:
    """EARS once a week, as weekly counts are usually watched."""
    rolling = ears_weekly(received, variant)
    return _held(rolling[6::7].T.astype(np.float64))


def cusum_weekly(received: Counts) -> NDArray[np.float32]:
    """R's CUSUM of weeks (Rossi's transform) against the mean of the two years before the test."""
    first = HISTORY % 7
    weeks = received[:, first : first + (county.DAYS - first) // 7 * 7]
    weeks = weeks.reshape(SERIES, -1, 7).sum(axis=2)
    tested = TESTED // 7
    mean = np.maximum(weeks[:, -tested - 104 : -tested].mean(axis=1, keepdims=True), 1 / 104)
    sums = cusum.standardised(weeks[:, -tested - 26 :], mean, "rossi")[:, -tested:]
    return _held(_with_three_weekly(sums, weeks[:, -tested:]))


def farrington_weekly(received: Counts) -> NDArray[np.float32]:
    """Farrington flexible on weeks, by the rarity of each; at least three reports in four weeks."""
    tested, years = TESTED // 7, 3
    weeks = received[:, county.DAYS % 7 :].reshape(SERIES, -1, 7).sum(axis=2)
    options = farrington.Options(years=years, least=(3, 4))
    size = weeks.shape[1]
    scores = np.full((SERIES, tested), float(_NEVER))
    for number, now in enumerate(range(size - tested, size)):
        references = [now - 52 * back for back in range(years + 1)]
        due = np.flatnonzero((weeks[:, now - 3 : now + 1].sum(axis=1) >= 3) & (weeks[:, now] > 0))
        with np.errstate(all="ignore"):
            found = farrington.judge(weeks[due], now, references, options)
        rarity = -np.log10(np.maximum(found.chance, 1e-300))
        usable = ~np.isnan(found.upper) & ~np.isnan(rarity)
        scores[due, number] = np.where(usable, rarity, float(_NEVER))
    return _held(scores)


OTHERS: Final[Mapping[str, Callable[[Counts], NDArray[np.float32]]]] = {
    "Poisson 7 v 56": poisson_rule,
    "EARS C1": lambda received: ears_on_weeks(received, "C1"),
    "EARS C2": lambda received: ears_on_weeks(received, "C2"),
    "EARS C3": lambda received: ears_on_weeks(received, "C3"),
    "EARS C3, the week up to each day": lambda received: ears_weekly(received, "C3"),
    "CUSUM": cusum_weekly,
    "Farrington flexible": farrington_weekly,
}
"""Methods to compare with, on counts by day of receipt."""


def _with_three(scores: Reals, seen: Counts) -> NDArray[np.float32]:
    return np.where(seen >= 3, np.nan_to_num(scores, nan=-1e9), _NEVER).T.astype(np.float32)


def _with_three_weekly(scores: Reals, seen: Counts) -> Reals:
    return np.where(seen >= 1, scores, float(_NEVER))


def _held(weekly: Reals) -> NDArray[np.float32]:
    """A week's score stands from its last day until the next week's."""
    daily = np.full((weekly.shape[0], TESTED), _NEVER, dtype=np.float32)
    for number in range(weekly.shape[1]):
        daily[:, 7 * number + 6 : 7 * number + 13] = weekly[:, number : number + 1]
    return daily.T
