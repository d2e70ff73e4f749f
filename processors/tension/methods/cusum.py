"""CUSUM: what exceeds a reference, added up.

Page, "Continuous inspection schemes", Biometrika 41, 1954. `standardised` has the form of
`algo.cusum` of the R package surveillance, after Rossi, Lampugnani and Marchi, Statistics in
Medicine 18, 1999; `likelihood_ratio` that of Lucas, "Counted data CUSUM's", Technometrics 27, 1985.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np

from processors.tension.methods.arrays import Counts, Reals

Transform = Literal["standard", "rossi", "anscombe", "pearsonNegBin", "none"]
REFERENCE: Final = 1.04
THRESHOLD: Final = 2.26


def transformed(
    counts: Counts | Reals, mean: Reals, transform: Transform, alpha: float = 0.1
) -> Reals:
    """Counts made nearly standard normal, given their expected `mean`."""
    x, m = counts, mean
    if transform == "rossi":
        return np.asarray((x - 3 * m + 2 * np.sqrt(x * m)) / (2 * np.sqrt(m)))
    if transform == "anscombe":
        return np.asarray(1.5 * (x ** (2 / 3) - m ** (2 / 3)) / m ** (1 / 6))
    if transform == "pearsonNegBin":
        return np.asarray((x - m) / np.sqrt(m + alpha * m**2))
    if transform == "standard":
        return np.asarray((x - m) / np.sqrt(m))
    return np.asarray(x, dtype=np.float64)


def standardised(
    counts: Counts,
    mean: Reals,
    transform: Transform = "standard",
    reference: float = REFERENCE,
    alpha: float = 0.1,
) -> Reals:
    """The CUSUM after each column, never set back after an alarm. `mean` is broadcast."""
    means = np.broadcast_to(np.asarray(mean, dtype=np.float64), counts.shape)
    return accumulated(transformed(counts, means, transform, alpha) - reference)


def likelihood_ratio(
    counts: Counts | Reals, mean: Reals, ratio: float, inflation: Reals | float = 1.0
) -> Reals:
    """The CUSUM of the Poisson log-likelihood ratio of `ratio` times the mean against the mean.

    Counts that vary `inflation` times more than Poisson tell so much less. The sum begins with
    nothing at the first column, so it is a function of these columns alone.
    """
    gained = counts * np.log(ratio) - (ratio - 1) * mean
    return accumulated(np.asarray(gained / np.reshape(inflation, (-1, 1))))


def accumulated(excess: Reals) -> Reals:
    """Sums that never fall below zero, along the columns."""
    sums = np.empty_like(excess)
    held = np.zeros(excess.shape[0])
    for column in range(excess.shape[1]):
        held = np.maximum(0.0, held + excess[:, column])
        sums[:, column] = held
    return sums
