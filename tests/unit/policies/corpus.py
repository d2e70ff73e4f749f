"""Agreements and decision inputs at random, the same for each seed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from policies.agreements import Agreement, load
from policies.fields import FIELDS, SUITABLE

PURPOSES = (
    "cmarac-case",
    "tenancy-support",
    "tension-monitoring",
    "participation",
    "accountability",
    "link-review",
    "operation",
)
AGENCIES = ("north-police", "south-council", "hill-homes", "vale-nhs", "watch", "brook-school")
TYPES = ("police", "council", "housing", "nhs", "monitor", "school", "university", "unheard-of")
ROLES = ("cmarac-coordinator", "housing-officer", "tension-monitor", "governance-officer", "clerk")
VETTING = ("none", "bpss", "nppv3", "sc")
KINDS = tuple(FIELDS)
STRANDS = ("race", "religion", "transgender", "disability", "sexual_orientation")
CATEGORIES = ("victim", "suspect", "witness", "subject")
REGIMES = ("police-hate-crime", "police-nchi", "police-nchi-threshold-met", "partner-report")
STATES = ("given", "refused", "withdrawn", "not_asked", "not_safe_to_ask")
SCOPES = ("cmarac", "housing", "research", "any")
LIFTED = ["consent", "case_member"]
WISHES = ("no_contact", "no_police", "no_landlord", "no_school", "anonymous", "safe_contact_only")
FRAME = load()[0]
"""An agreement that lends its texts to those that are drawn."""
TODAY = 20_500
"""A day in 2026, in days since 1970, on which the demonstration agreements are in force."""


def some(draw: random.Random, options: tuple[str, ...], most: int = 2) -> list[str]:
    """Draw up to `most` different options, sorted."""
    return sorted(draw.sample(options, draw.randint(0, min(most, len(options)))))


def question(draw: random.Random, clauses: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Draw a valid decision input. Most are made to fit one of the clauses, then marred."""
    agency = draw.choice(AGENCIES)
    asked: dict[str, Any] = {
        "requester": {
            "subject": draw.choice(("u1", "u2")),
            "agency": agency,
            "agency_type": draw.choice(TYPES),
            "role": draw.choice(ROLES),
            "vetting": draw.choice(VETTING),
            "relevant_authority": draw.random() < 0.5,
            "competent_authority": draw.random() < 0.5,
            "case_membership": some(draw, ("rec_1", "rec_2")),
        },
        "purpose": draw.choice((*PURPOSES, "", "gossip")),
        "justification": draw.choice(("", "because")),
        "now": {"epoch_day": draw.choice((0, TODAY, 100_000))},
        "emergency": {"flag": False, "second_approver": ""},
        "record": {**record(draw, agency), "kind": draw.choice(KINDS)},
    }
    if draw.random() < 0.85:
        _fit(draw, asked, draw.choice(clauses))
    if draw.random() < 0.3:
        asked["emergency"] = {
            "flag": True,
            "second_approver": draw.choice(("", "u1", "u2", "u3", "u4")),
        }
    return asked


def _fit(draw: random.Random, asked: dict[str, Any], clause: Mapping[str, Any]) -> None:
    """Make a question fit a clause in what concerns the asker."""
    named = clause["recipients"]
    requester = asked["requester"]
    for name, options in (
        ("agency", named["agencies"]),
        ("agency_type", named["agency_types"]),
        ("role", named["roles"]),
        ("vetting", clause["vetting"]),
    ):
        if options != ["*"] and draw.random() < 0.97:
            requester[name] = draw.choice(options)
    requester["relevant_authority"] = draw.random() < 0.95
    asked["purpose"] = draw.choice(clause["purposes"])
    asked["justification"] = draw.choice(("case conference", "why not", "because", ""))
    asked["now"]["epoch_day"] = TODAY
    asked["record"] = {
        **record(draw, requester["agency"]),
        "kind": draw.choice(sorted(clause["items"])),
    }
    asked["record"]["entity_kind"] = draw.choice(clause["entity_kinds"])
    if draw.random() < 0.4:
        _suit(draw, asked, clause)


def _suit(draw: random.Random, asked: dict[str, Any], clause: Mapping[str, Any]) -> None:
    """Make the record fit a clause too, so that enough questions are permitted."""
    found, agency = asked["record"], asked["requester"]["agency"]
    exclude = clause["exclude"]
    found["handling"] = draw.choice(clause["handling"])
    found["child"] = found["child"] and not exclude["children"]
    for name, left_out in (
        ("subject_categories", exclude["subject_categories"]),
        ("strands_present", exclude["strands"]),
        ("recording_regimes", exclude["recording_regimes"]),
    ):
        found[name] = [one for one in found[name] if one not in left_out]
    if clause["consent"]:
        found["consent"] = {"state": "given", "scope": [draw.choice(clause["consent"])]}
    if clause["case_member"]:
        asked["requester"]["case_membership"] = [found["id"]]
    if clause["relation"] == "own":
        found["originators"] = [agency]
    if clause["relation"] == "tenant":
        found["tenant_of"] = [agency]


