"""The default beside other methods, at an equal rate of false signals, on simulated counties."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from concord.tension import budget as budgets
from concord.tension import runs
from concord.tension import world as county
from concord.tension.world import HISTORY, BuildUp
from processors.tension.constants import Constants

WITHIN: Final = (7, 14, 28)
NULL_SEEDS: Final = (101, 102, 103)
"""Counties without build-ups, on which thresholds are set."""
DEFAULT: Final = "default"


def compare(
    seeds: Sequence[int],
    constants: Constants,
    budget: float,
    say: Callable[[str], None],
    nulls: Sequence[int] = NULL_SEEDS,
) -> dict[str, Any]:
    """The table: by method, the share of build-ups seen in time, and by which margin."""
    quiet = [_scores(seed, constants, say, build_ups=False)[0] for seed in nulls]
    loud = [_scores(seed, constants, say, build_ups=True) for seed in seeds]
    levels = county.levels()
    rows: dict[str, dict[str, Any]] = {}
    hits: dict[str, dict[int, NDArray[np.bool_]]] = {}
    built = [what for _, ups in loud for what in ups]
    for method in quiet[0]:
        limits = budgets.calibrated([one[method] for one in quiet], levels, budget)
        null = budgets.weekly([budgets.fired(one[method], levels, limits) for one in quiet])
        hits[method] = _hits(loud, method, levels, limits)
        rows[method] = {"false_signals_a_week": null, **_shares(hits[method], built)}
    return {
        "budget_a_week": budget,
        "null_seeds": list(nulls),
        "test_seeds": list(seeds),
        "build_ups": len(built),
        "methods": rows,
        "default_minus": {
            method: _margins(hits[DEFAULT], hits[method]) for method in rows if method != DEFAULT
        },
    }


def _scores(
    seed: int, constants: Constants, say: Callable[[str], None], *, build_ups: bool
) -> tuple[dict[str, runs.Scores], list[BuildUp]]:
    say(f"county {seed}, {'with' if build_ups else 'without'} build-ups")
    one = county.world(seed, build_ups=build_ups)
    history = runs.History.of(one)
    received = history.by_receipt()
    found: dict[str, runs.Scores] = {DEFAULT: runs.own(history, constants)}
    for name, method in runs.OTHERS.items():
        found[name] = {name: method(received)}
    return found, one.built


def _hits(
    loud: Sequence[tuple[dict[str, runs.Scores], list[BuildUp]]],
    method: str,
    levels: NDArray[np.int64],
    limits: budgets.Limits,
) -> dict[int, NDArray[np.bool_]]:
    """For each span of days, which build-ups were seen within it."""
    seen: dict[int, list[bool]] = {within: [] for within in WITHIN}
    for scores, built in loud:
        on = budgets.fired(scores[method], levels, limits)
        for what in built:
            for within in WITHIN:
                seen[within].append(was_seen(on, what, within))
    return {within: np.array(flags) for within, flags in seen.items()}


def was_seen(on: NDArray[np.bool_], what: BuildUp, within: int) -> bool:
    """A series that should see it begins to signal in so many days from its first day on."""
    start, series = what.start - HISTORY, list(what.series)
    fresh = [each for each in series if not on[start - 1, each]]
    return bool(on[start : start + within, fresh].any())


def _shares(hits: dict[int, NDArray[np.bool_]], built: Sequence[BuildUp]) -> dict[str, Any]:
    kinds = np.array([what.kind for what in built])
    rows = {}
    for kind in ["all", *dict.fromkeys(kinds)]:
        chosen = np.ones(len(kinds), dtype=np.bool_) if kind == "all" else kinds == kind
        rows[kind] = {str(within): _with_error(flags[chosen]) for within, flags in hits.items()}
    return {"seen_within": rows}


def _with_error(flags: NDArray[np.bool_]) -> dict[str, float]:
    share = float(flags.mean())
    return {
        "share": round(share, 4),
        "error": round(float(np.sqrt(share * (1 - share) / len(flags))), 4),
    }


def _margins(
    ours: dict[int, NDArray[np.bool_]], theirs: dict[int, NDArray[np.bool_]]
) -> dict[str, dict[str, float]]:
    """The difference in shares over the same build-ups, and its (paired) standard error."""
    found = {}
    for within, flags in ours.items():
        gap = flags.astype(np.float64) - theirs[within]
        error = float(gap.std(ddof=1) / np.sqrt(len(gap)))
        found[str(within)] = {"margin": round(float(gap.mean()), 4), "error": round(error, 4)}
    return found
