"""EARS C1, C2 and C3: a day against the mean and spread of seven earlier days.

Hutwagner, Thompson, Seeman and Treadwell, "The bioterrorism preparedness and response Early
Aberration Reporting System (EARS)", Journal of Urban Health 80, 2003. In the form of `earsC` of
the R package surveillance (Salmon, Schumacher and Höhle, Journal of Statistical Software 70, 2016).
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.stats import norm

from processors.tension.methods.arrays import Counts, Reals

Variant = Literal["C1", "C2", "C3"]
LAGS: Final = {"C1": 0, "C2": 2, "C3": 4}
"""Days left out before the one judged; C3 also looks at the two days before it."""
ALPHA: Final = {"C1": 0.001, "C2": 0.001, "C3": 0.025}


def standardised(counts: Counts, lag: int, baseline: int = 7, least_sigma: float = 0.0) -> Reals:
    """How many standard deviations each column lies above the `baseline` columns before its lag.

    Columns without a whole baseline are NaN, and so is 0/0; a positive excess over no spread is
    infinite.
    """
    mean, sigma = _reference(counts, lag, baseline, least_sigma)
    with np.errstate(divide="ignore", invalid="ignore"):
        return (counts - mean) / sigma


def upper_bound(
    counts: Counts,
    variant: Variant,
    baseline: int = 7,
    least_sigma: float = 0.0,
    alpha: float | None = None,
) -> Reals:
    """The count above which each column alarms; NaN where the past is too short."""
    z = norm.ppf(1 - (ALPHA[variant] if alpha is None else alpha))
    if variant != "C3":
        mean, sigma = _reference(counts, LAGS[variant], baseline, least_sigma)
        return np.asarray(mean + z * sigma)
    _, sigma = _reference(counts, 2, baseline, least_sigma)
    with np.errstate(invalid="ignore"):
        bound = counts + sigma * (z - _excess_of_two_days(counts, baseline, least_sigma))
    return np.asarray(np.maximum(0.0, bound), dtype=np.float64)


def statistic(
    counts: Counts, variant: Variant, baseline: int = 7, least_sigma: float = 0.0
) -> Reals:
    """C1, C2 or C3 of each column; NaN where the past is too short."""
    if variant != "C3":
        return standardised(counts, LAGS[variant], baseline, least_sigma)
    today = np.maximum(0.0, standardised(counts, 2, baseline, least_sigma) - 1)
    return today + _excess_of_two_days(counts, baseline, least_sigma)


def _excess_of_two_days(counts: Counts, baseline: int, least_sigma: float) -> Reals:
    excess = np.maximum(0.0, standardised(counts, 2, baseline, least_sigma) - 1)
    total = np.full(excess.shape, np.nan)
    total[:, 2:] = excess[:, 1:-1] + excess[:, :-2]
    return total


def _reference(counts: Counts, lag: int, baseline: int, least_sigma: float) -> tuple[Reals, Reals]:
    mean = np.full(counts.shape, np.nan)
    sigma = mean.copy()
    if counts.shape[1] > baseline + lag:
        windows = sliding_window_view(counts, baseline, axis=1)[:, : -lag - 1]
        mean[:, baseline + lag :] = windows.mean(axis=2)
        sigma[:, baseline + lag :] = np.maximum(windows.std(axis=2, ddof=1), least_sigma)
    return mean, sigma
