"""Place tokens."""

from __future__ import annotations

from typing import Any

import pytest

from processors.intake.places import place_token, street_key
from schemas.identifiers import Pseudonyms

PSEUDONYMS = Pseudonyms(b"p" * 32)


def token(**known: Any) -> bytes | None:
    """Token of a place of which only this is known."""
    blank = dict.fromkeys(("uprn", "house", "street", "postcode", "ward", "district", "platform"))
    place: Any = {**blank, "place_type": None, "online": False, **known}
    return place_token(place, PSEUDONYMS)


def test_one_street_is_one_place_however_it_is_written() -> None:
    """House number, case, punctuation and abbreviation do not matter; the postcode does."""
    one = token(street="Marker Road", postcode="LS1 4AP", house="12")
    assert one is not None
    assert len(one) == 16
    assert token(street="12 marker rd.", postcode="LS1 4AP") == one
    assert token(street="Marker Road", postcode="LS1 4AQ") != one


def test_a_property_number_is_a_place_of_its_own() -> None:
    """Leading zeros do not matter, and the street is not looked at."""
    one = token(uprn="100012345678", street="Marker Road", postcode="LS1 4AP")
    assert one == token(uprn="100012345678")
    assert one != token(street="Marker Road", postcode="LS1 4AP")
    assert token(uprn="0042") == token(uprn="42")


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"street": "Marker Road"},
        {"postcode": "LS1 4AP"},
        {"street": "Marker Road", "postcode": "LS1"},
        {"street": "Marker Road", "postcode": "LS1 4"},
        {"street": "--", "postcode": "LS1 4AP"},
        {"uprn": "1", "online": True},
    ],
)
def test_a_place_that_is_not_known_well_enough_has_no_token(known: dict[str, Any]) -> None:
    """Nor has an online incident."""
    assert token(**known) is None


def test_another_hub_has_other_tokens() -> None:
    """The token is keyed."""
    place: Any = {"online": False, "uprn": "42"}
    assert place_token(place, Pseudonyms(b"q" * 32)) != token(uprn="42")


@pytest.mark.parametrize(
    ("street", "key"),
    [
        ("St. John's Ave", "st johns avenue"),
        ("Rd", "rd"),
        ("221b Baker St", "baker street"),
        ("The Avenue", "the avenue"),
    ],
)
def test_only_the_last_word_is_an_abbreviation(street: str, key: str) -> None:
    """Saint John stays a saint."""
    assert street_key(street) == key
