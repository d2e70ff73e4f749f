"""Tension items to count, built from a few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

#: The day judged in most tests.
TODAY = datetime(2026, 3, 31, 12, tzinfo=UTC)


def item(name: str, days_ago: float = 0, **changes: Any) -> Any:
    """An incident's item `days_ago` days before TODAY, in ward W1 of district D1, about race."""
    at = TODAY - timedelta(days=days_ago)
    return {
        "item_id": f"ten_{name}",
        "agency": "wyp",
        "version": 1,
        "content_digest": name.encode(),
        "retracted": False,
        "source": "incident",
        "observed_from": at,
        "recorded_at": at,
        "nil_return": False,
        "eep": None,
        "category": None,
        "strands": ["race"],
        "group_affected": None,
        "groups": [],
        "ward": "W1",
        "district": "D1",
        "lsoa": None,
        "source_grade": None,
        "intelligence_grade": None,
        "handling": None,
        "direction": None,
        "proposed_level": None,
        "online": False,
        "origin_token": None,
        "weight_milli": 1000,
        "review_by": None,
        "details": None,
        "release_key_id": None,
        "release_wrapped_key": None,
    } | changes


def report(name: str, days_ago: float = 0, **changes: Any) -> Any:
    """A graded report's item, 2C unless told otherwise."""
    graded = {
        "source": "report",
        "eep": "experienced",
        "category": "racial",
        "source_grade": 2,
        "intelligence_grade": "C",
        "handling": "P",
        "weight_milli": 343,
    }
    return item(name, days_ago, **(graded | changes))


def history(days: int = 120) -> list[Any]:
    """A quiet county elsewhere: one incident every second day, so that the hub has a past."""
    return [
        item(f"past{ago}", ago, ward="W9", district="D9", strands=["disability"])
        for ago in range(8, days, 2)
    ]
