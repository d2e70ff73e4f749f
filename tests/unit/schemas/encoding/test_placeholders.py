"""What forms are filled with when nothing is known leaves no trace in an encoding."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.encoding import decode, encode
from schemas.encoding.text import placeholders, usable
from tests.unit.processors.linkage.builders import KEY, NOON, person

LISTS = ("texts", "parts", "tries", "foreign")


def same_as_nothing(**known: Any) -> bool:
    """Whether these values are encoded as if they had not been given."""
    return encode(person(**known), KEY, NOON) == encode(person(), KEY, NOON)


@pytest.mark.parametrize("name", LISTS)
def test_every_listed_text_says_nothing(name: str) -> None:
    """In any field, in any case; whatever script it is in."""
    for text in placeholders()[name]:
        assert usable(text.upper()) == "", text
        assert same_as_nothing(full_name=text.title()), text
        assert same_as_nothing(street=text, locality=text), text


@pytest.mark.parametrize(
    "text",
    ["Male 2", "UNKNOWN FEMALE 1", "victim 12", "xx", "X X X", "XXXX", "aaa", "Zzzz", "Boy 3"],
)
def test_patterns_say_nothing(text: str) -> None:
    """A part with a number, and keys held down."""
    assert same_as_nothing(full_name=text)


@pytest.mark.parametrize(
    "text",
    [
        "Man",
        "Boy",
        "Nan",
        "Sample",
        "Z",
        "Oo",
        "Ng",
        "Xu",
        "Aan",
        "Lee",
        "Noone",
        "Ann Other-Jones",
    ],
)
def test_names_that_look_like_them_are_kept(text: str) -> None:
    """Short names and names of other languages are people's names."""
    assert usable(text) != ""


def test_a_placeholder_word_beside_a_name_leaves_the_name() -> None:
    """“Unknown Smith” has a family name."""
    half = encode(person(given_names="Unknown", family_name="Smith"), KEY)
    assert half == encode(person(family_name="Smith"), KEY)


@pytest.mark.parametrize(
    "date", ["1900-01-01", "1901-01-01", "1970-01-01", "1899-12-30", "9999-12-31", "1911-11-11"]
)
def test_dates_that_systems_fill_in_are_no_dates_of_birth(date: str) -> None:
    """Beginnings of calendars, and what clerks type instead."""
    assert same_as_nothing(date_of_birth=date)


@pytest.mark.parametrize("date", ["1984-01-01", "1970-01-02", "1970", "1900"])
def test_other_dates_are_kept(date: str) -> None:
    """The first of January of another year is what many people know of their birth."""
    assert not same_as_nothing(date_of_birth=date)


@pytest.mark.parametrize(
    "number",
    ["07000000000", "00000000000", "07777777777", "0000", "07123456789", "+44 7123 456789", "999"],
)
def test_numbers_that_fill_the_field_are_no_numbers(number: str) -> None:
    """In whichever form they are written."""
    assert same_as_nothing(phones=[number])


@pytest.mark.parametrize("local", ["refused", "not.given", "no-reply", "housing", "Unknown"])
def test_addresses_that_are_nobodys_own_are_left_out(local: str) -> None:
    """Whatever the provider."""
    assert same_as_nothing(emails=[f"{local}@example.org"])


def test_occupations_are_not_taken_for_placeholders() -> None:
    """A student is one."""
    data = encode(person(occupation="student"), KEY)
    assert data is not None
    assert any(decode(data).field("occupation"))
