"""Canonical text, telephone numbers, e-mail addresses and postcodes."""

from __future__ import annotations

import pytest

from processors.intake import wording


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("  Anna   Maria ", "Anna Maria"),
        ("Jose\u0301", "Jos\u00e9"),
        ("a\tb\x00c\u00a0d", "a b c d"),
        ("Ann\u00ada\ufeff", "Anna"),
        (
            "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
            "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627",
        ),
        (" \t", None),
        ("", None),
        (None, None),
    ],
)
def test_text_is_trimmed_and_composed(text: str | None, canonical: str | None) -> None:
    """Single spaces, NFC, no control characters; nothing left is nothing."""
    assert wording.clean(text) == canonical


def test_a_list_keeps_its_order_and_loses_blanks_and_repeats() -> None:
    """The first spelling of a repeat stays where it was."""
    assert wording.cleaned(["b", " ", "a", "b "]) == ["b", "a"]


@pytest.mark.parametrize(
    "text",
    [
        "07700 900123",
        "+447700900123",
        "+44 (0)7700 900 123",
        "0044 7700-900-123",
        "(07700) 900123",
        "07700.900.123",
    ],
)
def test_british_numbers_have_one_form(text: str) -> None:
    """However they are written."""
    assert wording.phone(text) == "+447700900123"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+48 22 123 45 67", "+48221234567"),
        ("0113 496 0123 ext 4", "+441134960123"),
        ("999", "+44999"),
        ("+999 12", "+99912"),
    ],
)
def test_other_numbers_keep_what_they_have(text: str, number: str) -> None:
    """Foreign numbers with their country code; what is no number keeps its digits."""
    assert wording.phone(text) == number


def test_repeated_contacts_are_one() -> None:
    """After both have been brought into one form."""
    assert wording.phones(["07700 900123", "+447700900123"]) == ["+447700900123"]
    assert wording.emails(["A@Example.org ", "a@example.org"]) == ["a@example.org"]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("ls1 4ap", "LS1 4AP"),
        ("LS14AP", "LS1 4AP"),
        ("w1a1aa", "W1A 1AA"),
        ("ls1", "LS1"),
        ("bfpo 57", "BFPO57"),
        (" ", None),
        (None, None),
    ],
)
def test_postcodes_have_one_form(text: str | None, canonical: str | None) -> None:
    """Capitals and one space before the last three; blank is absent."""
    assert wording.postcode(text) == canonical


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (" 100012345678 ", "100012345678"),
        ("0012", "0012"),
        ("0", None),
        ("000000000000", None),
        ("", None),
        (None, None),
    ],
)
def test_a_uprn_of_zeros_is_no_place(text: str | None, canonical: str | None) -> None:
    """Systems fill the field with zeros; all such places would be one, and it would repeat."""
    assert wording.uprn(text) == canonical
