"""A hub's own past with nothing building: the same places, strands and rates, drawn anew.

Each series' usual rate is that of the baseline as it stands; weeks vary as much as the constants
say, days are drawn from it, reports come as late as the constants say. Series are drawn each for
itself: a chance burst of a ward does not also lift its district, so that the budget errs on the
side of fewer false signals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from concord.tension import budget as budgets
from concord.tension.calibration import section
from concord.tension.runs import OWN, Scores
from processors.tension.constants import DELAYS, LEVELS, Constants
from processors.tension.methods.arrays import Counts, Reals
from processors.tension.methods.shiryaev import FULL, GAINS
from processors.tension.state import TensionState
from processors.tension.sweep import WIDTH, Panel, sweep

if TYPE_CHECKING:
    from processors.tension.rules import Rules
    from schemas.records import TensionItem

DAYS = 200
WORLDS = 3
_NEVER = -1e9


def own_history(
    items: Sequence[TensionItem], rules: Rules, budget: float, say: Callable[[str], None]
) -> dict[str, Any]:
    """The thresholds section for a budget, from the history of these items.

    With too little history the section stays as it is, but for the budget's sake says so.
    """
    state = TensionState(rules)
    for item in items:
        state.apply(item)
    newest = state.newest
    panel, _ = state.panel(newest.date() if newest else date.min, frozenset())
    if not len(panel.counts) or sweep(panel, rules.constants) is None:
        say("too little history: the thresholds stay as they are")
        return dict(rules.constants.thresholds.model_dump())
    levels = np.minimum(panel.levels, 2)
    made = []
    for seed in range(1, WORLDS + 1):
        say(f"a past in which nothing builds, {seed} of {WORLDS}")
        made.append(_scores(panel, rules.constants, np.random.default_rng([seed, 7])))
    limits = budgets.calibrated(made, levels, budget)
    for number in range(3):  # a level that the hub does not have keeps the hub's present limits
        part = rules.constants.thresholds.at(LEVELS[number])
        limits.setdefault((number, "exceedance"), -float(np.log10(part.chance)))
        limits.setdefault((number, "mixture"), part.mixture)
        limits.setdefault((number, "cusum"), part.cusum or 0.0)
    return section(_reachable(limits), budget)


def _reachable(limits: dict[tuple[int, str], float]) -> dict[tuple[int, str], float]:
    """A method that never came near speaking gets a limit that a file can hold."""
    most = {"exceedance": 12.0, "mixture": 50.0, "cusum": 100.0}
    least = {"exceedance": 0.5, "mixture": 0.5, "cusum": 0.5}
    return {key: min(max(limit, least[key[1]]), most[key[1]]) for key, limit in limits.items()}


def _scores(panel: Panel, constants: Constants, chance: np.random.Generator) -> Scores:
    """Each day of a made-up past, as it would have been known.

    It begins with as much history as the hub has, and grows from there: a young hub knows less of
    what is usual, and is wrong more often.
    """
    held = min(panel.history, WIDTH)
    rates = panel.counts[:, -held:].mean(axis=1)
    varies = constants.variations()[panel.levels]
    size = WIDTH + DAYS
    counts = _drawn(rates, varies, size, chance)
    counts[:, : WIDTH - held] = 0
    known = constants.delay.completeness()
    found = {name: np.full((DAYS, len(rates)), _NEVER, dtype=np.float32) for name in OWN}
    ages = np.concatenate([known, np.ones(WIDTH)])[:WIDTH][::-1]
    patience = chance.random(counts.shape)
    for number in range(DAYS):
        whole = counts[:, number + 1 : number + 1 + WIDTH]
        luck = patience[:, number + 1 : number + 1 + WIDTH]
        seen = np.floor(whole * ages + luck).astype(np.int64)
        seen = np.minimum(seen, whole)
        gained = GAINS[:, FULL][:, None, None] * seen[None, :, -DELAYS:]
        one = Panel(
            seen,
            np.zeros((1, 1), dtype=np.int64),
            gained,
            panel.kin,
            panel.levels,
            panel.history + number,
        )
        made = sweep(one, constants)
        assert made is not None
        few = made.seen[:, 0] < 3
        late = (made.recent[:, 0] < 3) | (made.seen[:, 0] < 1)
        rare = -np.log10(np.maximum(made.chance[:, 0], 1e-300))
        narrow = few | (panel.levels >= 2)
        found["exceedance"][number] = np.where(few, _NEVER, rare)
        found["mixture"][number] = np.where(late, _NEVER, made.mixture[:, 0])
        found["cusum"][number] = np.where(narrow, _NEVER, made.cusum[:, 0])
    return found


def _drawn(rates: Reals, varies: Reals, size: int, chance: np.random.Generator) -> Counts:
    weeks = size // 7 + 1
    spread = np.maximum(varies, 1e-6)[:, None]
    wander: NDArray[np.float64] = chance.gamma(1 / spread, spread, (len(rates), weeks))
    daily = np.repeat(wander, 7, axis=1)[:, :size] * rates[:, None]
    return chance.poisson(daily).astype(np.int64)
