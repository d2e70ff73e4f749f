"""Says in a coordinator's words why two mentions are, or might be, one person. Names no value.

A link's evidence becomes a waterfall: one step for each field, from what is likely before anything
was compared to the link's weight. The steps add up to it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from schemas.records import FieldEvidence, Link

from .counterfactuals import Rescore, counterfactuals
from .evidence import RARITY, TOGETHER_LEVEL
from .wording import NEGLIGIBLE, clause, with_rarity

__all__ = ["Step", "chance", "clause", "explain", "picture", "reading", "summary", "waterfall"]

_ADDRESS: Final = ("postcode", "street", "house")
_AWAY: Final = frozenset({"area", "different", "outward"})
_BY_NATURE: Final = frozenset({"prior", "address", "household", "caution"})
_OF_VALUES: Final = frozenset({RARITY, TOGETHER_LEVEL})
_IN_COMPANY: Final = 0.5  # weight from which it is worth saying that names go together
_BAR: Final = 2.0  # log-odds that one sign of a bar stands for


@dataclass(frozen=True, slots=True)
class Step:
    """One field's part in a link's weight."""

    field: str
    words: str
    weight: float
    total: float
    """The sum up to and with this step."""


def chance(weight: float) -> float:
    """The probability that log-odds stand for."""
    return 1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, weight))))


def waterfall(link: Link) -> tuple[Step, ...]:
    """The steps that add up to the link's weight, what weighs most first.

    A field's level and the rarity of its value are one step. It begins with how rare matches are
    at all; the discount for relatives and any caution come last, because they depend on the rest.
    """
    parts: dict[str, list[FieldEvidence]] = {}
    for each in link["evidence"]:
        parts.setdefault(each["field"], []).append(each)
    place = {"prior": 0, "address": 2, "household": 3, "caution": 4}
    summed = sorted(
        ((place.get(field, 1), math.fsum(one["weight"] for one in listed), field))
        for field, listed in parts.items()
    )
    summed.sort(key=lambda each: (each[0], -abs(each[1]), each[2]))
    steps, total = [], 0.0
    for _, weight, field in summed:
        total += weight
        steps.append(Step(field, _said(parts[field]), weight, total))
    return tuple(steps)


def _said(evidence: Sequence[FieldEvidence]) -> str:
    """One clause for what is known of a field."""
    level = next((one for one in evidence if one["level"] not in _OF_VALUES), None)
    rare = math.fsum(one["weight"] for one in evidence if one["level"] == RARITY)
    if level is not None and level["field"] == "household" and abs(level["weight"]) <= NEGLIGIBLE:
        return "relatives would hardly agree on this"
    if level is None:
        return clause(evidence[0])
    said = with_rarity(clause(level), level["field"], rare)
    company = math.fsum(one["weight"] for one in evidence if one["level"] == TOGETHER_LEVEL)
    return f"{said}, one that often goes with that family name" if company < -_IN_COMPANY else said


def summary(link: Link) -> str:
    """The link in a phrase: what agrees, most telling first, and whether the address changed."""
    levels = {each["field"]: each["level"] for each in link["evidence"]}
    address = _address(levels)
    skipped = _BY_NATURE | {*_ADDRESS, "locality"} if address else _BY_NATURE
    agreeing = [
        step.words
        for step in waterfall(link)
        if step.field not in skipped and step.weight > NEGLIGIBLE
    ]
    said = [*agreeing[:3], *([address] if address else [])]
    text = "; ".join(said) or "nothing agrees"
    return f"{text[0].upper()}{text[1:]}."


def _address(levels: dict[str, str]) -> str:
    known = [levels[field] for field in _ADDRESS if field in levels]
    if len(known) == 3 and set(known) == {"same"}:
        return "same address"
    away = levels.get("postcode") in _AWAY and "same" not in known
    return "moved address" if away and levels.get("street", "different") == "different" else ""


def reading(link: Link) -> str | None:
    """What a contradiction usually means, for whoever decides; None where there is none."""
    levels = {each["field"]: each["level"] for each in link["evidence"]}
    near = levels.get("postcode") == "same" or levels.get("street") == "same"
    held = {each["level"] for each in link["evidence"] if each["field"] == "caution"}
    if "given_names_differ" in held and levels.get("date_of_birth") == "same" and near:
        return "Twins share a date of birth and an address; so does one person with two names."
    if "known_dates_differ" in held and levels.get("given_name", "").startswith("same") and near:
        return "A parent and a child may bear one name at one address."
    if held & {"given_names_differ", "known_dates_differ"}:
        return "Relatives, or one person written down wrongly."
    if "names_alone" in held:
        return "Two persons may bear one name."
    return None


def explain(link: Link, rescore: Rescore | None = None) -> list[str]:
    """Sentences for a link: what speaks for it, what against it, what follows.

    With `rescore`, also what would have changed the outcome.
    """
    steps = [step for step in waterfall(link) if abs(step.weight) > NEGLIGIBLE]
    steps.sort(key=lambda step: (-abs(step.weight), step.field))
    told = [
        summary(link),
        _sentence("For", [step for step in steps if step.weight > 0]),
        _sentence("Against", [step for step in steps if step.weight < 0]),
        _verdict(link),
    ]
    meaning = reading(link)
    if meaning:
        told.append(meaning)
    return told + (counterfactuals(link, rescore) if rescore else [])


def _sentence(side: str, steps: Sequence[Step]) -> str:
    return f"{side}: {'; '.join(step.words for step in steps) or 'nothing'}."


def _verdict(link: Link) -> str:
    percent = math.floor(1000 * chance(link["weight"])) / 10
    if link["band"] == "link":
        return f"Taken together, one person with a probability of {percent} %."
    return f"Possibly one person ({percent} %): for a coordinator to decide, not linked."


def picture(link: Link) -> str:
    """The waterfall as text: each step's weight, the sum so far, and a bar."""
    steps = waterfall(link)
    width = max(len(step.words) for step in steps)
    lines = [
        f"{step.words:{width}}  {step.weight:+7.2f}  {step.total:+7.2f}  {_bar(step.weight)}"
        for step in steps
    ]
    lines.append(f"{'sum':{width}}  {link['weight']:+7.2f}")
    return "\n".join(line.rstrip() for line in lines)


def _bar(weight: float) -> str:
    return ("+" if weight > 0 else "-") * round(abs(weight) / _BAR)
