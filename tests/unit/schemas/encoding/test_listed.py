"""Which given names some list knows, and what an encoding says of it."""

from __future__ import annotations

import pytest

from schemas.encoding import layout
from schemas.encoding.listed import is_listed
from tests.unit.processors.linkage.builders import words


def flags(given: str) -> int:
    """What an encoding says of a given name, the tokens apart."""
    return words(given_names=given, family_name="Marlow")[layout.FIELDS["flags"][0]]


@pytest.mark.parametrize(
    "name",
    ["jack", "siobhan", "kwabena", "mehwish", "harpreet", "oleksandr", "jun", "weiming", "fadumo"],
)
def test_names_of_many_communities_are_listed(name: str) -> None:
    """By a spelling of their own, or by the syllables that they are made of."""
    assert is_listed(name)


@pytest.mark.parametrize("name", ["jcak", "pegn", "hrajit", "mivhael", "hanq"])
def test_mistyped_names_are_not(name: str) -> None:
    """Nor do a few letters pass for a name that they happen to sound like."""
    assert not is_listed(name)


def test_an_encoding_tells_a_strange_name_from_a_listed_one() -> None:
    """A letter is neither."""
    assert flags("Jack") & layout.LISTED_GIVEN
    assert flags("Jcak") & layout.STRANGE_GIVEN
    assert not flags("J") & (layout.LISTED_GIVEN | layout.STRANGE_GIVEN)


def test_the_same_letters_in_another_order_have_one_byte() -> None:
    """One letter more, or another one, has another."""
    letters = {name: flags(name) >> layout.LETTERS_SHIFT for name in ("Jack", "Jcak", "Jac")}
    assert letters["Jack"] == letters["Jcak"] != letters["Jac"]
