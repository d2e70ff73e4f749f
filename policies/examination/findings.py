"""What a comparison found, in sentences: who could newly see what, of which records, and when.

Openings that differ only in purpose or kind are said in one sentence. What limits an opening is
said too; what does not limit it is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from policies.examination.vocabulary import OTHER
from policies.examination.widening import RECORD, Comparison, Opening
from policies.examination.words import (
    TREATED,
    all_of,
    code_name,
    field_name,
    kind_name,
    one_of,
    span,
    type_name,
    who,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, with the openings that it tells of and where the draft says so."""

    sentence: str
    agreement: str
    clauses: tuple[int, ...]
    openings: tuple[Opening, ...]

    def as_json(self) -> dict[str, Any]:
        """Give it for a machine; clauses count from 1, as readers do."""
        fields = {name: change for one in self.openings for name, change in one.fields.items()}
        return {
            "sentence": self.sentence,
            "agreement": self.agreement,
            "clauses": [number + 1 for number in self.clauses],
            "purposes": sorted({one.space.purpose for one in self.openings}),
            "kinds": sorted({one.space.kind for one in self.openings}),
            "fields": {n or "(the record)": list(change) for n, change in sorted(fields.items())},
            "cells": sum(one.cells for one in self.openings),
            "example": self.openings[0].witness,
        }


def findings(comparison: Comparison) -> tuple[Finding, ...]:
    """Say every opening, each once, the most cells first."""
    grouped: dict[tuple[Any, ...], list[Opening]] = {}
    for one in comparison.openings:
        key = (_who(one), _changes(one), _consent(one), _conditions(one), one.agreement, one.clause)
        grouped.setdefault(key, []).append(one)
    made = [
        Finding(_sentence(key, tuple(several)), key[4], (key[5],), tuple(several))
        for key, several in _by_consent(grouped).items()
    ]
    return tuple(sorted(made, key=lambda f: -sum(one.cells for one in f.openings)))


def verdict(comparison: Comparison) -> str:
    """Say in one sentence whether anything becomes more open."""
    compared = f"{comparison.cells:,} cells compared"
    if comparison.openings:
        return f"Wider: {comparison.opened_cells:,} cells become more open ({compared})."
    if comparison.terms:
        return f"No cell becomes more open ({compared}), but recipients are held to less."
    if not comparison.agreements:
        return "The draft decides as what is in force: no clause, date or status differs."
    return f"Not wider: no cell becomes more open ({compared})."


def term_sentences(comparison: Comparison) -> tuple[str, ...]:
    """Say the terms that hold recipients less."""
    return tuple(
        f"{one.agreement}: {one.name} goes from {one.before} to {one.after}."
        for one in comparison.terms
    )


Grouped = dict[tuple[Any, ...], list[Opening]]
_Scopes = tuple[tuple[bool, ...], tuple[str, ...], tuple[str, ...]]
"""Whether consent is recorded (True, False or both), to which scopes it is, and to which not."""


def _by_consent(grouped: Grouped) -> Grouped:
    """Say several states of consent at once, where all else is equal."""
    alike: dict[tuple[Any, ...], list[tuple[_Scopes, list[Opening]]]] = {}
    for key, several in grouped.items():
        alike.setdefault((*key[:2], *key[3:]), []).append((key[2], several))
    found: Grouped = {}
    for rest, states in alike.items():
        for said, several in _joined(states):
            found.setdefault((*rest[:2], said, *rest[2:]), []).extend(several)
    return found


def _joined(
    states: list[tuple[_Scopes, list[Opening]]],
) -> Iterator[tuple[str, list[Opening]]]:
    positive = [one for one in states if one[0][0] == (True,) and len(one[0][1]) == 1]
    if len(positive) > 1:
        yes = sorted({name for (_, names, _), _ in positive for name in names})
        no = sorted({name for (_, _, names), _ in positive for name in names} - set(yes))
        but = f" but not to {one_of(no)}" if no else ""
        yield f"with recorded consent to {one_of(yes)}{but}", _openings(positive)
    elif positive:
        yield _consent_said(positive[0][0]), _openings(positive)
    none = [one for one in states if one[0][0] == (False,)]
    other = [one for one in states if one[0][0] == (True,) and not one[0][1] and one[0][2]]
    if none and other:
        yield f"{_NO_CONSENT} to {one_of(other[0][0][2])}", _openings([*none, *other])
    for one in states:
        if one not in positive and not (none and other and (one in none or one in other)):
            yield _consent_said(one[0]), one[1]


def _openings(states: list[tuple[_Scopes, list[Opening]]]) -> list[Opening]:
    return [one for _, several in states for one in several]


def _sentence(key: tuple[Any, ...], openings: tuple[Opening, ...]) -> str:
    asker, changes, consent, others, agreement, clause = key
    conditions = [part for part in (consent, *others) if part]
    kinds = all_of(sorted({kind_name(one.space.kind) for one in openings}))
    purposes = one_of(sorted({one.space.purpose for one in openings}))
    text = f"{asker[:1].upper()}{asker[1:]} could newly {changes} of {kinds} for {purposes}"
    limits = f", {', '.join(conditions)}" if conditions else ""
    return f"{text}{limits} ({agreement}, clause {clause + 1})."


def _changes(one: Opening) -> str:
    """Say what opens; the record itself only where nothing of it does."""
    said: dict[tuple[str, str], list[str]] = {}
    for name, change in one.fields.items():
        if name != RECORD:
            said.setdefault(change, []).append(field_name(name))
    if not said:
        return "learn the number"
    parts: list[str] = []
    for (before, after), names in said.items():
        instead = "" if before == "withhold" else f" instead of {TREATED[before]}"
        plain = after == "release" and not instead
        parts.append(all_of(names) + ("" if plain else f" ({TREATED[after]}{instead})"))
    return f"see {'; '.join(parts)}"


