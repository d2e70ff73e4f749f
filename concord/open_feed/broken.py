"""Publishers that do not keep the promise: the attack must catch each of them.

All see one incident in or out of a known background and give what an adversary sees, one row for
each trial: counts of the incident's own cells, and of others where that is the point. `LOOKS` is
how often the adversary looks; another record, which the adversary knows of, is corrected between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Views = NDArray[np.int64]
Publisher = Callable[[np.random.Generator, int, int, bool], Views]
"""Takes chance, trials, background count and whether the incident is in."""

LOOKS: Final = 8
EPSILONS: Final = (0.50, 0.34, 0.25)


def laplace(rng: np.random.Generator, epsilon: float, size: Any) -> Views:
    """Discrete Laplace noise as the difference of two geometric ones; for doubles alone."""
    p = 1 - np.exp(-epsilon)
    drawn: Views = rng.geometric(p, size) - rng.geometric(p, size)
    return drawn


def _true(trials: int, background: int, *, inside: bool, columns: int = 3) -> Views:
    return np.full((trials, columns), background + inside, dtype=np.int64)


def raw(rng: np.random.Generator, trials: int, background: int, inside: bool) -> Views:  # noqa: ARG001 (a Publisher)
    """True counts."""
    return _true(trials, background, inside=inside)


def suppressed(rng: np.random.Generator, trials: int, background: int, inside: bool) -> Views:  # noqa: ARG001 (a Publisher)
    """Counts below 5 are hidden."""
    counts = _true(trials, background, inside=inside)
    return np.where(counts < 5, 0, counts)


def ten_five(rng: np.random.Generator, trials: int, background: int, inside: bool) -> Views:  # noqa: ARG001 (a Publisher)
    """Counts below 10 are hidden, the others rounded to 5."""
    counts = _true(trials, background, inside=inside)
    return np.where(counts < 10, 0, 5 * ((counts + 2) // 5))


def cell_key(rng: np.random.Generator, trials: int, background: int, inside: bool) -> Views:
    """Bounded noise from minus 3 to 3, zeros stay zero."""
    counts = _true(trials, background, inside=inside)
    moved = np.maximum(counts + rng.integers(-3, 4, counts.shape), 0)
    return np.where(counts == 0, 0, moved)


def overspent(rng: np.random.Generator, trials: int, background: int, inside: bool) -> Views:
    """The right noise with twice the epsilon for one table."""
    counts = _true(trials, background, inside=inside)
    epsilons = (2 * EPSILONS[0], *EPSILONS[1:])
    return counts + np.stack([laplace(rng, e, trials) for e in epsilons], axis=1)


def fresh_noise(rng: np.random.Generator, trials: int, background: int, inside: bool) -> Views:
    """The right noise, drawn anew for every look."""
    counts = _true(trials, background, inside=inside, columns=LOOKS)
    return counts + laplace(rng, EPSILONS[0], counts.shape)


def double_count(rng: np.random.Generator, trials: int, background: int, inside: bool) -> Views:
    """An incident of two strands is counted under both."""
    counts = _true(trials, background, inside=inside, columns=4)
    epsilons = (EPSILONS[0], EPSILONS[1], EPSILONS[1], EPSILONS[2])
    return counts + np.stack([laplace(rng, e, trials) for e in epsilons], axis=1)


def zero_stays_zero(rng: np.random.Generator, trials: int, background: int, inside: bool) -> Views:
    """The right noise, on cells that are not empty."""
    counts = _true(trials, background, inside=inside)
    noise = np.stack([laplace(rng, e, trials) for e in EPSILONS], axis=1)
    return np.where(counts == 0, 0, counts + noise)


def content_keyed(rng: np.random.Generator, trials: int, background: int, inside: bool) -> Views:
    """Noise that depends on what is counted: each correction of anything in the cell draws anew.

    The same content has the same noise, so going there and back tells nothing new; half the looks
    are at content that was not seen before.
    """
    counts = _true(trials, background, inside=inside, columns=LOOKS)
    noise = laplace(rng, EPSILONS[0], (trials, LOOKS // 2))
    return counts + np.repeat(noise, 2, axis=1)


BROKEN: Final[Mapping[str, Publisher]] = {
    "raw": raw,
    "suppression": suppressed,
    "10-5": ten_five,
    "cell-key": cell_key,
    "overspent epsilon": overspent,
    "fresh noise per look": fresh_noise,
    "multi-strand double count": double_count,
    "zero stays zero": zero_stays_zero,
    "content-keyed": content_keyed,
}
