"""The hub's default method over all series at once: what is usual, and what three methods say.

Baseline, exceedance of seven days, mixture and CUSUM are in `methods`; here they are joined, for
the last day and for each day of the memory before it. All of it is a function of whole numbers
and the day: the same counts give the same bits, in whatever order they came.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from processors.tension.constants import DELAYS, LEVELS, Constants
from processors.tension.methods import baseline, cusum, exceedance, shiryaev
from processors.tension.methods.arrays import Counts, Flags, Reals

WIDTH: Final = 28 + 52 * 7
"""Days of counts that can matter."""
RATIO: Final = 2.0
_WEIGHT_PRIOR: Final = 50
"""Reports that the whole county's usual weight counts for in a series of its own."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Counts of all series up to a day, the oldest day first. `levels` are places in LEVELS."""

    counts: Counts
    weights: Counts
    gained: NDArray[np.int64]
    kin: baseline.Kin
    levels: NDArray[np.int64]
    history: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """By series and day of the memory, the last day last; `size` and the usual by series."""

    seen: Counts
    recent: Counts
    expected: Reals
    size: Reals
    chance: Reals
    mixture: Reals
    cusum: Reals
    drift: Reals
    baseline: Counts
    weeks: int
    guard: int


def span(history: int, constants: Constants, learning: int) -> tuple[int, int]:
    """Days left out before today, and weeks of baseline before those; no weeks while learning.

    A young hub leaves out less, so that it need not wait for two months.
    """
    guard = max(7, min(constants.baseline.guard_days, history - learning))
    weeks = min(constants.baseline.weeks, (history - guard) // 7)
    return guard, weeks if weeks * 7 >= min(learning, 28) else 0


def sweep(
    panel: Panel, constants: Constants, days: int = 7, memory: int = 1, learning: int = 28
) -> Statistics | None:
    """All statistics; None while there is too little history to know what is usual."""
    guard, weeks = span(panel.history, constants, learning)
    if not weeks:
        return None
    series, width = panel.counts.shape
    extent = slice(width - guard - 7 * weeks, width - guard)
    weekly = panel.counts[:, extent].reshape(series, weeks, 7).sum(axis=2)
    varies = constants.variations()[panel.levels]
    part = constants.baseline
    known = constants.delay.completeness()[::-1]
    past = _past(panel.counts, weekly, known, min(part.recent_weeks, weeks))
    usual = baseline.usual(past, panel.kin, varies, part.strength, part.kappa)
    inflation = 1.0 + varies * 7 * usual.rate
    drift = usual.rate[:, None] * known[None, :]
    total = np.cumsum(np.pad(panel.counts[:, -DELAYS:], ((0, 0), (1, 0))), axis=1)
    due = np.cumsum(np.pad(known, (1, 0)))
    ends = np.arange(DELAYS - memory + 1, DELAYS + 1)
    seen = total[:, ends] - total[:, ends - days]
    expected = usual.rate[:, None] * (due[ends] - due[ends - days])[None, :]
    size = exceedance.size_of(usual.shape, varies)
    heavy = _usual_weight(panel, extent) if np.any(panel.weights) else np.ones(series)
    weighted = drift * heavy[:, None]
    return Statistics(
        seen=seen,
        recent=total[:, ends] - total[:, ends - 28],
        expected=expected,
        size=size,
        chance=_chances(seen, expected, size),
        mixture=shiryaev.mixture(panel.gained, weighted, inflation, memory),
        cusum=_cusum(panel, drift, inflation, memory),
        drift=weighted,
        baseline=weekly.sum(axis=1),
        weeks=weeks,
        guard=guard,
    )


def _past(counts: Counts, weekly: Counts, known: Reals, recent: int) -> baseline.Past:
    """The weeks of the baseline, and the latest ones before the week that is judged."""
    width = counts.shape[1]
    last = slice(width - 7 - 7 * recent, width - 7)
    late = counts[:, last].reshape(len(counts), recent, 7).sum(axis=2)
    share = known[DELAYS - 7 - 7 * recent : DELAYS - 7].reshape(recent, 7).mean(axis=1)
    return baseline.Past(weekly, late, share)


def _chances(seen: Counts, expected: Reals, size: Reals) -> Reals:
    """Exact for the last day; before it only where three or more were seen, the rest is 1."""
    chance = np.ones(seen.shape)
    asked = seen >= 3
    asked[:, -1] = True
    rows = np.nonzero(asked)[0]
    chance[asked] = exceedance.tail(seen[asked], expected[asked], size[rows])
    return chance


def _usual_weight(panel: Panel, extent: slice) -> Reals:
    """The mean weight of a report of each series, in ones; never nothing."""
    counts, weights = panel.counts[:, extent].sum(axis=1), panel.weights[:, extent].sum(axis=1)
    everything = max(int(counts.sum()), 1)
    overall = max(int(weights.sum()), 1) / everything
    mean = (weights + _WEIGHT_PRIOR * overall) / (counts + _WEIGHT_PRIOR)
    return np.asarray(mean / shiryaev.FULL)


def _cusum(panel: Panel, drift: Reals, inflation: Reals, memory: int) -> Reals:
    """At county and district, where counts are large enough for it; 0 elsewhere."""
    sums = np.zeros((len(panel.counts), memory))
    wide = panel.levels <= LEVELS.index("district")
    if wide.any():
        found = cusum.likelihood_ratio(
            panel.counts[wide][:, -DELAYS:], drift[wide], RATIO, inflation[wide]
        )
        sums[wide] = found[:, -memory:]
    return sums


@dataclass(frozen=True, slots=True)
class Fired:
    """Which method spoke, by series and day of the memory."""

    exceedance: Flags
    mixture: Flags
    cusum: Flags

    @property
    def any(self) -> Flags:
        """At least one did."""
        return self.exceedance | self.mixture | self.cusum


def limits(constants: Constants, levels: NDArray[np.int64], relax: Reals | None = None) -> Reals:
    """Thresholds of chance, mixture and CUSUM by series, made easier `relax` times."""
    table = np.array(
        [
            [part.chance, part.mixture, np.inf if part.cusum is None else part.cusum]
            for part in map(constants.thresholds.at, LEVELS)
        ]
    )
    found = table[levels]
    if relax is not None:
        found[:, 0] = np.minimum(found[:, 0] * relax, 0.5)
        found[:, 1] = np.maximum(found[:, 1] - np.log10(relax), 0.0)
        found[:, 2] -= np.log(relax)
    return found


def fired(found: Statistics, limit: Reals, reports: int = 3) -> Fired:
    """Which methods speak at these thresholds, given at least so many reports."""
    enough = found.seen >= reports
    return Fired(
        exceedance=(found.chance <= limit[:, :1]) & enough,
        mixture=(found.mixture >= limit[:, 1:2]) & (found.recent >= reports) & (found.seen >= 1),
        cusum=(found.cusum >= limit[:, 2:]) & enough,
    )