def _who(one: Opening) -> str:
    return who(_names(one, "agency_type"), _names(one, "role"), _names(one, "agency"))


def _names(one: Opening, dimension: str) -> list[str]:
    """List what a box allows; nothing stands for any."""
    if one.space.whole(one.box, dimension):
        return []
    values = one.space.values(one.box, dimension)
    say = type_name if dimension == "agency_type" else str
    if OTHER not in values:
        return [say(value) for value in values]
    left_out = (say(v) for v in one.space.dimensions[dimension] if v not in values)
    return [f"{_OTHERS[dimension]} other than {one_of(left_out)}"]


_OTHERS: Final[Mapping[str, str]] = {
    "agency_type": "an agency",
    "role": "role",
    "agency": "any agency",
    "vetting": "something",
}


def _conditions(one: Opening) -> tuple[str, ...]:
    said = [part for part in (_say(one) for _say in _PARTS) if part]
    return (*said, *_flags(one))


def _vetting(one: Opening) -> str:
    names = _names(one, "vetting")
    return f"vetted {one_of(names)}" if names else ""


def _day(one: Opening) -> str:
    if one.throughout:
        return ""
    return span(one.space.values(one.box, "day"), one.space.dimensions["day"])


def _consent(one: Opening) -> _Scopes:
    scopes = [name for name in one.space.dimensions if name.startswith("scope:")]
    yes = (_named(s) for s in scopes if one.space.values(one.box, s) == (True,))
    no = (_named(s) for s in scopes if one.space.values(one.box, s) == (False,))
    return one.space.values(one.box, "consent"), tuple(yes), tuple(no)


def _consent_said(scopes: _Scopes) -> str:
    state, yes, no = scopes
    if state == (False,):
        return _NO_CONSENT
    if not yes and not no:
        return "with recorded consent to anything" if state == (True,) else ""
    given = f"with recorded consent to {all_of(yes)}" if yes else "with recorded consent"
    but = f"{' but' if yes else ''} not to {one_of(no)}" if no else ""
    return f"{given}{but}" if state == (True,) else f"{given}{but}, or without any"


def _named(dimension: str) -> str:
    """Say the code that a dimension of such a name is about."""
    prefix, _, code = dimension.partition(":")
    return code_name(prefix, code)


_NO_CONSENT: Final = "without recorded consent"


def _relation(one: Opening) -> str:
    values = frozenset(one.space.values(one.box, "relation"))
    return _RELATED.get(values, one_of(f"where the record is {value}" for value in values))


_RELATED: Final[Mapping[frozenset[str], str]] = {
    frozenset({"neither", "tenant", "own", "own and tenant"}): "",
    frozenset({"own", "own and tenant"}): "where the record is its own alone",
    frozenset({"tenant", "own and tenant"}): "about its own tenants",
    frozenset({"neither", "tenant"}): "where the record is not its own alone",
    frozenset({"neither", "own"}): "about people who are not its tenants",
    frozenset({"neither"}): "neither its own nor about its tenants",
    frozenset({"own"}): "its own, but not about its tenants",
    frozenset({"tenant"}): "about its own tenants, but not its own alone",
    frozenset({"own and tenant"}): "its own and about its tenants",
    frozenset({"neither", "own", "own and tenant"}): "its own, or not about its tenants",
    frozenset({"tenant", "own", "own and tenant"}): "its own or about its tenants",
    frozenset({"neither", "tenant", "own and tenant"}): "not its own, or about its tenants",
    frozenset({"neither", "tenant", "own"}): "unless its own and about its tenants",
    frozenset({"neither", "own and tenant"}): "its own and tenants', or neither",
    frozenset({"tenant", "own"}): "its own or tenants', but not both",
}
_TWO: Final[Mapping[str, tuple[str, str]]] = {
    "authority": ("if no relevant authority", "if a relevant authority"),
    "justification": ("without a justification", "with a justification"),
    "case_member": ("without being a member of the case", "as a member of the case"),
    "child": ("where no child is concerned", "where a child is concerned"),
    "non_crime": ("about a crime", "about a non-crime incident"),
    "about_subject": ("not about its subject", "about its subject"),
}
_NAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "emergency": {
        "none": "outside an emergency",
        "approved": "in an emergency with a second approver",
    },
    "entity_kind": {
        "person": "about a person",
        "place": "about a place",
        "none": "about no one in particular",
    },
    "handling": {"P": "under handling code P", "C": "under handling code C"},
}
_PREFIXES: Final[Mapping[str, str]] = {
    "category": "where {name} is {among}a category of its people",
    "strand": "{with} the strand {name}",
    "regime": "{with} the recording regime {name}",
    "wish": "where the wish {name} is {among}recorded",
}


def _chosen(one: Opening) -> str:
    parts = []
    for dimension, texts in _NAMED.items():
        if not one.space.whole(one.box, dimension):
            parts.append(one_of(texts[value] for value in one.space.values(one.box, dimension)))
    for dimension, (no, yes) in _TWO.items():
        if not one.space.whole(one.box, dimension):
            parts.append(yes if one.space.values(one.box, dimension) == (True,) else no)
    return ", ".join(parts)


_PARTS: Final = (_vetting, _day, _relation, _chosen)


def _flags(one: Opening) -> Iterator[str]:
    for dimension in one.space.dimensions:
        prefix = dimension.partition(":")[0]
        if prefix in _PREFIXES and not one.space.whole(one.box, dimension):
            there = one.space.values(one.box, dimension) == (True,)
            template = _PREFIXES[prefix]
            yield template.format(
                name=_named(dimension),
                among="" if there else "not ",
                **{"with": "with" if there else "without"},
            )
