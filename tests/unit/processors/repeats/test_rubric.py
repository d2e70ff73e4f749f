"""The risk rubric: unknown is not nought."""

from __future__ import annotations

import pytest

from processors.repeats.occurrence import occurrences
from processors.repeats.rubric import answers_of, assess, highest
from processors.repeats.rules import load
from tests.unit.processors.repeats.entities import member

RUBRIC = load().rubric
HIGHEST = {item: asked.highest for item, asked in RUBRIC.items.items()}


def test_no_answer_is_no_score() -> None:
    """Nothing known: no score, everything possible."""
    nothing = assess({}, RUBRIC)
    assert (nothing.score, nothing.upper, len(nothing.items_unknown)) == (None, 50, 14)


def test_nought_is_an_answer() -> None:
    """An item answered with nought is known."""
    one = assess({"1": 0}, RUBRIC)
    assert (one.score, one.upper, "1" in one.items_unknown) == (0, 45, False)


def test_a_full_form_has_no_room_above() -> None:
    """With every item known, score and upper bound are one."""
    full = assess(HIGHEST, RUBRIC)
    assert (full.score, full.upper, full.items_unknown, full.level) == (50, 50, (), "high")


@pytest.mark.parametrize("points", [-1, 6, 99])
def test_points_out_of_range_are_unknown(points: int) -> None:
    """Nobody can say what was meant."""
    assert assess({"1": points}, RUBRIC).score is None


def test_items_of_another_form_are_ignored() -> None:
    """They are neither score nor unknown."""
    assert assess({"99": 5}, RUBRIC) == assess({}, RUBRIC)


@pytest.mark.parametrize(("score", "level"), [(15, "standard"), (16, "medium"), (32, "high")])
def test_levels_begin_at_their_threshold(score: int, level: str) -> None:
    """15 is standard, 16 medium, 32 high."""
    assert RUBRIC.level(score) == level


def test_an_override_may_raise_the_level_and_never_lowers_it() -> None:
    """Professional judgement works upwards only."""
    assert assess({}, RUBRIC, override="high").level == "high"
    assert assess(HIGHEST, RUBRIC, override="standard").level == "high"


def test_a_word_that_is_no_level_is_an_error() -> None:
    """It is not taken for the lowest."""
    with pytest.raises(ValueError, match="not in"):
        highest("standard", "grave")


def test_the_newest_answer_to_an_item_stands() -> None:
    """A later form replaces what it answers and leaves the rest; at one moment the higher wins."""
    forms = occurrences(
        [
            member(1, "2025-01-01", rubric={"1": 5, "2": 4}),
            member(2, "2025-02-01", rubric={"1": 2}),
            member(3, "2025-02-01", rubric={"1": 3}),
        ]
    )
    assert answers_of(forms) == {"1": 3, "2": 4}
