"""What is published when alerts change."""

from __future__ import annotations

from typing import Any

from processors.repeats.alerts import alerts, diff
from processors.repeats.rules import load
from tests.unit.processors.repeats.entities import entity, member, moment

RULES = load()
NOW = moment("2025-06-01")
PAIR = entity(member(1, "2025-01-01"), member(2, "2025-02-01"))


def standing(whole: Any) -> dict[str, Any]:
    """The alerts of an entity by id."""
    return {alert["alert_id"]: alert for alert in alerts(whole, RULES, NOW)}


def test_what_stands_already_is_not_published_again() -> None:
    """Reconciling twice sends nothing."""
    assert diff(standing(PAIR), standing(PAIR).values()) == []


def test_a_new_alert_is_published() -> None:
    """From nothing, everything."""
    assert diff({}, standing(PAIR).values()) == list(standing(PAIR).values())


def test_an_alert_that_is_gone_comes_back_cleared_and_empty() -> None:
    """Without the evidence of what was retracted, and only once."""
    (cleared,) = diff(standing(PAIR), [])
    assert (cleared["status"], cleared["incident_ids"], cleared["links"]) == ("cleared", [], [])
    assert diff({cleared["alert_id"]: cleared}, []) == []


def test_a_merge_supersedes_what_stood_and_nothing_else() -> None:
    """Of the rules of a person only the raised one is told about its heir."""
    absorbed = standing(entity(status="absorbed", heir="ent_2"))
    (superseded,) = diff(standing(PAIR), absorbed.values())
    assert (superseded["rule"], superseded["status"]) == ("repeat-victim", "superseded")
    after = {superseded["alert_id"]: superseded}
    assert diff(after, absorbed.values()) == []
    assert diff({}, absorbed.values()) == []


def test_a_superseded_alert_follows_its_heir_further() -> None:
    """When the heir is absorbed in turn."""
    first = standing(entity(status="absorbed", heir="ent_2"))
    second = standing(entity(status="absorbed", heir="ent_3"))
    assert len(diff(first, second.values())) == len(first)


def test_a_split_raises_again_what_was_superseded() -> None:
    """An entity may come back."""
    absorbed = standing(entity(status="absorbed", heir="ent_2"))
    (again,) = diff(absorbed, standing(PAIR).values())
    assert again["status"] == "raised"
