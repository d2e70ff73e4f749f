"""The risk rubric: what is known, what is not, and how high the score could be.

An unanswered item is unknown, never nought. Professional judgement may raise a level and may
not lower it, as the national DASH guidance says of its own form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from processors.repeats.occurrence import Occurrence
    from processors.repeats.rules import Rubric

LEVELS: Final = ("standard", "medium", "high", "immediate")


@dataclass(frozen=True, slots=True)
class Assessment:
    """A scored rubric. `score` is None when no item is known; `upper` counts unknown as highest."""

    score: int | None
    upper: int
    known: int
    items_unknown: tuple[str, ...]
    level: str


def highest(*levels: str) -> str:
    """Return the highest of `levels`. Raises ValueError for a word that is no level."""
    return max(levels, key=LEVELS.index)


def assess(answers: Mapping[str, int], rubric: Rubric, override: str | None = None) -> Assessment:
    """Score `answers` (item to points); an `override` level counts only where it is higher.

    Answers to items that the rubric does not have are ignored; points outside an item's
    range are unknown, since nobody can say what was meant.
    """
    known = {
        item: answers[item]
        for item, asked in rubric.items.items()
        if item in answers and 0 <= answers[item] <= asked.highest
    }
    unknown = sorted(item for item in rubric.items if item not in known)
    total = sum(known.values())
    level = rubric.level(total)
    return Assessment(
        score=total if known else None,
        upper=total + sum(rubric.items[item].highest for item in unknown),
        known=len(known),
        items_unknown=tuple(unknown),
        level=level if override is None else highest(level, override),
    )


def answers_of(forms: Iterable[Occurrence]) -> dict[str, int]:
    """Merge the forms of several incidents, sorted by time: the newest answer to each item stands.

    Of two answers for the same moment the higher stands.
    """
    merged: dict[str, int] = {}
    when: dict[str, object] = {}
    for form in forms:
        for item, points in form.rubric.items():
            same_moment = when.get(item) == form.at
            merged[item] = max(points, merged[item]) if same_moment else points
            when[item] = form.at
    return merged
