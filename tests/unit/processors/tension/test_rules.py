"""The rules file of tension, and what is said about a faulty one."""

from __future__ import annotations

from importlib import resources

import pytest

from processors.tension.rules import RulesError, load
from schemas.vocabulary import codes

SHIPPED = resources.files("processors.tension").joinpath("rules.toml").read_text(encoding="utf-8")


def test_the_shipped_rules_are_those_of_the_field() -> None:
    """Seven days against eight weeks; amber .01, three reports, two agencies; red .001."""
    rules = load()
    assert (rules.window.days, rules.window.baseline_days) == (7, 56)
    assert (rules.amber.probability, rules.amber.reports, rules.amber.agencies) == (0.01, 3, 2)
    assert rules.red.probability == 0.001


def test_the_rules_speak_the_hubs_vocabulary() -> None:
    """A category that no report can have would never fire."""
    assert set(load().disorder.categories) <= set(codes("tension_category"))
    assert set(load().disorder.eep) <= set(codes("eep"))


def test_the_version_follows_what_is_said_and_not_how() -> None:
    """A comment changes nothing; a number does."""
    assert load(SHIPPED + "\n# a remark\n").version == load().version
    assert load(SHIPPED.replace("days = 7 ", "days = 8 ")).version != load().version


@pytest.mark.parametrize(
    ("was", "becomes", "named"),
    [
        ("days = 7 ", "days = 0 ", "window.days"),
        ("probability = 0.01\n", "probability = 1.5\n", "amber.probability"),
        ("at_least = 3", "at_most = 3", "baseline.at_most"),
        ("probability = 0.001", "probability = 0.02", "must fall"),
        ("learning_days = 28", "learning_days = 57", "learning_days"),
    ],
)
def test_a_fault_is_named_by_its_key(was: str, becomes: str, named: str) -> None:
    """Whoever edits the file is told where to look."""
    with pytest.raises(RulesError, match=named):
        load(SHIPPED.replace(was, becomes, 1))


@pytest.mark.parametrize("text", ["rules, please", 'version = "1"'])
def test_other_text_is_refused(text: str) -> None:
    """Neither prose nor a version written by hand."""
    with pytest.raises(RulesError):
        load(text)
