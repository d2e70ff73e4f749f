"""What people state in words is taken in any script, and told in words where it is not taken."""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Annotated

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import StringConstraints, TypeAdapter, ValidationError

from sharing_api.problems import faults_of
from sharing_api.wording import (
    RULES,
    Note,
    Purpose,
    Sentence,
    from_wire,
)

SENTENCE = TypeAdapter(Sentence)
NOTE = TypeAdapter(Note)
PURPOSE = TypeAdapter(Purpose)


def takes(adapter: TypeAdapter[str], value: str) -> bool:
    """Whether a request may state this."""
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "sentence",
    ["Cais gan y bwrdd \u2013 tŷ\u2019r heddlu", "£50 of damage", "a", "x" * 500, "ਬੇਨਤੀ"],
)
def test_a_reason_may_be_in_any_script(sentence: str) -> None:
    """Curly apostrophes, pounds and Welsh letters are how people here write."""
    assert takes(SENTENCE, sentence)
    assert takes(NOTE, sentence)


@pytest.mark.parametrize(
    "sentence", ["x" * 501, "a\nb", "a\n", "a\tb", "a\x7f", "a\u202eb", "a\u200bb", "\ufeffa"]
)
def test_a_reason_hides_nothing(sentence: str) -> None:
    """No line ends, no marks that turn or hide what a reader of the ledger sees."""
    assert not takes(SENTENCE, sentence)
    assert not takes(NOTE, sentence)


def test_only_a_note_may_be_left_empty() -> None:
    """A reason is given; blanks are none."""
    for nothing in ("", " ", "\u3000 \xa0"):
        assert takes(NOTE, nothing)
        assert not takes(SENTENCE, nothing)
    assert takes(SENTENCE, " so ")


SCHEMA = json.loads(resources.files("policies").joinpath("agreement.schema.json").read_text())
NAMED = SCHEMA["$defs"]["id"]


@given(st.one_of(st.text("az09-", max_size=70), st.from_regex(NAMED["pattern"], fullmatch=True)))
@example("24-hour-response")
@example("a" * 64)
@example("a" * 65)
@example("a--b")
def test_every_purpose_that_an_agreement_can_name_can_be_stated_and_no_other(name: str) -> None:
    """What officers write, askers can ask for."""
    nameable = len(name) <= NAMED["maxLength"] and bool(re.search(NAMED["pattern"], name))
    assert takes(PURPOSE, name) is nameable


@given(st.text())
def test_a_header_in_utf_8_is_read_as_its_sender_wrote_it(sentence: str) -> None:
    """The server reads the bytes of a header as Latin-1."""
    try:
        carried = sentence.encode("utf-8").decode("latin-1")
    except UnicodeEncodeError:
        return
    assert from_wire(carried) == sentence


def test_a_header_that_is_no_utf_8_stays_and_so_does_what_is_none() -> None:
    """A client of old sends Latin-1."""
    assert from_wire("caf\xe9") == "caf\xe9"
    assert from_wire("tŷ") == "tŷ"
    assert from_wire(None) is None


@pytest.mark.parametrize("pattern", RULES)
def test_what_would_be_accepted_is_said_in_words(pattern: str) -> None:
    """Nobody who writes a reason reads regular expressions."""
    stated: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])
    with pytest.raises(ValidationError) as refused:
        stated.validate_python("\n")
    (fault,) = faults_of(refused.value.errors())
    assert fault["rule"] == RULES[pattern]
    assert "^" not in fault["rule"]
