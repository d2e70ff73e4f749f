"""Thresholds for a budget: so many new signals a week as somebody will look at for nothing.

Each level of geography gets its share of the budget. Within a level every method of a set gets the
same rate, chosen so that all of them together keep the level's share. Nothing but counties (or a
hub's own past) in which nothing builds is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from concord.tension.runs import Scores

SHARES: Final[Mapping[int, float]] = {0: 0.10, 1: 0.25, 2: 0.65}
"""Of the budget, by level: county, district, ward."""
APART: Final = 7
"""Days without a signal after which the next one is new."""
_HALVINGS: Final = 22
Limits = Mapping[tuple[int, str], float]


def onsets(on: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Days on which a signal is new: on, and off in the seven days before. By day and series."""
    before = np.zeros_like(on)
    for back in range(1, APART + 1):
        before[back:] |= on[:-back]
    return on & ~before


def weekly(on: Sequence[NDArray[np.bool_]]) -> float:
    """New signals a week over several counties."""
    return sum(int(onsets(one).sum()) for one in on) / (sum(len(one) for one in on) / 7)


def calibrated(
    nulls: Sequence[Scores], levels: NDArray[np.int64], budget: float
) -> dict[tuple[int, str], float]:
    """Thresholds by level and method that keep the budget on counties without build-ups."""
    found: dict[tuple[int, str], float] = {}
    for level, share in SHARES.items():
        at = levels == level
        if not at.any():
            continue
        part = [{name: score[:, at] for name, score in one.items()} for one in nulls]
        low, high = 0.0, budget * share
        for _ in range(_HALVINGS // 2):
            rate = (low + high) / 2
            limits = {name: _limit([one[name] for one in part], rate) for name in part[0]}
            low, high = (rate, high) if _union(part, limits) <= budget * share else (low, rate)
        limits = {name: _limit([one[name] for one in part], low) for name in part[0]}
        found |= {(level, name): limit for name, limit in limits.items()}
    return found


def fired(scores: Scores, levels: NDArray[np.int64], limits: Limits) -> NDArray[np.bool_]:
    """Where any of the methods speaks, by day and series."""
    on = np.zeros(next(iter(scores.values())).shape, dtype=np.bool_)
    for name, score in scores.items():
        limit = np.array([limits.get((int(level), name), np.inf) for level in levels])
        on |= score >= limit[None, :]
    return on


def _limit(scores: Sequence[NDArray[np.float32]], rate: float) -> float:
    """The lowest threshold at which one method alone keeps a rate of new signals a week."""
    some = np.concatenate([score[score > 0] for score in scores])
    if not some.size:
        return 1e9
    low, high = 0.0, float(some.max()) + 1e-3
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        kept = weekly([score >= middle for score in scores]) <= rate
        low, high = (low, middle) if kept else (middle, high)
    return high


def _union(part: Sequence[Scores], limits: Mapping[str, float]) -> float:
    on = []
    for one in part:
        any_ = np.zeros(next(iter(one.values())).shape, dtype=np.bool_)
        for name, score in one.items():
            any_ |= score >= limits[name]
        on.append(any_)
    return weekly(on)
