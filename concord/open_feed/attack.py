"""A black-box attack by somebody who knows all incidents but one, and asks whether that one is in.

The adversary sees what is published in many worlds with the incident and many without, learns from
some of them which outcomes speak for it, and is judged on the rest: how much likelier is the
outcome with the incident than without? Lower confidence bounds (Clopper and Pearson 1934) keep
chance from being taken for a leak. What is bounded in truth cannot be found above the bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from concord.open_feed.broken import Publisher, Views
from sharing_api.geography import Geography, read
from sharing_api.open_feed.counting import Item, counted, noisy
from sharing_api.open_feed.noise import Below
from sharing_api.open_feed.publishing import thresholds
from sharing_api.open_feed.tables import OpenTable, load

BACKGROUNDS: Final = (0, 4, 9, 12)
LEARNING: Final = 0.2
TRUST: Final = 0.995
_BANDS: Final = {"usual": 0, "raised": 1, "high": 2}


@dataclass(frozen=True, slots=True)
class Found:
    """The greatest odds ratio that the attack is sure of, and against which background."""

    ratio: float
    background: int
    trials: int


class RealPublisher:
    """The hub's own mechanism in a county of one district and one ward.

    What it published is stored, so that however often the adversary looks, it looks the same.
    """

    def __init__(self, below: Below, tables: tuple[OpenTable, ...] | None = None) -> None:
        """`below` is the coin."""
        self._below = below
        self._tables = tables or load()
        self._geography = _one_ward()
        history = [{"D": 1, "elsewhere": 0}] * 52
        self._limits = {
            t.id: thresholds(self._geography, t, history) for t in self._tables if t.show == "band"
        }

    def __call__(
        self,
        _rng: np.random.Generator,
        trials: int,
        background: int,
        inside: bool,
    ) -> Views:
        """What is seen in so many worlds."""
        return np.array([self._world(background, inside=inside) for _ in range(trials)])

    def _world(self, background: int, *, inside: bool) -> list[int]:
        seen: list[int] = []
        for table in self._tables:
            known = background
            limits = self._limits.get(table.id)
            if limits is not None:  # the worst case: one more reaches the next band
                known = max(0, limits["W"].raised - 1)
            items = [Item("D", "W", "race")] * (known + inside)
            values = noisy(table, counted(table, self._geography, items), self._below)
            if limits is None:
                seen += values.values()
            else:
                seen += (_BANDS[limits[cell[0]].band(v)] for cell, v in values.items())
        return seen


def attack(
    publisher: Publisher, trials: int, seed: int, backgrounds: tuple[int, ...] = BACKGROUNDS
) -> Found:
    """Attack a publisher with so many trials of each world; the best that was found."""
    rng = np.random.default_rng(seed)
    best = Found(1.0, backgrounds[0], trials)
    for background in backgrounds:
        inside = publisher(rng, trials, background, True)
        outside = publisher(rng, trials, background, False)
        for one, other in ((inside, outside), (outside, inside)):
            ratio = _ratio(one, other)
            if ratio > best.ratio:
                best = Found(ratio, background, trials)
    return best


def _ratio(likely: Views, unlikely: Views) -> float:
    """The ratio that is sure for the event that the first part of the trials suggests."""
    cut = int(len(likely) * LEARNING)
    score = _Score(likely[:cut], unlikely[:cut])
    first, second = score(likely[:cut]), score(unlikely[:cut])
    levels = np.unique(np.quantile(np.concatenate([first, second]), np.linspace(0.02, 1, 60)))
    chosen = max(levels, key=lambda at: sure_ratio(first >= at, second >= at))
    return sure_ratio(score(likely[cut:]) >= chosen, score(unlikely[cut:]) >= chosen)


def sure_ratio(likely: NDArray[np.bool_], unlikely: NDArray[np.bool_]) -> float:
    """A lower bound of P(event | likely) / P(event | unlikely)."""
    hits, misses = int(likely.sum()), int(unlikely.sum())
    if hits == 0:
        return 0.0
    low = beta.ppf(1 - TRUST, hits, len(likely) - hits + 1)
    high = 1.0 if misses == len(unlikely) else beta.ppf(TRUST, misses + 1, len(unlikely) - misses)
    return float(low / high)


class _Score:
    """Sums what each column says for the first kind of world; columns that say nothing are left."""

    def __init__(self, likely: Views, unlikely: Views) -> None:
        self._columns: list[tuple[int, int, Any]] = []
        for column in range(likely.shape[1]):
            a, b = likely[:, column], unlikely[:, column]
            both = np.concatenate([a, b])
            low, high = (int(v) for v in np.quantile(both, (0.02, 0.98)))
            counts = [
                np.bincount(np.clip(x, low, high) - low, minlength=high - low + 1) for x in (a, b)
            ]
            ups, downs = counts[0] + 0.5, counts[1] + 0.5
            spread = np.sum((counts[0] - counts[1]) ** 2 / (ups + downs))
            if spread > len(ups) + 6 * (2 * len(ups)) ** 0.5:
                self._columns.append((column, low, np.log(ups / downs)))

    def __call__(self, views: Views) -> NDArray[np.float64]:
        """The sum for each trial."""
        total = np.zeros(len(views))
        for column, low, weights in self._columns:
            total += weights[np.clip(views[:, column] - low, 0, len(weights) - 1)]
        return total


def _one_ward() -> Geography:
    ward = {"code": "W", "name": "Ward", "level": "ward", "district": "D"}
    district = {"code": "D", "name": "District", "level": "district"}
    features = [{"properties": each, "geometry": None} for each in (district, ward)]
    return read({"type": "FeatureCollection", "name": "County", "features": features})
