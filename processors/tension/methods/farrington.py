"""Farrington flexible: a week against the same weeks of earlier years, by quasi-Poisson regression.

Farrington, Andrews, Beale and Catchpole, Journal of the Royal Statistical Society A 159, 1996;
Noufaily, Enki, Farrington, Garthwaite, Andrews and Charlett, "An improved algorithm for outbreak
detection in multiple surveillance systems", Statistics in Medicine 32, 2013. In the form of
`farringtonFlexible` of the R package surveillance, whose reweighted fits keep their weights as
working weights: the dispersion behind standard errors and trend test is then that of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from scipy.stats import nbinom, norm, poisson
from scipy.stats import t as student

from processors.tension.methods.arrays import Counts, Flags, Reals
from processors.tension.methods.glm import Fit, fit

Threshold = Literal["delta", "nbPlugin", "muan"]
_EXPONENT: Final = 2 / 3
_CENTRE: Final = 52.0
"""Weeks are measured in years while fitting; it changes nothing but the rounding."""


@dataclass(frozen=True, slots=True)
class Options:
    """As in R: years back, weeks either side, seasonal levels, weeks left out before now."""

    years: int = 5
    half: int = 3
    levels: int = 10
    left_out: int = 26
    reweight: bool = True
    weights_threshold: float = 2.58
    alpha: float = 0.01
    trend: bool = True
    trend_chance: float = 0.05
    least: tuple[int, int] = (5, 4)
    threshold: Threshold = "muan"


@dataclass(frozen=True, slots=True)
class Judged:
    """One entry for each series, of the week judged. `upper` is NaN below the least count."""

    expected: Reals
    upper: Reals
    dispersion: Reals
    chance: Reals
    score: Reals
    has_trend: Flags
    alarm: Flags


@dataclass(frozen=True, slots=True)
class _Predicted:
    dispersion: Reals
    linear: Reals
    error: Reals
    fit: Fit
    spread: Reals  # the dispersion behind standard errors


def same_weeks(day: date, years: int) -> list[date]:
    """This day, and one, two … `years` years before it the nearest day of the same weekday."""
    found = [day]
    for back in range(1, years + 1):
        try:
            then = day.replace(year=day.year - back)
        except ValueError:  # 29 February
            then = date(day.year - back, 3, 1)
        ahead = (day.weekday() - then.weekday()) % 7
        found.append(then + timedelta(days=ahead if ahead <= 3 else ahead - 7))
    return found


def seasons(size: int, now: int, references: list[int], half: int, levels: int) -> Reals:
    """The seasonal level of each week, NaN for weeks in no reference year."""
    level = np.full(size, np.nan)
    level[now - half : now + 1] = levels
    for later, reference in pairwise(references):
        level[reference - half : reference + half + 1] = levels
        if levels == 1:
            continue
        length, rest = divmod(later - 2 * half - 1 - reference, levels - 1)
        lengths = np.full(levels - 1, length)
        lengths[:rest] += 1
        ends = np.concatenate([[0], np.cumsum(lengths)]) + reference + half + 1
        for number in range(1, levels):
            level[ends[number - 1] : ends[number]] = number
    return level


def judge(counts: Counts, now: int, references: list[int], options: Options) -> Judged:
    """Judge column `now` of weekly counts.

    `references` are the columns of this week now, one year back, two years back and so on.
    """
    level = seasons(counts.shape[1], now, references, options.half, options.levels)
    used = level.copy()
    used[now - options.left_out : now + 1] = np.nan
    rows = np.flatnonzero(~np.isnan(used))
    seen = counts[:, rows].astype(np.float64)
    with_trend = np.zeros(len(counts), dtype=np.bool_)
    found = _predict(seen, rows, level, now, options, trend=False)
    if options.trend:
        trended = _predict(seen, rows, level, now, options, trend=True)
        with_trend = _keeps_trend(trended, seen, options)
        found = _chosen(with_trend, trended, found)
    return _threshold(counts, now, found, with_trend, options)


def _predict(
    seen: Reals, rows: np.ndarray, level: Reals, now: int, options: Options, *, trend: bool
) -> _Predicted:
    centre = rows.mean()
    groups = sorted(set(level[rows]))[1:]
    columns = [np.ones(len(rows))]
    new = [1.0]
    if trend:
        columns.append((rows - centre) / _CENTRE)
        new.append((now - centre) / _CENTRE)
    for group in groups:
        columns.append((level[rows] == group).astype(np.float64))
        new.append(float(group == options.levels))
    design, point = np.column_stack(columns), np.array(new)
    weights = np.ones(seen.shape)
    found = fit(design, seen, weights)
    first = found.converged
    if options.reweight:
        phi = np.maximum(found.dispersion, 1.0)
        weights = _weights(_anscombe(seen, found, design, phi), options.weights_threshold)
        found = fit(design, seen, weights)
        spread = (weights * found.residuals**2).sum(axis=1) / found.freedom
    else:
        spread = found.dispersion
    error = np.sqrt(np.einsum("i,sij,j->s", point, found.covariance, point) * spread)
    found.converged[:] = first
    phi = np.maximum(found.dispersion, 1.0)
    return _Predicted(phi, found.coefficients @ point, error, found, np.asarray(spread))


def _anscombe(seen: Reals, found: Fit, design: Reals, phi: Reals) -> Reals:
    residuals = 1.5 * (seen ** (2 / 3) * found.means ** (-1 / 6) - np.sqrt(found.means))
    return np.asarray(residuals / np.sqrt(phi[:, None] * (1.0 - found.hat(design))))


def _weights(residuals: Reals, threshold: float) -> Reals:
    """Weeks that stand out weigh less, by their squared residual."""
    large = residuals > threshold
    share = np.where(large, np.where(large, residuals, 1.0) ** -2.0, 1.0)
    return np.asarray(share * (residuals.shape[1] / share.sum(axis=1))[:, None])


def _keeps_trend(trended: _Predicted, seen: Reals, options: Options) -> Flags:
    """Significant, of three years or more, not leading above everything seen, and converged."""
    error = np.sqrt(trended.fit.covariance[:, 1, 1] * trended.spread)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.abs(trended.fit.coefficients[:, 1]) / error
    chance = 2 * student.sf(statistic, trended.fit.freedom)
    inside = np.exp(trended.linear) <= seen.max(axis=1)
    keeps = (chance < options.trend_chance) & inside & trended.fit.converged
    return np.asarray(keeps & (options.years >= 3))


def _chosen(flags: Flags, one: _Predicted, other: _Predicted) -> _Predicted:
    return _Predicted(
        np.where(flags, one.dispersion, other.dispersion),
        np.where(flags, one.linear, other.linear),
        np.where(flags, one.error, other.error),
        other.fit,
        np.where(flags, one.spread, other.spread),
    )


def _threshold(
    counts: Counts, now: int, found: _Predicted, with_trend: Flags, options: Options
) -> Judged:
    expected = np.exp(found.linear)
    value, phi = counts[:, now].astype(np.float64), found.dispersion
    if options.threshold == "delta":
        error = found.error * expected
        tau = phi + error**2 / expected
        sigma = np.sqrt(4 / 9 * expected ** (1 / 3) * tau)
        power = expected**_EXPONENT
        upper = (power + norm.ppf(1 - options.alpha) * sigma) ** (1 / _EXPONENT)
        chance = norm.sf(value**_EXPONENT, power, sigma)
        score = (value - expected) / (upper - expected)
    else:
        quantile = found.linear
        if options.threshold == "muan":
            quantile = quantile + norm.ppf(1 - options.alpha) * found.error
        with np.errstate(over="ignore"):
            mean = np.exp(quantile)
        mean[np.isinf(mean)] = np.nan  # as R: no bound, so no alarm
        upper, chance = _count_limit(value, mean, phi, options.alpha)
        # R compares with the linear predictor here, whose name there is that of the mean.
        score = (value - found.linear) / (upper - found.linear)
    cases, weeks = options.least
    enough = counts[:, now - weeks + 1 : now + 1].sum(axis=1) >= cases
    alarm = enough & (score > 1) & (value != 0)
    upper = np.where(enough, upper, np.nan)
    return Judged(expected, upper, phi, chance, score, with_trend, alarm)


def _count_limit(value: Reals, mean: Reals, phi: Reals, alpha: float) -> tuple[Reals, Reals]:
    over = phi > 1
    size = mean / np.where(over, phi - 1, 1.0)
    upper = np.where(over, nbinom.ppf(1 - alpha, size, 1 / phi), poisson.ppf(1 - alpha, mean))
    chance = np.where(over, nbinom.sf(value - 1, size, 1 / phi), poisson.sf(value - 1, mean))
    return upper, chance
