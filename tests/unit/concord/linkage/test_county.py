"""Measuring on made-up counties: what counts as merged, and the bounds that relatives have."""

from __future__ import annotations

from collections import Counter

import pytest

from concord.linkage.kin import Merged, Outcome, relatives
from concord.linkage.measure import measured, summary
from concord.scenario import Truth, generate
from concord.scenario.families import CLOSE
from concord.scenario.truth import TruePerson
from tests.unit.processors.linkage.builders import incident, matched, person

UNSEEN = (311, 312, 313)
"""Seeds with which nothing was developed."""


def family(**members: dict[str, str]) -> Truth:
    """The truth of one household."""
    truth = Truth()
    for key, kin in members.items():
        truth.persons[key] = TruePerson("h1", "W1", "male", "0-17", "british", **kin)
    truth.households["h1"] = list(members)
    return truth


def test_relatives_are_named_by_what_they_are() -> None:
    """Twins are no siblings, and a son of his father's name is a namesake."""
    found = relatives(
        family(
            father={},
            son={"parent": "father", "namesake": "father"},
            one={"parent": "father", "twin": "two"},
            two={"parent": "father", "twin": "one"},
        )
    )
    kinds = Counter(kind for kind, _ in found)
    assert kinds == {"namesakes": 1, "twins": 1, "siblings": 2}


def test_close_families_have_relatives_to_measure() -> None:
    """Many more than usual, and no two children of one household bear one name."""
    truth = generate(700, 5, families=CLOSE).truth
    kinds = Counter(kind for kind, _ in relatives(truth))
    assert kinds["siblings"] > kinds["twins"] > 3
    assert kinds["namesakes"] > 3
    namesakes = Counter(one.namesake for one in truth.persons.values() if one.namesake)
    assert set(namesakes.values()) == {1}


def test_a_share_without_pairs_is_nought() -> None:
    """And its interval says that nothing is known."""
    assert Merged(0, 0).told()["share"] == 0.0
    assert Merged(0, 0).told()["interval"] == [0.0, 1.0]


def test_what_is_listed_for_review_is_seen() -> None:
    """By both of its mentions."""
    home = {"house": "12", "street": "Mill Road", "postcode": "CX5 1AA"}
    known = {"given_names": "Imran", "family_name": "Qureshi", **home}
    made = matched(
        incident(1, person(date_of_birth="1961-03-12", **known)),
        incident(2, person(date_of_birth="1994-11-30", **known)),
        incident(3, person(**known)),
    )
    outcome = Outcome(made.entities())
    assert len(set(outcome.entity.values())) == 3
    assert {"inc_001#0", "inc_003#0"} <= outcome.reviewed


def test_a_bound_that_is_exceeded_is_named() -> None:
    """Each of the three, over all counties together."""
    fine = {"pairs": 1000, "merged": 0}
    undated = {"mentions": 2, "linked": 0, "in_review": 2, "apart": 0}
    row = {
        "siblings": {"pairs": 100, "merged": 1},
        "twins": fine,
        "father_and_son": {"both_dated": {"pairs": 9, "merged": 1}, "undated": undated},
    }
    told = summary([{"relatives": row}, {"relatives": row}])
    assert told["exceeded"] == ["siblings", "father_and_son_both_dated"]
    assert told["father_and_son_undated"]["in_review"] == 4


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_relatives_stay_apart_on_counties_never_seen() -> None:
    """Siblings, twins, fathers and sons within their bounds; links right and found."""
    counties = [measured(4_500, seed) for seed in UNSEEN]
    told = summary(counties)
    assert told["exceeded"] == []
    assert told["twins"]["pairs"] >= 100
    undated = told["father_and_son_undated"]
    assert undated["in_review"] == undated["mentions"] > 0
    for each in counties:
        assert each["victims"]["precision"] >= 0.995
        assert each["victims"]["recall"] >= 0.95
