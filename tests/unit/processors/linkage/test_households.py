"""Who lives with whom is a relation between persons; it merges nobody."""

from __future__ import annotations

import itertools
import math

import pytest

from processors.linkage import households
from processors.linkage.households import chance
from processors.linkage.matcher import Matcher
from processors.repeats.alerts import alerts
from processors.repeats.rules import load as rules
from schemas.records import Entity
from tests.unit.processors.linkage.builders import (
    NOON,
    groups,
    incident,
    live,
    matched,
    person,
    ruling,
)

HOME = {"house": "12", "street": "Mill Road", "locality": "Dunmoor", "postcode": "CX5 1AA"}
AWAY = {"house": "7", "street": "Quarry Lane", "locality": "Oxenhale", "postcode": "CX9 4ZD"}
SANA = person(given_names="Sana", family_name="Qureshi", date_of_birth="1991-04-17", **HOME)
IMRAN = person(given_names="Imran", family_name="Qureshi", date_of_birth="1961-03-12", **HOME)
ALICE = person(given_names="Alice", family_name="Penn", date_of_birth="1984-09-02", **AWAY)


def relations(made: Matcher) -> dict[str, list[str]]:
    """Related persons by person."""
    return {entity["entity_id"]: entity["households"] for entity in live(made)}


def of(made: Matcher, incident_id: str) -> Entity:
    """The person mentioned first in an incident."""
    return next(
        entity
        for entity in live(made)
        if any(member["mention_id"] == f"{incident_id}#0" for member in entity["members"])
    )


def test_two_of_one_home_and_name_are_related_and_stay_two() -> None:
    """On both sides; a stranger elsewhere is not."""
    made = matched(incident(1, SANA), incident(2, IMRAN), incident(3, ALICE))
    assert len(groups(made)) == 3
    one, two = of(made, "inc_001"), of(made, "inc_002")
    assert one["households"] == [two["entity_id"]]
    assert two["households"] == [one["entity_id"]]
    assert of(made, "inc_003")["households"] == []


def test_one_person_is_no_household_of_theirs() -> None:
    """What is linked, or might be one person, is not related."""
    made = matched(incident(1, SANA), incident(2, SANA))
    assert list(relations(made).values()) == [[]]


def test_the_relation_depends_on_the_set_alone() -> None:
    """And names the person as it is called now, after merges and retractions."""
    again = incident(4, SANA)
    outcomes = []
    for order in itertools.permutations([incident(1, SANA), incident(2, IMRAN), again]):
        made = matched(*order)
        outcomes.append(relations(made))
    assert all(outcome == outcomes[0] for outcome in outcomes)
    made.apply(incident(1, version=2, retracted=True))
    assert of(made, "inc_002")["households"] == [of(made, "inc_004")["entity_id"]]
    made.apply(incident(4, version=2, retracted=True))
    assert of(made, "inc_002")["households"] == []


def test_a_change_of_name_is_announced_to_the_household() -> None:
    """When a ruling splits the person next door."""
    made = matched(incident(1, SANA), incident(2, IMRAN), incident(4, SANA))
    husband = of(made, "inc_002")["entity_id"]
    changed = made.decide(ruling("inc_001#0", "inc_004#0", "different"))
    assert husband in changed
    assert len(of(made, "inc_002")["households"]) == 2


def test_a_home_that_too_many_share_is_no_household(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is one again when enough have gone."""
    monkeypatch.setattr(households, "CAP", 3)
    born = {
        "Sana": "1991-04-17",
        "Imran": "1961-03-12",
        "Bilal": "1989-11-30",
        "Hira": "2004-08-25",
    }
    people = [
        person(given_names=name, family_name="Qureshi", date_of_birth=date, **HOME)
        for name, date in born.items()
    ]
    made = matched(*(incident(at, each) for at, each in enumerate(people)))
    assert set(map(tuple, relations(made).values())) == {()}
    made.apply(incident(3, version=2, retracted=True))
    assert {len(related) for related in relations(made).values()} == {2}


def test_an_alert_carries_the_relation() -> None:
    """As far as an agreement says, a coordinator sees who is targeted together."""
    made = matched(incident(1, SANA), incident(2, SANA), incident(3, IMRAN))
    entity = of(made, "inc_001")
    found = alerts(entity, rules(), NOON)
    assert found
    assert {tuple(alert["households"]) for alert in found} == {(of(made, "inc_003")["entity_id"],)}


def test_the_chance_of_a_household_is_read_from_the_evidence() -> None:
    """Against one person and against strangers; a caution is no evidence."""
    odds = 50.0
    evidence = [
        ("prior", "rarity_of_matches", -10.0),
        ("street", "same", 7.0),
        ("household", "could_be_relatives", -math.log1p(odds)),
        ("caution", "known_dates_differ", -99.0),
    ]
    assert chance(evidence) == pytest.approx(odds / (1.0 + odds + math.exp(-3.0)))
    assert chance([("prior", "rarity_of_matches", 900.0)]) == 0.0