def record(draw: random.Random, agency: str) -> dict[str, Any]:
    """Draw the facts of a record, its kind apart; every third is as harmless as can be."""
    harmless = draw.random() < 0.4
    own = draw.random() < 0.5

    def odd(chance: float) -> bool:
        return not harmless and draw.random() < chance

    return {
        "id": draw.choice(("rec_1", "rec_2", "rec_3")),
        "exists": not odd(0.1),
        "status": "withdrawn" if odd(0.1) else "current",
        "entity_kind": draw.choice(("person", "person", "place", "none")),
        "originators": [agency] if own else some(draw, AGENCIES),
        "subject_categories": ["victim"] if harmless else some(draw, CATEGORIES),
        "strands_present": ["race"] if harmless else some(draw, STRANDS),
        "special_category": draw.random() < 0.5,
        "child": odd(0.2),
        "gsc": draw.choice(("OFFICIAL", "OFFICIAL-SENSITIVE")),
        "handling": "C" if odd(0.2) else "P",
        "recording_regimes": some(draw, REGIMES),
        "non_crime": odd(0.5),
        "about_subject": odd(0.2),
        "consent": {"state": draw.choice(("given", *STATES)), "scope": some(draw, SCOPES, 3)},
        "victim_wishes": some(draw, WISHES, 1) if odd(0.5) else [],
        "tenant_of": [agency] if own else some(draw, AGENCIES),
        "contains_possible_links": draw.random() < 0.3,
        "authors": some(draw, ("u1", "u2", "u3")) if odd(0.1) else [],
    }


def agreement(draw: random.Random, name: str) -> Agreement:
    """Draw a valid agreement for purposes, agencies and records of this module."""
    made: Agreement = {
        **FRAME,
        "id": name,
        "version": draw.randint(1, 3),
        "status": draw.choice(("live", "live", "live", "suspended", "draft", "withdrawn")),
        "starts": draw.choice(("2025-01-01", "2026-02-16", "2027-01-01")),
        "review": "2027-01-01",
        "ends": draw.choice(("2027-01-01", "2036-01-01")),
        "retention_days": draw.randint(1, 400),
        "onward_sharing": draw.choice(("never", "with-originator-consent")),
        "clauses": [clause(draw) for _ in range(draw.randint(1, 3))],
    }
    return made


def clause(draw: random.Random) -> dict[str, Any]:
    """Draw a clause: every condition and exclusion there is, alone and together."""
    consent: list[str] = draw.choice(([], [], ["cmarac", "any"], some(draw, SCOPES, 2)))

    def named(*options: tuple[str, ...]) -> list[str]:
        return sorted(draw.choice((("*",), *options)))

    return {
        "text": "A clause drawn for a test.",
        "purposes": sorted(draw.sample(PURPOSES[:3], draw.choice((1, 1, 2)))),
        "recipients": {
            "agencies": named(("north-police", "hill-homes"), AGENCIES[1:4]),
            "agency_types": named(("police", "council"), ("housing",), ("school", "university")),
            "roles": named(ROLES[:2], ROLES[2:]),
        },
        "vetting": named(("sc", "bpss"), ("nppv3",)),
        "relevant_authority": draw.random() < 0.3,
        "justification": draw.random() < 0.3,
        "items": {kind: _items(draw, kind) for kind in draw.sample(KINDS[:3], 2)},
        "relation": draw.choice(("any", "any", "own", "tenant")),
        "entity_kinds": draw.choice((["person"], ["place", "none"], ["person", "place", "none"])),
        "handling": draw.choice((["P"], ["P", "C"])),
        "consent": consent,
        "case_member": draw.random() < 0.4,
        "exclude": {
            "subject_categories": draw.choice(([], [], some(draw, CATEGORIES))),
            "strands": draw.choice(([], [], some(draw, STRANDS))),
            "recording_regimes": draw.choice(([], [], some(draw, REGIMES))),
            "children": draw.random() < 0.2,
        },
        "emergency_lifts": draw.choice(([], ["consent"], ["case_member"], LIFTED)),
        "transgender_history": draw.choice(("denied", "with-consent")) if consent else "denied",
    }


def _items(draw: random.Random, kind: str) -> dict[str, str]:
    names = draw.sample(sorted(FIELDS[kind]), draw.randint(1, 8))
    return {name: draw.choice(sorted(SUITABLE[FIELDS[kind][name].shape])) for name in names}


RUBBISH: tuple[Any, ...] = (
    None,
    True,
    7,
    -1,
    0.5,
    "x" * 3000,
    "é" * 200,
    "\U0001f426" * 201,
    "",
    "no_police",
    [],
    [1],
    [""],
    {},
    {"a": 1},
)
"""What may stand where something else belongs."""


def spoiled(draw: random.Random, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Take a member of a decision input away, put rubbish in its place, or add one to it."""
    changed = deepcopy(dict(asked))
    held = changed
    while True:
        name = draw.choice(sorted(held))
        if not isinstance(held[name], dict) or draw.random() < 0.2:
            break
        held = held[name]
    how = draw.random()
    if how < 0.3:
        del held[name]
    elif how < 0.9:
        held[name] = draw.choice(RUBBISH)
    else:
        held[f"{name}_too"] = held[name]
    return changed
