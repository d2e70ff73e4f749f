"""The upper tail of the Poisson distribution.

P(X >= k) for X ~ Poisson(m) is the regularised lower incomplete gamma function P(k, m)
(Abramowitz and Stegun, Handbook of Mathematical Functions, 1964, 26.4.21 and 6.5.29). The tail
itself is summed, not one minus the rest, so that small chances keep their digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, fsum, lgamma, log

import numpy as np
from scipy.special import gammainc

from processors.tension.methods.arrays import Counts, Reals

_NEGLIGIBLE = 1e-18


def tail(count: int, mean: float) -> float:
    """Return the chance of `count` or more events where `mean` are expected.

    Raises ValueError for a mean that is not positive.
    """
    if mean <= 0:
        raise ValueError("the mean must be positive")
    if count <= 0:
        return 1.0
    if count <= mean:
        return max(0.0, 1.0 - fsum(chance(below, mean) for below in range(count)))
    return fsum(_from(count, mean))


def chance(count: int, mean: float) -> float:
    """Return the chance of exactly `count` events where `mean` are expected."""
    return exp(count * log(mean) - mean - lgamma(count + 1))


def quiet_limit(mean: float, probability: float) -> int:
    """Return the greatest count whose tail is not below `probability`."""
    limit = int(mean)
    while tail(limit + 1, mean) >= probability:
        limit += 1
    return limit


def _from(count: int, mean: float) -> Iterator[float]:
    """Give the chances of `count`, `count` + 1 ... until the rest no longer matters.

    `count` is above `mean`, so they fall at least geometrically.
    """
    first = term = chance(count, mean)
    while term > first * _NEGLIGIBLE:
        yield term
        count += 1
        term *= mean / count


def tails(counts: Counts, means: Reals) -> Reals:
    """The chance of each count or more; 1 for none."""
    return np.where(counts > 0, gammainc(np.maximum(counts, 1), means), 1.0)
