"""All methods on labelled series: how soon, how often, how often for nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from concord.tension.labelled import Labelled
from processors.tension.constants import DELAYS, Constants
from processors.tension.methods import cusum, ears, farrington, poisson
from processors.tension.methods.arrays import Counts, Reals
from processors.tension.methods.baseline import Kin
from processors.tension.methods.shiryaev import FULL, GAINS
from processors.tension.sweep import WIDTH, Panel, limits, sweep

WITHIN: Final = (7, 14, 28)
LEARNING: Final = 63
"""Days at the start of a series on which nothing is judged."""
APART: Final = 7
_NEVER: Final = -1e9
Scored = Mapping[str, tuple[Reals, float]]
"""By method: a score by series and day, and the nominal threshold that it must reach."""


def evaluate(found: Labelled, constants: Constants) -> dict[str, Any]:
    """Every method at its nominal setting, and at the rate of false alarms of the default's."""
    scored = {name: method(found, constants) for name, method in METHODS.items()}
    nominal = {name: _measured(found, score, at) for name, (score, at) in scored.items()}
    rate = nominal["default"]["false_alarms_per_series_year"]
    equal = {}
    for name, (score, _) in scored.items():
        at = _at_rate(found, score, rate)
        if at is not None:
            equal[name] = _measured(found, score, at)
    return {
        "series": len(found.names),
        "days": int(found.counts.shape[1]),
        "weekly": found.step == 7,
        "outbreaks": sum(len(found.outbreaks(row)) for row in range(len(found.names))),
        "nominal": nominal,
        "equal_false_alarms": {"per_series_year": rate, "methods": equal},
    }


def default(found: Labelled, constants: Constants) -> tuple[Reals, float]:
    """The hub's own; its score is by how much the loudest of its methods passes its limit."""
    counts, size = found.counts, found.counts.shape[1]
    if found.step == 7:
        constants = constants.with_parts(delay={"share": []})
    levels = _levels(counts)
    limit, rows = limits(constants, levels), np.arange(len(counts))
    none = np.full(len(counts), -1, dtype=np.int64)
    kin = Kin(none, none, none, rows)
    padded = np.pad(counts, ((0, 0), (WIDTH, 0)))
    scores = np.full(counts.shape, _NEVER)
    for day in range(LEARNING, size):
        seen = padded[:, day + 1 : day + 1 + WIDTH]
        gained = GAINS[:, FULL][:, None, None] * seen[None, :, -DELAYS:]
        panel = Panel(seen, np.zeros((1, 1), dtype=np.int64), gained, kin, levels, day + 1)
        made = sweep(panel, constants)
        if made is not None:
            rare = np.log10(limit[:, 0] / np.maximum(made.chance[:, 0], 1e-300))
            steep = made.mixture[:, 0] - limit[:, 1]
            high = (made.cusum[:, 0] - limit[:, 2]) / np.log(10)
            few = made.seen[:, 0] < 3
            late = (made.recent[:, 0] < 3) | (made.seen[:, 0] < 1)
            parts = [np.where(few, _NEVER, rare), np.where(late, _NEVER, steep)]
            scores[:, day] = np.max([*parts, np.where(few, _NEVER, high)], axis=0)
    return scores, 0.0


def _levels(counts: Counts) -> NDArray[np.int64]:
    """As large as a county's, a district's or a ward's series, by reports a week."""
    weekly = counts.mean(axis=1) * 7
    return np.where(weekly >= 20, 0, np.where(weekly >= 3, 1, 2)).astype(np.int64)


def _rolling(counts: Counts, days: int) -> Counts:
    total = np.cumsum(np.pad(counts, ((0, 0), (days, 0))), axis=1)
    return np.asarray(total[:, days:] - np.pad(total, ((0, 0), (0, 0)))[:, :-days])


def _ears(variant: ears.Variant) -> Callable[[Labelled, Constants], tuple[Reals, float]]:
    def method(found: Labelled, _constants: Constants) -> tuple[Reals, float]:
        weeks = _rolling(found.counts, 7)
        scores = np.full(weeks.shape, _NEVER)
        for start in range(7):
            part = weeks[:, start::7]
            with np.errstate(invalid="ignore"):
                scores[:, start::7] = ears.statistic(part, variant)
        scores[:, :LEARNING] = _NEVER
        cleaned = np.nan_to_num(scores, nan=_NEVER, posinf=1e6)
        return np.where(weeks > 0, cleaned, _NEVER), float(norm.ppf(1 - ears.ALPHA[variant]))

    return method


