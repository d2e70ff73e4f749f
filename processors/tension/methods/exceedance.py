"""How rare so many reports would be: the upper tail of a negative binomial.

A Poisson count whose mean is gamma distributed is negative binomial (Greenwood and Yule, Journal of
the Royal Statistical Society 83, 1920). Its tail is a regularised incomplete beta function
(Abramowitz and Stegun 26.5.24): P(Y >= y) = I(m / (m + size); y, size).
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc

from processors.tension.methods.arrays import Counts, Reals


def tail(counts: Counts, mean: Reals, size: Reals) -> Reals:
    """The chance of each count or more; 1 for none. `size` is the gamma's shape."""
    chance = np.ones(np.broadcast_shapes(counts.shape, mean.shape))
    some = np.broadcast_to(counts, chance.shape) > 0
    y = np.broadcast_to(counts, chance.shape)[some].astype(np.float64)
    m = np.broadcast_to(mean, chance.shape)[some]
    k = np.broadcast_to(size, chance.shape)[some]
    chance[some] = betainc(y, k, m / (m + k))
    return chance


def limit(mean: float, size: float, chance: float) -> int:
    """The greatest count whose tail is not below `chance`."""
    most = int(mean)
    while most > 0 and betainc(most, size, mean / (mean + size)) < chance:
        most -= 1
    while betainc(most + 1, size, mean / (mean + size)) >= chance:
        most += 1
    return most


def size_of(shape: Reals, overdispersion: Reals | float) -> Reals:
    """The size of a count whose rate is known with `shape`, itself varying more than Poisson.

    Variances relative to the squared mean add up: 1/size = 1/shape + overdispersion.
    """
    return np.asarray(1.0 / (1.0 / shape + overdispersion))
