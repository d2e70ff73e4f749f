"""What a possible link is called, why a person should look at it, and which decision stands.

Pure functions over encoded terms: field names, levels, weights. No value, no identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from schemas.identifiers import stable_id

CONTESTED: Final = "contested"
"""Two people decided differently, and neither took the other's decision back."""
_RULED: Final = frozenset({"same", "different", "restore"})
_SAME_NAME: Final = frozenset({"same", "same_canonical"})
_FAR_DATES: Final = frozenset({"different", "three_digits"})
_FAR_NAMES: Final = frozenset({"different", "faint"})
_NAMES_ALONE: Final = frozenset({"names_alone", "given_name_alone"})


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a person."""

    decision: str
    by: str
    agency: str
    purpose: str
    reason: str
    decided_at: datetime


def review_id(left: str, right: str) -> str:
    """The id of a pair of mentions, whichever comes first."""
    return stable_id("rvw", *sorted((left, right)))


def in_order(decisions: Iterable[Decision]) -> list[Decision]:
    """Decisions in the order in which linkage ranks them: the last one stands."""
    return sorted(decisions, key=lambda each: (each.decided_at, each.decision, each.by))


def standing(decisions: Iterable[Decision]) -> str:
    """What stands: same, different, restore, contested; empty if nothing does."""
    current, contested = "", False
    for each in in_order(decisions):
        if each.decision in _RULED:
            contested = contested or current not in {"", each.decision}
            current = each.decision
        else:
            current, contested = "", False
    return CONTESTED if contested else current


def why(
    left: str, right: str, band: str, decision: str, evidence: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Codes of the reasons to look at a pair; the weightiest first, never none."""
    levels: dict[str, str] = {}
    for each in evidence:
        levels.setdefault(str(each["field"]), str(each["level"]))
    found: list[str] = []
    if band == "conflict":
        found.append("decisions-contradict")
    if decision == CONTESTED:
        found.append("decided-both-ways")
    if left.partition("#")[0] == right.partition("#")[0]:
        found.append("both-sides-of-one-incident")
    if band == "oversize":
        found.append("too-many-to-compare")
    found += _doubts(levels)
    return found or ["not-certain"]


def _doubts(levels: Mapping[str, str]) -> list[str]:
    """What makes a pair doubtful: a contradiction, or that too little is known."""
    birth = levels.get("date_of_birth")
    named = levels.get("family_name") in _SAME_NAME and levels.get("given_name") in _SAME_NAME
    if birth in _FAR_DATES:
        return [*(["could-be-parent-and-child"] if named else []), "dates-of-birth-contradict"]
    if levels.get("given_name") in _FAR_NAMES:
        return ["could-be-twins" if birth == "same" else "given-names-differ"]
    if levels.get("caution") in _NAMES_ALONE:
        return ["names-alone"]
    return ["date-of-birth-missing"] if birth is None else []
