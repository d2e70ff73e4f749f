"""The rules file of tension, and what is said about a faulty one."""

from __future__ import annotations

import pytest

from processors.tension.rules import RulesError, load, shipped
from schemas.vocabulary import codes

SHIPPED = shipped("rules")


def test_the_shipped_rules_are_those_of_the_field() -> None:
    """Seven days; three reports at least; thresholds of a budget of five false signals a week."""
    rules = load()
    assert (rules.window.days, rules.amber.reports, rules.red.probability) == (7, 3, 0.001)
    assert rules.constants.thresholds.budget == 5.0
    assert rules.constants.thresholds.ward.cusum is None
    assert rules.triggers == []


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
        ("reports = 3 ", "reports = 0 ", "amber.reports"),
        ("opening_reports = 3", "opening_report = 3", "history.opening_report"),
        ("probability = 0.001", "probability = 0.2", "must be below"),
        ("least_days = 7", "least_days = 70", "least_days"),
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


def test_constants_and_triggers_are_checked_by_name() -> None:
    """A share that falls, a window that ends before it begins."""
    with pytest.raises(RulesError, match=r"constants.delay.share"):
        load(constants=shipped("constants").replace("0.4524", "0.9"))
    window = """
        [[window]]
        name = "x"
        from = 2026-03-20
        to = 2026-03-01
        strands = []
        relax = 2.0
    """
    with pytest.raises(RulesError, match=r"triggers.0"):
        load(triggers=window)
    assert load(triggers=window.replace("03-01", "03-21")).version != load().version
