"""The marked Shiryaev-Roberts mixture: has the rate risen, at any time, by any ratio.

Shiryaev, Theory of Probability and its Applications 8, 1963; Roberts, Technometrics 8, 1966; as a
sum of e-processes: Shin, Ramdas and Rinaldo, "E-detectors", New England Journal of Statistics in
Data Science, 2024. Each report counts by its grading: one of weight w (1 for certain) multiplies
the likelihood ratio by 1 + (ratio - 1) w, and what is expected is reduced by the usual weight.

The sum is over all starts within the columns given, so it is a function of them alone. It is no
e-value: procedures that need one (e-BH) must not be fed with it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from processors.tension.methods.arrays import Counts, Reals

RATIOS: Final = (1.5, 2.0, 3.0, 5.0, 8.0)
UNIT: Final = 1 << 16
"""One in the fixed point in which logarithms are added: whole numbers add up in any order."""
FULL: Final = 1000
"""Weight of a certain report, in thousandths."""
_LARGEST: Final = 1e250


def gains(weight_milli: Counts) -> Counts:
    """What a report of each weight adds to the log-likelihood of each ratio, in fixed point."""
    rise = np.array(RATIOS)[:, None] - 1
    marks: Counts = np.rint(np.log1p(rise * weight_milli[None, :] / FULL) * UNIT).astype(np.int64)
    return marks


GAINS: Final = gains(np.arange(FULL + 1))
"""By ratio and weight in thousandths."""


def mixture(gained: Counts, drift: Reals, inflation: Reals, last: int = 1) -> Reals:
    """log10 of the mixture as of each of the `last` columns; one row for each series.

    `gained` is by ratio, series and column, in fixed point; `drift` the usual weight times the
    expected count, by series and column. Counts that vary `inflation` times more than Poisson tell
    so much less (quasi-likelihood: Wedderburn, Biometrika 61, 1974).
    """
    rise = np.array(RATIOS)[:, None] - 1
    held = np.zeros(gained.shape[:2])
    columns = gained.shape[2]
    ends = np.empty((gained.shape[1], last))
    for column in range(columns):
        step = (gained[:, :, column] / UNIT - rise * drift[None, :, column]) / inflation
        held = np.minimum((held + 1.0) * np.exp(step), _LARGEST)
        if column >= columns - last:
            ends[:, column - (columns - last)] = held.mean(axis=0)
    return np.log10(ends)


def best_fit(gained: Counts, drift: Reals) -> tuple[int, float]:
    """For one series: the column from which on, and the ratio with which, the reports fit best."""
    rise = np.array(RATIOS)[:, None] - 1
    steps = gained / UNIT - rise * drift[None, :]
    onward = np.cumsum(steps[:, ::-1], axis=1)[:, ::-1]
    ratio, start = np.unravel_index(int(np.argmax(onward)), onward.shape)
    return int(start), RATIOS[int(ratio)]
