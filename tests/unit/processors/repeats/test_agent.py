"""Repeats on the log: what entities and ticks lead to."""

from __future__ import annotations

from typing import Any

from processors.log import LogRecord
from processors.repeats.agent import RepeatsCore
from processors.repeats.rules import load
from tests.unit.processors.repeats.entities import entity, member, moment


def record(topic: str, key: str, value: Any) -> LogRecord:
    """One record of a hub topic."""
    return LogRecord(topic, 0, 0, key, value, moment("2025-01-01"))


def test_a_window_passes_with_the_clock_alone() -> None:
    """The alert is raised with the entity, and lapses at a tick; nobody is judged in between."""
    core = RepeatsCore(load())
    whole = entity(member(1, "2024-06-01"), member(2, "2025-01-10"))
    core.apply(record("hub.entity.v1", "ent_1", whole))
    (raised,) = [one for one in core.changes() if one["rule"] == "repeat-victim"]
    core.apply(record("hub.tick.v1", "tick", {"as_of": moment("2026-01-10")}))
    before = list(core.changes())
    core.apply(record("hub.tick.v1", "tick", {"as_of": moment("2026-01-11")}))
    (lapsed,) = [one for one in core.changes() if one["rule"] == "repeat-victim"]
    assert raised["status"] == "raised"
    assert before == []
    assert lapsed["status"] == "lapsed"
    assert lapsed["alert_id"] == raised["alert_id"]
