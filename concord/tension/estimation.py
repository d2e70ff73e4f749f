"""Constants from a history: reporting delay and how much counts vary, by level of geography."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date
from typing import TYPE_CHECKING

import numpy as np

from processors.tension.constants import LEVELS, Constants
from processors.tension.methods.delay import completeness
from processors.tension.state import TensionState
from processors.tension.sweep import WIDTH, sweep

if TYPE_CHECKING:
    from processors.tension.rules import Rules
    from schemas.records import TensionItem

LEAST = 200
"""Reports below which a delay, and weeks below which a variation, is left as it was."""


def estimated(items: Sequence[TensionItem], rules: Rules, until: date) -> Constants:
    """Constants as the items up to a day suggest; what they cannot tell stays as it was."""
    constants = rules.constants
    kept = [
        item for item in items if not item["nil_return"] and item["recorded_at"].date() <= until
    ]
    if len(kept) >= LEAST:
        days = [item["observed_from"].astimezone(UTC).date() for item in kept]
        late = [(i["recorded_at"].date() - day).days for i, day in zip(kept, days, strict=True)]
        watched = [(until - day).days for day in days]
        share = completeness(np.maximum(np.array(late), 0), np.array(watched), 84)
        constants = constants.with_parts(delay={"share": [round(float(s), 4) for s in share]})
    return constants.with_parts(variation=_variation(kept, rules, constants, until))


def _variation(
    items: Sequence[TensionItem], rules: Rules, constants: Constants, until: date
) -> dict[str, float]:
    """By moments: what weeks vary beyond Poisson, relative to the squared mean."""
    state = TensionState(rules)
    for item in items:
        state.apply(item)
    panel, _ = state.panel(until, frozenset())
    found = dict(constants.variation.model_dump())
    made = sweep(panel, constants)
    if made is None:
        return found
    end = WIDTH - made.guard
    weeks = panel.counts[:, end - 7 * made.weeks : end].reshape(-1, made.weeks, 7).sum(axis=2)
    mean = weeks.mean(axis=1, keepdims=True)
    excess = ((weeks - mean) ** 2 * (made.weeks / (made.weeks - 1)) - mean).sum(axis=1)
    for number, level in enumerate(LEVELS):
        at = panel.levels == number
        scale = float((mean[at] ** 2).sum() * made.weeks)
        if at.any() and scale > 0 and weeks[at].size >= LEAST:
            found[level] = round(min(10.0, max(0.0, float(excess[at].sum()) / scale)), 4)
    return found
