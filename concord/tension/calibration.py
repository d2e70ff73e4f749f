"""Thresholds by simulation: what keeps a budget of false signals where nothing builds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from concord.tension import budget as budgets
from concord.tension import runs
from concord.tension import world as county
from processors.tension.constants import LEVELS, Constants
from processors.tension.methods.delay import completeness

SEEDS = (101, 102, 103, 104)


def county_delay(seed: int) -> list[float]:
    """The reporting delay of a simulated county, estimated from what had arrived by its test."""
    one = county.world(seed, build_ups=False)
    kept = one.received < county.HISTORY
    share = completeness(one.delay[kept], county.HISTORY - 1 - one.day[kept], 84)
    return [round(float(each), 4) for each in share]


def simulated(
    constants: Constants, budget: float, say: Callable[[str], None], seeds: Sequence[int] = SEEDS
) -> dict[str, Any]:
    """The thresholds section of the constants file, from simulated counties."""
    quiet = []
    for seed in seeds:
        say(f"county {seed}")
        quiet.append(runs.own(runs.History.of(county.world(seed, build_ups=False)), constants))
    return section(budgets.calibrated(quiet, county.levels(), budget), budget)


def section(limits: budgets.Limits, budget: float) -> dict[str, Any]:
    """Limits by level and method as the constants file has them; LSOAs get those of wards."""
    found: dict[str, Any] = {"budget": budget}
    for number, level in enumerate(LEVELS):
        row = min(number, 2)
        part = {
            "chance": float(f"{10 ** -limits[row, 'exceedance']:.3g}"),
            "mixture": float(f"{limits[row, 'mixture']:.3g}"),
        }
        if number < 2:
            part["cusum"] = float(f"{limits[row, 'cusum']:.3g}")
        found[level] = part
    return found