def cusum_of_weeks(found: Labelled, _constants: Constants) -> tuple[Reals, float]:
    """R's CUSUM of weeks (Rossi's transform) against the mean of the first year."""
    weeks = _whole_weeks(found.counts)
    trained = min(52, max(8, weeks.shape[1] // 3))
    mean = np.maximum(weeks[:, :trained].mean(axis=1, keepdims=True), 1 / trained)
    sums = cusum.standardised(weeks[:, trained:], mean, "rossi")
    return _on_days(found.counts, np.pad(sums, ((0, 0), (trained, 0)))), cusum.THRESHOLD


def farrington_of_weeks(found: Labelled, _constants: Constants) -> tuple[Reals, float]:
    """Farrington flexible on weeks, as far back as there are years, at most five."""
    weeks = _whole_weeks(found.counts)
    scores = np.full(weeks.shape, _NEVER)
    for now in range(2 * 52 + 4, weeks.shape[1]):
        years = min(5, (now - 4) // 52)
        options = farrington.Options(years=years)
        references = [now - 52 * back for back in range(years + 1)]
        due = np.flatnonzero((weeks[:, now - 3 : now + 1].sum(axis=1) >= 5) & (weeks[:, now] > 0))
        if not due.size:
            continue
        with np.errstate(all="ignore"):
            judged = farrington.judge(weeks[due], now, references, options)
        rarity = -np.log10(np.maximum(judged.chance, 1e-300))
        usable = ~np.isnan(judged.upper) & ~np.isnan(rarity)
        scores[due, now] = np.where(usable, rarity, _NEVER)
    return _on_days(found.counts, scores), 2.0


def poisson_rule(found: Labelled, _constants: Constants) -> tuple[Reals, float]:
    """Seven days against the eight weeks before, as the hub once did; three reports at least."""
    seen, both = _rolling(found.counts, 7), _rolling(found.counts, 63)
    chance = poisson.tails(seen, np.maximum(both - seen, 3) / 8)
    scores = np.where(seen >= 3, -np.log10(np.maximum(chance, 1e-300)), _NEVER)
    scores[:, :LEARNING] = _NEVER
    return scores, 2.0


METHODS: Final[Mapping[str, Callable[[Labelled, Constants], tuple[Reals, float]]]] = {
    "default": default,
    "Farrington flexible": farrington_of_weeks,
    "EARS C1": _ears("C1"),
    "EARS C2": _ears("C2"),
    "EARS C3": _ears("C3"),
    "CUSUM": cusum_of_weeks,
    "Poisson 7 v 56": poisson_rule,
}


def _whole_weeks(counts: Counts) -> Counts:
    size = counts.shape[1] // 7 * 7
    return np.asarray(counts[:, :size].reshape(len(counts), -1, 7).sum(axis=2))


def _on_days(counts: Counts, weekly: Reals) -> Reals:
    """A week's score on its last day, until the next week's."""
    scores = np.full(counts.shape, _NEVER)
    daily = np.repeat(weekly, 7, axis=1)
    width = min(daily.shape[1], counts.shape[1] - 6)
    scores[:, 6 : 6 + width] = daily[:, :width]
    return scores


def _onsets(on: NDArray[np.bool_]) -> NDArray[np.int64]:
    days = np.flatnonzero(on)
    new = np.ones(len(days), dtype=np.bool_)
    new[1:] = np.diff(days) > APART
    return days[new]


def _false(found: Labelled, row: int, on: NDArray[np.bool_]) -> int:
    """Alarms that begin outside every outbreak and the week after it."""
    inside = np.zeros(len(on), dtype=np.bool_)
    for first, last in found.outbreaks(row):
        inside[first : last + found.step + APART] = True
    return int((~inside[_onsets(on)]).sum())


def _years(found: Labelled) -> float:
    days = sum(max(0, last - max(first, LEARNING) + 1) for first, last in found.spans)
    return max(days, 1) / 365.25


def _measured(found: Labelled, scores: Reals, at: float) -> dict[str, Any]:
    delays: list[int | None] = []
    false = 0
    for row in range(len(found.names)):
        on = scores[row] >= at
        false += _false(found, row, on)
        for first, last in found.outbreaks(row):
            if first >= LEARNING:
                until = max(last + found.step, first + max(WITHIN))
                hits = np.flatnonzero(on[first:until])
                delays.append(int(hits[0]) if hits.size else None)
    seen = sorted(delay for delay in delays if delay is not None)
    judged = max(len(delays), 1)
    by_day = [sum(delay <= day for delay in seen) / judged for day in range(max(WITHIN) + 1)]
    return {
        "outbreaks_judged": len(delays),
        "detected": len(seen),
        "mean_delay_days": round(float(np.mean(seen)), 2) if seen else None,
        "median_delay_days": float(np.median(seen)) if seen else None,
        "sensitivity": {
            str(days): round(sum(delay < days for delay in seen) / judged, 4) for days in WITHIN
        },
        "false_alarms_per_series_year": round(false / _years(found), 4),
        "timeliness": [round(share, 4) for share in by_day],
    }


def _at_rate(found: Labelled, scores: Reals, rate: float) -> float | None:
    """The lowest threshold with no more false alarms than `rate`; None if it cannot be reached."""
    usable = np.unique(np.round(scores[scores > _NEVER / 2], 4))
    low, high, best = 0, len(usable) - 1, None
    years = _years(found)
    while low <= high:
        middle = (low + high) // 2
        rows = range(len(found.names))
        false = sum(_false(found, row, scores[row] >= usable[middle]) for row in rows)
        if round(false / years, 4) <= rate:
            best, high = float(usable[middle]), middle - 1
        else:
            low = middle + 1
    return best
