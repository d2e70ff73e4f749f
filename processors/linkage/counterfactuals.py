"""What would have changed the outcome for a pair: evidence taken away, contradicted or added.

Each answer comes from scoring the pair again with one field altered, under the same parameters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from schemas.records import FieldEvidence, Link

from . import levels as at
from .evidence import RARITY, TOGETHER_LEVEL, Outcome, caution, weighed
from .parameters import CEILING, LINK, REVIEW, Parameters
from .wording import NAMES

Rescore = Callable[[Sequence[FieldEvidence]], float]
"""Gives the log-odds of a pair of which just this evidence about fields is known."""

_BY_NATURE: Final = frozenset({"prior", "address", "household", "caution"})
_OF_VALUES: Final = frozenset({RARITY, TOGETHER_LEVEL})
_ENDS: Final = {
    "link": "been linked",
    "review": "gone to review",
    "apart": "been kept apart",
}
_PLURALS: Final = {"date_of_birth": "dates of birth", "given_name": "given names"}
_WISHED: Final = ("date_of_birth", "mobile_phone", "email", "postcode", "given_name", "family_name")
_MOST: Final = 3
_FIELDS: Final = {field.name: number for number, field in enumerate(at.FIELDS)}


def band(weight: float) -> str:
    """What follows from a weight: link, review or apart."""
    return "link" if weight > LINK else "review" if weight > REVIEW else "apart"


def rescoring(parameters: Parameters) -> Rescore:
    """Score altered evidence as comparison does; the rarity of a value stays what it was."""

    def rescore(evidence: Sequence[FieldEvidence]) -> float:
        found = [at.NULL] * at.COUNT
        rare: dict[int, float] = {}
        together = 0.0
        for each in evidence:
            number = _FIELDS.get(each["field"])
            if number is None:
                continue
            if each["level"] == RARITY:
                rare[number] = each["weight"]
            elif each["level"] == TOGETHER_LEVEL:
                together = -each["weight"]
            else:
                found[number] = at.FIELDS[number].levels.index(each["level"])
        of = Outcome(found, rare, together if found[at.FAMILY] != at.NULL else 0.0)
        listed = [each for each in weighed(of, parameters) if each[0] != "caution"]
        total = math.fsum(weight for _, _, weight in listed)
        return min(total, CEILING) if caution(found, parameters) else total

    return rescore


def counterfactuals(link: Link, rescore: Rescore) -> list[str]:
    """At most three sentences on what would have led to another outcome, the strongest first."""
    known = [each for each in link["evidence"] if each["field"] not in _BY_NATURE]
    if link["band"] == "link":
        changes = [*_taken(known, rescore), *_contradicted(known, rescore)]
    else:
        changes = _added(known, rescore)
    return [f"{what} this would have {_ENDS[end]}." for _, what, end in sorted(changes)[:_MOST]]


_Change = tuple[int, str, str]


def _taken(known: Sequence[FieldEvidence], rescore: Rescore) -> list[_Change]:
    """Agreements without which the pair would not have been linked; if none, two of them."""
    held = sorted(
        (each for each in known if each["weight"] > 0 and each["level"] not in _OF_VALUES),
        key=lambda each: (-each["weight"], each["field"]),
    )
    single = [
        (rank, f"Without the {_agreement(each)},", end)
        for rank, each in enumerate(held)
        if (end := band(rescore(_without(known, each["field"])))) != "link"
    ]
    if single or len(held) < 2:
        return single[:2]
    one, two = held[:2]
    end = band(rescore(_without(known, one["field"], two["field"])))
    if end == "link":
        return []
    return [(0, f"Without both the {_agreement(one)} and the {_agreement(two)},", end)]


def _contradicted(known: Sequence[FieldEvidence], rescore: Rescore) -> list[_Change]:
    """Facts whose opposite would have kept the pair from being linked."""
    changes = []
    for rank, field in enumerate(("date_of_birth", "given_name")):
        if any(each["field"] == field and each["weight"] > 0 for each in known):
            end = band(rescore([*_without(known, field), _evidence(field, "different")]))
            if end != "link":
                changes.append((10 + rank, f"With different {_PLURALS[field]},", end))
    return changes


def _added(known: Sequence[FieldEvidence], rescore: Rescore) -> list[_Change]:
    """Agreements that are not there, or stand the other way, and would have made it a link."""
    changes = []
    for rank, field in enumerate(_WISHED):
        now = next((each for each in known if each["field"] == field), None)
        if now is not None and now["weight"] > 0:
            continue
        if band(rescore([*_without(known, field), _evidence(field, "same")])) == "link":
            changes.append((rank, f"With the same {NAMES[field]} in both,", "link"))
    return changes


def _without(known: Sequence[FieldEvidence], *fields: str) -> list[FieldEvidence]:
    return [each for each in known if each["field"] not in fields]


def _evidence(field: str, level: str) -> FieldEvidence:
    return FieldEvidence(field=field, level=level, weight=0.0)


def _agreement(evidence: FieldEvidence) -> str:
    """What agrees, as a noun: the same mobile number, the likeness of the family names."""
    exact = evidence["level"].startswith("same")
    name = NAMES.get(evidence["field"], "agreement")
    return f"same {name}" if exact else f"likeness in {name}"
