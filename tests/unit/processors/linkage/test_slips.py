"""Slips of the pen in short given names, of which hardly a pair of letters stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from processors.linkage import levels
from processors.linkage.comparison import given_level
from schemas.encoding import layout
from tests.unit.processors.linkage.builders import incident, matched, person, together, words

HOME: dict[str, Any] = {"house": "81", "street": "Dean Mount", "postcode": "CX17 1WA"}
BORN: dict[str, Any] = {"date_of_birth": "2001-03-11", "sex": "male"}
FLAGS = layout.FIELDS["flags"][0]


def in_one_home(one: str, two: str) -> bool:
    """Whether two of one date of birth, home and family name are taken for one person."""
    first, second = (
        person(given_names=given, family_name="Marlow", **BORN, **HOME) for given in (one, two)
    )
    return together(matched(incident(1, first), incident(2, second)), 1, 2)


def level(one: str, two: str) -> int:
    """How two given names compare."""
    first, second = (words(given_names=given, family_name="Marlow") for given in (one, two))
    return given_level(first, second)


@pytest.mark.parametrize(
    ("right", "slip"),
    [("Jack", "Jcak"), ("Fang", "Fagn"), ("Femi", "Fmei"), ("Hui", "Hi"), ("Iwona", "Iowna")],
)
def test_a_slip_in_a_short_name_is_no_twin(right: str, slip: str) -> None:
    """Nobody else in the home is called that, as far as any list knows."""
    assert in_one_home(right, slip)
    assert level(right, slip) == level(slip, right) == levels.GIVEN_SIMILAR


@pytest.mark.parametrize(("one", "two"), [("Amir", "Amin"), ("Hana", "Huda")])
def test_two_listed_names_are_two_persons(one: str, two: str) -> None:
    """However few letters differ: twins often are called so."""
    assert not in_one_home(one, two)


def test_two_strange_names_are_two_persons() -> None:
    """Of names that no list knows nobody can say that one is a slip of the other."""
    assert not in_one_home("Qopa", "Qpoa")


def test_another_first_letter_is_another_name() -> None:
    """Where the pen seldom slips."""
    assert level("Jack", "Kack") != levels.GIVEN_SIMILAR


def test_encodings_of_before_compare_as_before() -> None:
    """They say of no name whether it is listed; nothing is held to be a slip of anything."""
    new, old = (list(words(given_names=name, family_name="Marlow")) for name in ("Jack", "Jcak"))
    old[FLAGS] &= ~(layout.LISTED_GIVEN | layout.STRANGE_GIVEN | 255 << layout.LETTERS_SHIFT)
    assert given_level(new, old) == levels.GIVEN_FAINT


def test_one_email_address_is_enough_to_be_compared() -> None:
    """Also where it is made of the name alone, and one report has the name in part."""
    mail: dict[str, Any] = {"emails": ["marlow.adaeze@example.com"], "sex": "female"}
    one = person(given_names="Adaeze", date_of_birth="1995-09-28", postcode="CX13 5LS", **mail)
    two = person(full_name="Adaze Marlow", phones=["02896 496838"], **mail)
    assert together(matched(incident(1, one), incident(2, two)), 1, 2)
