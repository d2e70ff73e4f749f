"""The language loses nothing, settles after one reading, and answers any damage with its line."""

from __future__ import annotations

import random
import re
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.agreements import Agreement, AgreementInvalid, faults, load
from policies.agreements.language import digest, read, write
from tests.property.agreements import agreements

TEXTS = [write(agreement) for agreement in load()]
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(agreements())
def test_what_is_written_is_read_back(agreement: dict[str, Any]) -> None:
    """For any valid agreement."""
    is_read_back(agreement)


def is_read_back(agreement: dict[str, Any]) -> None:
    """Check that reading is the inverse of writing."""
    assert not faults(agreement)
    text = write(agreement)
    assert read(text, status=agreement["status"]) == agreement
    assert write(read(text)) == text


@pytest.mark.slow
@pytest.mark.timeout(600)
@settings(max_examples=1000, deadline=None, suppress_health_check=SLOW)
@given(agreements())
def test_what_is_written_is_read_back_at_length(agreement: dict[str, Any]) -> None:
    """The same, for many more."""
    is_read_back(agreement)


def damaged(text: str, draw: random.Random) -> tuple[str, int]:
    """Change one word of a text: drop, double, misspell it, or put another in its place.

    The line is that of the word; of a word that was alone on its line, the line before.
    """
    words = list(re.finditer(r"\S+", text))
    word = draw.choice(words)
    line = text.count("\n", 0, word.start()) + 1
    another = draw.choice(words).group()
    said = word.group()
    letter = draw.randrange(len(said))
    instead = draw.choice(
        ["", f"{said} {said}", another, said[:letter] + draw.choice('xq“".,:|-') + said[letter:],
         said[:letter] + said[letter + 1 :], said.upper(), "xyzzy", "\u2028", "“", "and", "."]
    )  # fmt: skip
    changed = text[: word.start()] + instead + text[word.end() :]
    alone = not changed.split("\n")[line - 1].strip()
    return changed, line - alone


def lines_named(problems: tuple[str, ...]) -> set[int]:
    """Every line that the problems speak of."""
    return {int(n) for one in problems for n in re.findall(r"\bline (\d+)", one)}


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32))
def test_one_damaged_word_is_an_error_on_its_line_or_another_agreement(seed: int) -> None:
    """Never a traceback, and never an error that leads elsewhere."""
    leads_to_its_line(seed)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_thousands_of_damaged_words() -> None:
    """The same, for three thousand of them."""
    for seed in range(3000):
        leads_to_its_line(seed)


def leads_to_its_line(seed: int) -> None:
    """Damage a word and look at what is said."""
    draw = random.Random(seed)
    text, line = damaged(draw.choice(TEXTS), draw)
    agreement, problems = answer(text)
    if agreement is None:
        assert line in lines_named(problems), problems
    else:
        assert write(read(write(agreement))) == write(agreement)


def answer(text: str) -> tuple[Agreement | None, tuple[str, ...]]:
    """Read a text, or say what is wrong with it."""
    try:
        return read(text), ()
    except AgreementInvalid as error:
        return None, error.problems


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=500), st.lists(st.sampled_from(
    ["Clause 1: x\n", "Of an alert ", "they receive ", "- ", "| ", ". ", ": ", "“", "\n", " \n",
     "Given ", "Example 1: x\n", "1 April 2025 ", "is ", "and ", ", ", "level ", "\t"]
)).map("".join)))  # fmt: skip
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever somebody types."""
    agreement, problems = answer(text)
    assert (agreement is None) == bool(problems)


@pytest.mark.parametrize("kind", ["long", "words", "stops", "quotes", "points", "misspelt"])
def test_reading_takes_time_in_proportion(kind: str) -> None:
    """A text of 200 kB, good or bad, is read in less than five seconds."""
    text = TEXTS[0]
    big = {
        "long": text + "".join(
            re.sub(r"Clause \d+", f"Clause {n}", write_clause(text))
            for n in range(text.count("\nClause ") + 1, 300)
        ),
        "words": "Of an alert they receive in full: " + "level, " * 30_000,
        "stops": ". " * 100_000,
        "quotes": "“" * 200_000,
        "points": "The parties are:\n" + "- a\n  | b\n" * 20_000,
        "misspelt": "Of an alrt they recieve in full levl.\n" * 5_000,
    }[kind]  # fmt: skip
    began = time.process_time()
    agreement, _ = answer(big if kind == "long" else big[:200_000])
    assert (agreement is not None) == (kind == "long")
    assert len(big) > 150_000
    assert time.process_time() - began < 5


def write_clause(text: str) -> str:
    """The second clause of a text."""
    return text[text.index("Clause 2:") : text.index("Clause 3:")]


def test_an_address_is_one_for_one_meaning() -> None:
    """And another for another."""
    text = TEXTS[0]
    assert digest(text) == digest(text.replace("1 April 2025", "2025-04-01"))
    assert digest(text) != digest(text.replace("1 April 2025", "2 April 2025"))
