"""Which of two names is the family name, and what is no family name or title at all."""

from __future__ import annotations

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from schemas.encoding import known, names
from schemas.encoding.text import lexicon
from tests.unit.schemas.encoding.test_encode import field


@pytest.mark.parametrize(
    ("given", "family", "full", "expected"),
    [
        ("Kravchenko", "Yurii", None, (("yurii",), "kravchenko")),
        ("Kravchenko", "Yurii Aleksandr", None, (("yurii", "aleksandr"), "kravchenko")),
        ("Cohen", "Dvora", None, (("dvora",), "cohen")),
        (None, None, "Dabrowski Tomek", (("tomek",), "dabrowski")),
        (None, None, "Sandhoo Gary", (("gary",), "sandhoo")),
        (None, None, "Mc Donagh Mary", (("mary",), "mcdonagh")),
        ("Lewandowska", "Anna", None, (("anna",), "lewandowska")),
        ("Reyes", "Maria T", None, (("maria", "t"), "reyes")),
        ("Holley", "Dvora", None, (("dvora",), "holley")),
        ("Woodton", "Gemma Ruth", None, (("gemma", "ruth"), "woodton")),
        ("Heer", "Manpreet", None, (("manpreet",), "heer")),
    ],
)
def test_a_family_name_that_stands_first_is_exchanged(
    given: str | None, family: str | None, full: str | None, expected: tuple[tuple[str, ...], str]
) -> None:
    """Tomek is nobody's family name, and nobody is given the name Dabrowski."""
    name = names.take_apart(given, family, full)
    assert (name.given, name.family) == expected


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("Rojin", "Aram"),
        ("Kelly", "Thomas"),
        ("Kaniz", "Fatima"),
        ("Noor", "Shabana"),
        ("Chloe", "Gemma"),
        ("Khan", "Ahmed"),
        ("Hibo", "Yusuf"),
        ("Tomasz", "Dabrowski"),
        ("Franciska", "Z"),
        ("Roberts", "Patel"),
    ],
)
def test_whatever_may_be_either_keeps_its_place(given: str, family: str) -> None:
    """A father's name is a family name for many, and Fatima stands last in names of women."""
    name = names.take_apart(given, family, None)
    assert {*name.given, name.family} == {given.lower(), family.lower()}
    if len(family) > 1:
        assert (name.given, name.family) == ((given.lower(),), family.lower())


_FAMILIES = [
    word for word in lexicon()["family_only"]["names"] if not known.is_given_in_some_spelling(word)
]


@for_all(st.sampled_from(_FAMILIES), st.sampled_from(lexicon()["given_only"]["names"]))
def test_certain_names_are_one_in_either_order(family: str, given: str) -> None:
    """Whoever fills the two fields the wrong way round gives the same name."""
    name = names.take_apart(given, family, None)
    assert (name.given, name.family) == ((given,), family)
    assert names.take_apart(family, given, None) == name


@pytest.mark.parametrize(
    ("full", "expected"),
    [
        ("Mahdi Hassan", (("mahdi",), "hassan")),
        ("Lama Nasser", (("lama",), "nasser")),
        ("Prince Osei", (("prince",), "osei")),
        ("Dr Mahdi Hassan", (("mahdi",), "hassan")),
    ],
)
def test_names_that_are_titles_elsewhere_are_names(
    full: str, expected: tuple[tuple[str, ...], str]
) -> None:
    """Mahdi, Lama and Prince are given to children; Dr is not."""
    name = names.take_apart(None, None, full)
    assert (name.given, name.family) == expected


def test_abdi_is_a_name_by_itself_unless_a_name_of_god_follows() -> None:
    """Abdi Yusuf has two given names, Abdi Rahman one."""
    assert names.take_apart("Abdi Yusuf", "Adan", None).given == ("abdi", "yusuf")
    assert names.take_apart("Abdi Rahman", "Adan", None).given == ("abdirahman",)
    assert names.take_apart("Abdul Hakim", "Adan", None).given == ("abdulhakim",)


def test_two_given_names_without_a_family_name_keep_their_order() -> None:
    """Without fields nothing says that Chantel is a family name."""
    name = names.take_apart(None, None, "Chantel Rebecca")
    assert name.given[0] == "chantel"


def test_a_servant_of_god_goes_by_either_half() -> None:
    """Abdul Majid is Abdul at school and Majid at home; so is no other Abdul's name."""
    whole, first, second, other = (
        set(field("given_canonical", given_names=name, family_name="Iqbal")) - {0}
        for name in ("Abdul Majid", "Abdul", "Majid", "Abdul Hakim")
    )
    assert first < whole
    assert second < whole
    assert len(whole & other) == 1


def test_an_initial_may_be_that_of_another_listed_spelling() -> None:
    """U is Umar, whom another report calls Omer; of the many spellings of John none is meant."""
    omer, u, sean, j = (
        field("given_canonical", given_names=name, family_name="Ek")
        for name in ("Omer", "U", "Sean", "E")
    )
    assert u[0] in omer
    assert j[0] not in sean


@pytest.mark.parametrize(
    ("one", "two"),
    [("huseyin", "hussain"), ("hassane", "hasan"), ("hosssain", "hossain"), ("sandhuu", "sandu")],
)
def test_a_family_name_is_written_as_a_given_name_is(one: str, two: str) -> None:
    """A name of both kinds has the spellings of both lists, and of letters of one sound."""
    assert names.canonical_family(one) == names.canonical_family(two)


def test_other_family_names_of_like_letters_stay_apart() -> None:
    """The Somali Cumar is Omar, and no Kumar."""
    assert names.canonical_family("cumar") != names.canonical_family("kumar")
    assert names.canonical_family("brown") != names.canonical_family("braun")
