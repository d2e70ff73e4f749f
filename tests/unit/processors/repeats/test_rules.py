"""The rules file, and what is said about a faulty one."""

from __future__ import annotations

from importlib import resources

import pytest

from processors.repeats.rules import RulesError, load

SHIPPED = resources.files("processors.repeats").joinpath("rules.toml").read_text(encoding="utf-8")


def test_the_shipped_rules_are_those_of_the_field() -> None:
    """Two in twelve months, three in six, 32 of 50 points, three in ninety days."""
    rules = load()
    assert (rules.repeat_victim.incidents, rules.repeat_victim.window.months) == (2, 12)
    frequency = rules.cmarac_candidate.frequency
    assert (frequency.incidents, frequency.window.months) == (3, 6)
    assert (rules.cmarac_candidate.score.at_least, rules.rubric.highest) == (32, 50)
    assert (rules.repeat_location.incidents, rules.repeat_location.window.days) == (3, 90)
    assert len(rules.rubric.items) == 14


def test_the_version_follows_what_is_said_and_not_how() -> None:
    """A comment changes nothing; a number does."""
    assert load(SHIPPED + "\n# a remark\n").version == load().version
    assert load(SHIPPED.replace("incidents = 2", "incidents = 4", 1)).version != load().version


@pytest.mark.parametrize(
    ("was", "becomes", "named"),
    [
        ("incidents = 2\n", "incidents = 0\n", "repeat-victim.incidents"),
        ("incidents = 2\n", 'incidents = "two"\n', "repeat-victim.incidents"),
        ("incidents = 2\n", "incidence = 2\n", "repeat-victim.incidence"),
        ("{ days = 90 }", "{ days = 90, months = 3 }", "repeat-location.window"),
        ('level = "standard"', 'level = "grave"', "repeat-victim.level"),
        ("medium = 16", "medium = 33", "rubric.levels"),
    ],
)
def test_a_fault_is_named_by_its_key(was: str, becomes: str, named: str) -> None:
    """Whoever edits the file is told where to look."""
    with pytest.raises(RulesError, match=named):
        load(SHIPPED.replace(was, becomes, 1))


def test_text_that_is_not_toml_is_refused() -> None:
    """The line is in the message."""
    with pytest.raises(RulesError, match="line 1"):
        load("rules, please")


def test_a_version_written_by_hand_is_refused() -> None:
    """It could disagree with the content."""
    with pytest.raises(RulesError, match="version"):
        load('version = "1"\n' + SHIPPED)
