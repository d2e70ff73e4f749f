"""Why a pair is looked at, and which decision stands: pure functions of what is known."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from sharing_api.reviews import Decision, review_id, standing, why

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)


def decided(*decisions: str) -> list[Decision]:
    """Decisions on consecutive days."""
    return [
        Decision(each, "psn_a", "north", "link-review", "because", MONDAY + timedelta(days=day))
        for day, each in enumerate(decisions)
    ]


@pytest.mark.parametrize(
    ("decisions", "stands"),
    [
        ((), ""),
        (("same",), "same"),
        (("same", "open"), ""),
        (("same", "open", "different"), "different"),
        (("same", "same"), "same"),
        (("same", "different"), "contested"),
        (("same", "different", "different"), "contested"),
        (("same", "different", "open"), ""),
        (("restore", "open", "restore"), "restore"),
    ],
)
def test_what_stands_depends_on_the_set_of_decisions(
    decisions: tuple[str, ...], stands: str
) -> None:
    """In whatever order they are read."""
    for order in itertools.permutations(decided(*decisions)):
        assert standing(order) == stands


def test_a_pair_has_one_id() -> None:
    """Whichever mention is named first."""
    assert review_id("inc_a#0", "inc_b#1") == review_id("inc_b#1", "inc_a#0")


NAMES = {"family_name": "same", "given_name": "same"}


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (
            {**NAMES, "date_of_birth": "different"},
            ["could-be-parent-and-child", "dates-of-birth-contradict"],
        ),
        ({"given_name": "close", "date_of_birth": "three_digits"}, ["dates-of-birth-contradict"]),
        ({"given_name": "different", "date_of_birth": "same"}, ["could-be-twins"]),
        ({"given_name": "faint"}, ["given-names-differ"]),
        ({**NAMES, "caution": "names_alone"}, ["names-alone"]),
        (NAMES, ["date-of-birth-missing"]),
        ({**NAMES, "date_of_birth": "one_digit"}, ["not-certain"]),
    ],
)
def test_doubts_have_names(levels: dict[str, str], expected: list[str]) -> None:
    """From the levels of the evidence; how rare a value is comes after its level."""
    evidence = [
        {"field": field, "level": level, "weight": 1.0}
        for field, first in levels.items()
        for level in (first, "rarity")
    ]
    assert why("inc_a#0", "inc_b#0", "review", "", evidence) == expected


def test_contradictions_come_first() -> None:
    """Of decisions, of roles, and of groups that are too large."""
    evidence = [{"field": "date_of_birth", "level": "same", "weight": 9.0}]
    assert why("inc_a#0", "inc_a#1", "conflict", "contested", evidence) == [
        "decisions-contradict",
        "decided-both-ways",
        "both-sides-of-one-incident",
    ]
    assert why("inc_a#0", "inc_b#0", "oversize", "", evidence) == ["too-many-to-compare"]
