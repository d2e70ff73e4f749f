"""What contradicts itself is put before a person, never settled in silence."""

from __future__ import annotations

import itertools
from typing import Any

from processors.linkage.matcher import Matcher
from schemas.records import Entity, Link, Person
from tests.unit.processors.linkage.builders import (
    incident,
    live,
    matched,
    person,
    ruling,
    together,
)

HOME = {"house": "12", "street": "Mill Road", "locality": "Dunmoor", "postcode": "CX5 1AA"}
RUTH = person(given_names="Ruth", family_name="Abelson", date_of_birth="1950-10-09")
TOVA = person(given_names="Tova", family_name="Lindqvist", phones=["07700 900602"])
EMLYN = person(given_names="Emlyn", family_name="Vaughan", date_of_birth="1980-02-03")
CHAIN = (
    ruling("inc_001#0", "inc_002#0", "same", 1),
    ruling("inc_002#0", "inc_003#0", "same", 2),
    ruling("inc_001#0", "inc_003#0", "different", 3),
)


def chained(rulings: Any = CHAIN) -> Matcher:
    """Three strangers, and rulings about them."""
    made = matched(incident(1, RUTH), incident(2, TOVA), incident(3, EMLYN))
    for each in rulings:
        made.decide(each)
    return made


def conflicts(made: Matcher) -> list[Link]:
    """Every link that rulings demand and others forbid."""
    return [link for entity in live(made) for link in entity["review"] if link["band"] != "review"]


def flagged(made: Matcher, flag: str) -> list[Entity]:
    """Live persons with a flag."""
    return [entity for entity in live(made) if flag in entity["flags"]]


def test_rulings_that_contradict_one_another_are_surfaced() -> None:
    """Two of three hold; the third is listed on both sides, whatever the order of the rulings."""
    outcomes = []
    for order in itertools.permutations(CHAIN):
        made = chained(order)
        assert not together(made, 1, 3)
        (left, right) = conflicts(made)
        assert left == right
        assert left["band"] == "conflict"
        assert len(flagged(made, "ruling-conflict")) == 2
        outcomes.append(left)
    assert all(each == outcomes[0] for each in outcomes)


def test_taking_one_ruling_back_settles_the_contradiction() -> None:
    """And not the hub, by dropping one."""
    made = chained()
    made.decide(ruling("inc_001#0", "inc_003#0", "open", 4))
    assert conflicts(made) == []
    assert together(made, 1, 2)
    assert together(made, 2, 3)


def test_both_sides_of_one_incident_are_named_as_such() -> None:
    """The pair is that of the incident, also where other mentions stand for the persons."""
    victim = person(given_names="Imran", family_name="Qureshi", date_of_birth="1961-03-12", **HOME)
    suspect = Person(**{**victim, "role": "suspect"})
    made = matched(incident(1, victim), incident(2, suspect), incident(3, victim, suspect))
    pairs = {(link["left"], link["right"]) for each in live(made) for link in each["review"]}
    assert ("inc_003#0", "inc_003#1") in pairs
    assert flagged(made, "role-conflict")
