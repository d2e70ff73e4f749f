"""Agreements and later versions of them at random, and what one decision opens beside another."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from policies.agreements import Agreement
from policies.engine import Decision
from policies.examination.widening import RECORD
from policies.fields import TREATMENTS
from tests.unit.policies import corpus


def opened(before: Decision, after: Decision) -> dict[str, tuple[str, str]]:
    """Say which fields one decision lets out more openly than another, the record among them."""
    ranks = TREATMENTS.index
    found = {
        name: (before.fields.get(name, "withhold"), treatment)
        for name, treatment in after.fields.items()
        if ranks(treatment) > ranks(before.fields.get(name, "withhold"))
    }
    if after.permit and not before.permit:
        found[RECORD] = ("withhold", "mask")
    return found


def revised(draw: random.Random, agreements: list[Agreement]) -> list[Agreement]:
    """Change something of a set of agreements: parts of a clause, a clause, a date, the whole."""
    made = deepcopy(agreements)
    for _ in range(draw.randint(1, 3)):
        draw.choice((_part, _part, _part, _clause, _more, _less, _date, _all))(
            draw, made, draw.randrange(len(made))
        )
    return made


def _part(draw: random.Random, made: list[Agreement], place: int) -> None:
    changed, other = draw.choice(made[place]["clauses"]), corpus.clause(draw)
    for part in draw.sample(sorted(other), 2):
        changed[part] = other[part]
    if not changed["consent"]:
        changed["transgender_history"] = "denied"


def _clause(draw: random.Random, made: list[Agreement], place: int) -> None:
    clauses = made[place]["clauses"]
    clauses[draw.randrange(len(clauses))] = corpus.clause(draw)


def _more(draw: random.Random, made: list[Agreement], place: int) -> None:
    made[place]["clauses"].append(corpus.clause(draw))


def _less(_draw: random.Random, made: list[Agreement], place: int) -> None:
    made[place]["clauses"] = made[place]["clauses"][:1]


def _date(draw: random.Random, made: list[Agreement], place: int) -> None:
    made[place]["ends"] = draw.choice(("2026-03-01", "2027-01-01", "2036-01-01"))
    made[place]["status"] = "live"


def _all(draw: random.Random, made: list[Agreement], place: int) -> None:
    made[place] = corpus.agreement(draw, made[place]["id"])


NO_EXCLUSION = {
    "subject_categories": [],
    "strands": [],
    "recording_regimes": [],
    "children": False,
}
_FIELDS: dict[str, Callable[[random.Random], str]] = {
    "level": lambda draw: draw.choice(("mask", "release")),
    "since": lambda draw: draw.choice(("generalise:month", "generalise:week", "withhold")),
    "victim_name": lambda draw: draw.choice(("generalise:initials", "release")),
    "suspect_name": lambda draw: draw.choice(("generalise:initials", "withhold")),
}


def plain_clause(draw: random.Random) -> dict[str, Any]:
    """Draw a clause that spans a small space: it leaves recipients and exclusions open."""
    return {
        **corpus.clause(draw),
        "purposes": ["cmarac-case"],
        "recipients": {"agencies": ["*"], "agency_types": ["*"], "roles": ["*"]},
        "vetting": ["*"],
        "exclude": NO_EXCLUSION,
        "items": {"alert": {name: value(draw) for name, value in _FIELDS.items()}},
        "consent": (consent := draw.choice(([], ["any"]))),
        "transgender_history": draw.choice(("denied", "with-consent")) if consent else "denied",
    }


def plain_pair(draw: random.Random) -> tuple[list[Agreement], list[Agreement]]:
    """Draw two versions of one agreement that span a small space."""
    one = {**corpus.agreement(draw, "drawn"), "status": "live", "starts": "1970-01-01"}
    return (
        [{**one, "clauses": [plain_clause(draw) for _ in range(2)]}],
        [{**one, "clauses": [plain_clause(draw) for _ in range(2)]}],
    )
