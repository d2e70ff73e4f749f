"""Thresholds from a hub's own history keep their budget, for a young hub too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import cast

import numpy as np

from concord.tension.backtest import backtest
from concord.tension.estimation import estimated
from concord.tension.nulls import own_history
from processors.tension.constants import Thresholds
from processors.tension.rules import load
from schemas import codec
from schemas.records import TensionItem

FIRST = date(2026, 1, 1)
BUDGET = 2.0
YOUNG = 100
"""Days of history, of the 392 that the method can use."""


def county(days: int, seed: int) -> list[TensionItem]:
    """So many days of ten wards in two districts in which nothing builds, sorted by day."""
    chance = np.random.default_rng(seed)
    found = []
    for number in range(days):
        for ward in range(10):
            for each in range(int(chance.poisson(0.25))):
                at = datetime.combine(FIRST + timedelta(days=number), datetime.min.time(), UTC)
                found.append(item(f"{number}/{ward}/{each}", ward, at))
    return found


def item(name: str, ward: int, at: datetime) -> TensionItem:
    """One report, known on its day."""
    value = {
        "item_id": name, "agency": "north-council", "version": 1, "content_digest": b"0" * 16,
        "source": "report", "observed_from": at, "recorded_at": at, "strands": ["race"],
        "ward": f"W{ward}", "district": f"D{ward % 2}", "weight_milli": 1000, "eep": "experienced",
        "source_grade": 2, "intelligence_grade": "B",
    }  # fmt: skip
    return cast("TensionItem", codec.complete("tension-item.v1", value))


def test_a_young_hub_keeps_its_budget_in_the_weeks_that_follow() -> None:
    """Its past is as short in the simulation as it is; a whole year would be too quiet."""
    rules, since = load(), FIRST + timedelta(days=YOUNG)
    items = county(YOUNG + 70, seed=5)
    known = [one for one in items if one["recorded_at"].date() < since]
    rules = rules.model_copy(update={"constants": estimated(known, rules, since)})
    section = own_history(known, rules, BUDGET, lambda _: None)
    kept = rules.constants.with_parts(thresholds=section)
    held = rules.model_copy(update={"constants": kept})
    course, _ = backtest(items, held, since, since + timedelta(days=69))
    signals = sum(len(course.onsets(key)) for key in list(course.raised))
    assert signals / 10 <= 1.5 * BUDGET
    assert Thresholds.model_validate(section).budget == BUDGET
