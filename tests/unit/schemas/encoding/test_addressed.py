"""Names that an e-mail address tells, and those that it must not make up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.encoding import names
from schemas.encoding.addressed import with_address
from tests.unit.processors.linkage.builders import words

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9)


@pytest.mark.parametrize(
    ("full", "local", "expected"),
    [
        (None, "timothy.langby46", names.Name(("timothy",), "langby")),
        (None, "langby.timothy", names.Name(("timothy",), "langby")),
        (None, "t.langby", names.Name(("t",), "langby")),
        ("Langby", "t.langby", names.Name(("t",), "langby")),
        ("Langby", "tlangby2", names.Name(("t",), "langby")),
        ("Timothy", "timothylangby", names.Name(("timothy",), "langby")),
    ],
)
def test_an_address_tells_the_name_that_is_not_known(
    full: str | None, local: str, expected: names.Name
) -> None:
    """Beside the name that is, or two words where none is; a known given name stands first."""
    assert with_address(names.take_apart(None, None, full), local) == expected


@pytest.mark.parametrize(
    "local", ["moonlight", "tlangby", "no.reply", "info.langby", "a.b.langby", "t.l", "77"]
)
def test_an_address_that_names_nobody_tells_nothing(local: str) -> None:
    """One word, what an address is for, and letters are no names."""
    assert with_address(names.Name(), local) == names.Name()


@pytest.mark.parametrize("local", ["moonlight9", "timothy.cars", "timothyx", "info.timothy"])
def test_an_address_beside_a_given_name_may_tell_no_family_name(local: str) -> None:
    """Of another word, of a purpose or of a letter no family name is made."""
    name = names.take_apart("Timothy", None, None)
    assert with_address(name, local) == name


@given(given_name=WORDS, family=WORDS, local=st.tuples(WORDS, WORDS).map(".".join))
def test_a_whole_name_is_never_changed(given_name: str, family: str, local: str) -> None:
    """What a report says stands, whatever the address; one family name may be added."""
    name = names.take_apart(given_name, family, None)
    if name.given and name.family:
        made = with_address(name, local)
        assert replace(made, family_parts=name.family_parts) == name
        assert made.family_parts[: len(name.family_parts)] == name.family_parts


@pytest.mark.parametrize("local", ["iwona.langby", "langby.iwona82", "iwonalangby", "langbyiwona7"])
def test_another_family_name_beside_the_given_one_is_a_further_name(local: str) -> None:
    """The one that a woman had before she married, or has after."""
    name = names.take_apart("Iwona", "Carling", None)
    assert with_address(name, local) == replace(name, family_parts=("langby",))


@pytest.mark.parametrize(
    "local",
    [
        "iwona.carling",
        "i.langby",
        "iwona.b",
        "adam.langby",
        "iwona.team",
        "iwonacarlings",
        "iwona.carlign",
        "iwona.karling",
    ],
)
def test_an_address_of_the_known_name_or_of_somebody_else_adds_none(local: str) -> None:
    """Nor does one without the given name, what an address is for, or another spelling."""
    name = names.take_apart("Iwona Beata", "Carling", None)
    assert with_address(name, local) == name
    assert with_address(name, "iwona.beata") == name


@given(family=WORDS, local=st.tuples(WORDS, WORDS).map(".".join))
def test_the_family_name_of_a_report_stands(family: str, local: str) -> None:
    """A given name is added at most."""
    name = names.take_apart(None, family, None)
    if name.family:
        assert with_address(name, local).family == name.family


def test_a_mention_without_names_has_those_of_its_address() -> None:
    """And the address then says no more than the names, as for everybody else."""
    told = words(emails=["langby.timothy@example.org"])
    named = words(
        given_names="Timothy", family_name="Langby", emails=["langby.timothy@example.org"]
    )
    assert told == named
    assert told != words(emails=["moonlight@example.org"])
