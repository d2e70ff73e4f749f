"""What is usual: a rate for each series, borrowed from its neighbours where its own past is thin.

Empirical-Bayes gamma-Poisson shrinkage (Clayton and Kaldor, Biometrics 43, 1987): the prior mean of
a small series is its area's total times its parent area's share of the strand, and weighs as much
as `strength` reports. Weeks far above a series' own usual are cut down first (winsorised, after
Dixon, Annals of Mathematical Statistics 31, 1960): an old surge would otherwise blind the baseline.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.tension.methods.arrays import Counts, Reals

Rows = NDArray[np.int64]


class Kin(NamedTuple):
    """For each series, the rows of its relatives; -1 where it has none.

    `total` is its area with all strands, `share` its parent area with its strand, `parent` its
    parent area with all strands, `whole` the county with its strand.
    """

    total: Rows
    share: Rows
    parent: Rows
    whole: Rows


class Usual(NamedTuple):
    """Expected reports a day, and the shape of the gamma that says how well that is known."""

    rate: Reals
    shape: Reals


def winsorised(weeks: Counts, overdispersion: Reals, passes: int = 2) -> Counts:
    """Weekly counts with none above what a series' own mean makes plausible (about 1 in 100)."""
    cut = weeks
    for _ in range(passes):
        mean = cut.mean(axis=1)
        spread = np.sqrt(mean + overdispersion * mean**2)
        most = np.ceil(mean + 2.33 * spread + 1).astype(np.int64)
        cut = np.minimum(weeks, most[:, None])
    return cut


def shrunken(weeks: Counts, kin: Kin, strength: float) -> tuple[Reals, Reals]:
    """The expected total of all the weeks given, and the gamma's shape."""
    own = weeks.sum(axis=1).astype(np.float64)
    has = kin.share >= 0
    prior = np.ones(len(own))
    share = (own[kin.share[has]] + 0.5) / (own[kin.parent[has]] + 1.0)
    prior[has] = (own[kin.total[has]] + 0.5) * share  # where nothing was ever seen, not nothing
    mean = np.where(has, (strength + own) / (strength / prior + 1.0), own + 0.5)
    shape = np.where(has, strength + own, own + 0.5)
    return mean, shape


def level(weeks: Counts, late: Counts, known: Reals, kin: Kin, kappa: float) -> Reals:
    """How much the county's strand has lately been above its own year.

    `late` are its latest weeks, of which only the share `known` has been reported.
    """
    year = weeks.sum(axis=1) * (known.sum() / weeks.shape[1])
    factor = (late.sum(axis=1) + kappa) / (year + kappa)
    return np.asarray(factor[kin.whole])


class Past(NamedTuple):
    """Weekly counts, the oldest first: complete ones, and later ones known in part."""

    weeks: Counts
    late: Counts
    known: Reals


def usual(past: Past, kin: Kin, overdispersion: Reals, strength: float, kappa: float) -> Usual:
    """The baseline, brought to the county's present level."""
    cut = winsorised(np.concatenate([past.weeks, past.late], axis=1), overdispersion)
    weeks, late = cut[:, : past.weeks.shape[1]], cut[:, past.weeks.shape[1] :]
    mean, shape = shrunken(weeks, kin, strength)
    factor = level(weeks, late, past.known, kin, kappa)
    return Usual(mean / (7 * weeks.shape[1]) * factor, shape)
