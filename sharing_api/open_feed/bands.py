"""Bands of noisy counts, and what noise costs: everything here comes after the noise.

A ward's count is shown only as a band: how far it lies beyond what the *published* counts of its
district, shared out equally among the wards, would give. So a band tells nothing that the noisy
count does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, lgamma, log

USUAL, RAISED, HIGH = "usual", "raised", "high"
_TAIL = 1e-9


def noise_probability(epsilon: float, z: int) -> float:
    """P(Z = z) of the noise."""
    a = exp(-epsilon)
    return (1 - a) / (1 + a) * a ** abs(z)


def noise_at_most(epsilon: float, z: int) -> float:
    """P(Z <= z) of the noise."""
    a = exp(-epsilon)
    return 1 - a ** (z + 1) / (1 + a) if z >= 0 else a**-z / (1 + a)


def mean_error(epsilon: float) -> float:
    """The mean distance of a published value from the true one."""
    a = exp(-epsilon)
    return 2 * a / (1 - a * a)


def half_width(epsilon: float, share: float = 0.95) -> int:
    """The least w for which the noise lies within plus or minus w with that probability."""
    w = 0
    while 2 * noise_at_most(epsilon, w) - 1 < share:
        w += 1
    return w


def _poisson(mean: float) -> Iterator[tuple[int, float]]:
    if mean <= 0:
        yield 0, 1.0
        return
    n, left = 0, 1.0
    while left > _TAIL or n < mean:
        p = exp(n * log(mean) - mean - lgamma(n + 1))
        yield n, p
        left -= p
        n += 1


def at_least(mean: float, epsilon: float | None, threshold: int) -> float:
    """P(N + Z >= threshold) for a Poisson N; without noise if epsilon is None."""
    total = 0.0
    for n, p in _poisson(mean):
        if epsilon is None:
            total += p * (n >= threshold)
        else:
            total += p * (1 - noise_at_most(epsilon, threshold - n - 1))
    return total


def percentile(mean: float, epsilon: float | None, share: float) -> int:
    """The least t with P(N + Z >= t) at most 1 - share: reaching it is that rare."""
    low = -half_width(epsilon, 0.999) - 1 if epsilon else 0
    threshold = max(low, int(mean))
    while at_least(mean, epsilon, threshold) > 1 - share:
        threshold += 1
    return threshold


def power(mean: float, epsilon: float | None, *, rise: float = 3.0, false: float = 0.01) -> float:
    """How often a rise by that factor is seen at once, at that rate of false alarms.

    Between two whole thresholds chance decides, so that the rate is exact and tables of different
    grain can be compared.
    """
    threshold = percentile(mean, epsilon, 1 - false)
    here, below = at_least(mean, epsilon, threshold), at_least(mean, epsilon, threshold - 1)
    mixed = (false - here) / (below - here) if below > here else 0.0
    seen = at_least(rise * mean, epsilon, threshold)
    return seen + mixed * (at_least(rise * mean, epsilon, threshold - 1) - seen)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a noisy count is raised, and high."""

    raised: int
    high: int

    @classmethod
    def of(cls, mean: float, epsilon: Fraction) -> Thresholds:
        """The 90th and 99th percentile of what a usual count with its noise would show."""
        loss = float(epsilon)
        return cls(percentile(mean, loss, 0.90), percentile(mean, loss, 0.99))

    def band(self, value: int) -> str:
        """The band of one noisy count."""
        if value >= self.high:
            return HIGH
        return RAISED if value >= self.raised else USUAL


def usual(published: Sequence[Mapping[str, int]], district: str, wards: int, weeks: int) -> float:
    """What a ward usually has in so many weeks, by what was published for its district.

    `published` are noisy counts by district, one mapping for each week; none means nothing usual
    is known, and 0 is taken.
    """
    values = [week[district] for week in published if district in week]
    if not values:
        return 0.0
    return max(0.0, sum(values) / len(values)) * weeks / wards
