"""Quasi-Poisson regression with log link, for many series on one design at once.

Iteratively reweighted least squares (McCullagh and Nelder, Generalized Linear Models, 1989) with
the start, the stopping rule and the leftovers of R's `glm`: what describes the fit (working
weights, covariance, hat values) is that of the last step, as R leaves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from processors.tension.methods.arrays import Flags, Reals

_STEPS: Final = 25
_ENOUGH: Final = 1e-8


@dataclass(frozen=True, slots=True)
class Fit:
    """One row for each series; `covariance` is unscaled, `working` are the working weights."""

    coefficients: Reals
    means: Reals
    working: Reals
    covariance: Reals
    residuals: Reals
    converged: Flags
    freedom: int

    @property
    def dispersion(self) -> Reals:
        """Pearson's estimate."""
        return np.asarray((self.working * self.residuals**2).sum(axis=1) / self.freedom)

    def hat(self, design: Reals) -> Reals:
        """The leverage of each observation."""
        spread = np.einsum("ni,sij,nj->sn", design, self.covariance, design, optimize=True)
        return np.asarray(spread * self.working)


def fit(design: Reals, counts: Reals, weights: Reals) -> Fit:
    """Fit each row of `counts` on the columns of `design`, with prior weights."""
    series, size = counts.shape
    means = counts + 0.1
    linear = np.log(means)
    working = weights * means
    beta = np.zeros((series, design.shape[1]))
    covariance = np.zeros((series, design.shape[1], design.shape[1]))
    before = _deviance(counts, means, weights)
    converged = np.zeros(series, dtype=np.bool_)
    for _ in range(_STEPS):
        open_ = np.flatnonzero(~converged)
        if not open_.size:
            break
        now, held = means[open_], weights[open_]
        working[open_] = held * now
        answer = linear[open_] + (counts[open_] - now) / now
        beta[open_], covariance[open_] = _least_squares(design, answer, working[open_])
        linear[open_] = beta[open_] @ design.T
        means[open_] = np.exp(linear[open_])
        after = _deviance(counts[open_], means[open_], held)
        converged[open_] = np.abs(after - before[open_]) / (np.abs(after) + 0.1) < _ENOUGH
        before[open_] = after
    residuals = (counts - means) / means
    return Fit(beta, means, working, covariance, residuals, converged, size - design.shape[1])


def _least_squares(design: Reals, answer: Reals, working: Reals) -> tuple[Reals, Reals]:
    """Weighted least squares of every row; columns scaled so that a diverging one stays soluble."""
    size = design.shape[1]
    pairs = (design[:, :, None] * design[:, None, :]).reshape(len(design), size * size)
    normal = (working @ pairs).reshape(-1, size, size)
    scale = 1.0 / np.sqrt(np.einsum("sii->si", normal))
    scaled = normal * scale[:, :, None] * scale[:, None, :]
    inverse = np.linalg.inv(scaled)
    right = (working * answer) @ design * scale
    beta = np.einsum("sij,sj->si", inverse, right) * scale
    return beta, inverse * scale[:, :, None] * scale[:, None, :]


def _deviance(counts: Reals, means: Reals, weights: Reals) -> Reals:
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(counts > 0, counts * np.log(counts / means), 0.0)
    return np.asarray(2.0 * (weights * (logs - (counts - means))).sum(axis=1))
