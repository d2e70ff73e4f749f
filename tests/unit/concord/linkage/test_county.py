"""Measuring on made-up counties: what counts as merged, and the bounds that relatives have."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from concord.linkage.kin import Merged, Outcome, relatives
from concord.linkage.measure import measured, page, summary
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
    assert {outcome.entity[name] for name in ("inc_001#0", "inc_003#0")} <= outcome.reviewed


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


@pytest.fixture(scope="module")
def two() -> dict[str, Any]:
    """Two small counties."""
    return measured(250, [9001, 9002])


def test_counties_are_counted_together_too(two: dict[str, Any]) -> None:
    """All pairs and all repeat victims of all of them, so that less is left to chance."""
    counties, together = two["counties"], two["together"]
    for who in ("victims", "suspects", "everybody"):
        assert together[who]["pairs"] == sum(each[who]["pairs"] for each in counties) > 0
    for name, one in together["name_origins"].items():
        alone = [each["name_origins"].get(name, {"persons": 0}) for each in counties]
        assert one["persons"] == sum(each["persons"] for each in alone)
    widest = together["name_origins"]["pakistani"]["recall_interval"]
    for each in counties:
        low, high = each["name_origins"]["pakistani"]["recall_interval"]
        assert widest[1] - widest[0] < high - low


def test_the_page_lists_origins_of_names_from_the_lowest(two: dict[str, Any]) -> None:
    """Those with anybody to find, and says which are too few to judge."""
    told = page(two)
    assert "all 2 counties together\n  victims" in told
    listed = told.split("origin of names ")[1].split("siblings")[0].splitlines()[1:]
    recalls = [float(line.split()[1]) for line in listed]
    assert recalls == sorted(recalls)
    assert [line for line in listed if line.split()[0] == "pakistani" and "too few" in line]
    assert "all 1 counties" not in page({**two, "counties": two["counties"][:1]})


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_relatives_stay_apart_on_counties_never_seen() -> None:
    """Siblings, twins, fathers and sons within their bounds; links right and found."""
    answer = measured(4_500, UNSEEN)
    told = answer["together"]
    assert told["exceeded"] == []
    assert told["twins"]["pairs"] >= 100
    undated = told["father_and_son_undated"]
    assert undated["in_review"] == undated["mentions"] > 0
    for each in answer["counties"]:
        assert each["victims"]["precision"] >= 0.995
        assert each["victims"]["recall"] >= 0.95
