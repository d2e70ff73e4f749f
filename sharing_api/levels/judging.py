"""How persons and the machine compare, and what came of it: pure counts over released levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

OUTCOMES: Final = ("nothing", "minor", "incident", "disorder", "serious-disorder")
RAISED: Final = 4
"""Levels 1 to 4 say that something is up; 5 and 6 that nothing unusual is."""
_HAPPENED: Final = frozenset({"incident", "disorder", "serious-disorder"})


def judged(levels: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Disagreement of machine and person, and for both how often they were right in the end.

    A level whose proposal is not known, or not released, counts among those set alone.
    """
    listed = [level for level in levels if level.get("level") is not None]
    compared = [level for level in listed if level.get("proposed_level") is not None]
    differing = [level for level in compared if level["level"] != level["proposed_level"]]
    settled = [level for level in compared if level.get("outcome")]
    return {
        "set": len(listed),
        "compared": len(compared),
        "disagreed": len(differing),
        "disagreement_rate": _rate(len(differing), len(compared)),
        "person_graver": sum(level["level"] < level["proposed_level"] for level in differing),
        "machine_graver": sum(level["level"] > level["proposed_level"] for level in differing),
        "with_outcome": len(settled),
        "person_right": _rate(_right(settled, "level"), len(settled)),
        "machine_right": _rate(_right(settled, "proposed_level"), len(settled)),
    }


def _right(levels: Iterable[Mapping[str, Any]], name: str) -> int:
    return sum((level[name] <= RAISED) == (level["outcome"] in _HAPPENED) for level in levels)


def _rate(count: int, of: int) -> float | None:
    return round(count / of, 4) if of else None
