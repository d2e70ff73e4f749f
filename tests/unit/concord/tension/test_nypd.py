"""New York's file, day by day: when the hub would have signalled, against the month's figures.

Thresholds come from simulated counties alone, for a budget of 0.11 new signals a series and year;
nothing is set on the file. A month's figures are known on the first of the next month.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from concord.tension.backtest import Course, backtest
from concord.tension.calibration import simulated
from concord.tension.items import of_file
from concord.tension.world import SERIES
from processors.tension.rules import Rules, load
from producers.formats import formats

FILE = Path(__file__).parents[4] / "producers/examples/nypd-hate-crimes-2019-2024.csv"
RATE = 0.11
WATCHED = 21
"""Days before each date on which the hub is looked at."""
CASES = [
    ("race:asian", date(2021, 3, 5), date(2021, 4, 1)),
    ("religion:jewish", date(2021, 5, 21), date(2021, 6, 1)),
    ("religion:jewish", date(2023, 10, 13), date(2023, 11, 1)),
    ("religion:muslim", date(2023, 10, 15), date(2023, 11, 1)),
]
SURGES = {
    "race:asian": [(date(2021, 2, 15), date(2021, 6, 30))],
    "religion:jewish": [
        (date(2021, 5, 10), date(2021, 7, 31)),
        (date(2023, 10, 7), date(2024, 6, 30)),
    ],
    "religion:muslim": [(date(2023, 10, 7), date(2024, 6, 30))],
}


@cache
def items() -> list[Any]:
    """What intake makes of the file."""
    return of_file(FILE, formats()["nypd-hate-crimes"], type_="public-data")


@cache
def rules() -> Rules:
    """The shipped rules, without a delay (the file knows none), thresholds for the budget."""
    shipped = load()
    a_week = RATE * SERIES / (365.25 / 7)
    section = simulated(shipped.constants, a_week, lambda _text: None)
    constants = shipped.constants.with_parts(thresholds=section, delay={"share": []})
    return shipped.model_copy(update={"constants": constants})


def in_surge(strand: str, day: date) -> bool:
    """A signal of the surge: of its group, of its strand, or of everything, in its months."""
    return any(
        strand in {group, group.partition(":")[0], "all"} and first <= day <= last
        for group, spans in SURGES.items()
        for first, last in spans
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("group", "by", "figures"), CASES)
def test_a_surge_is_seen_weeks_before_the_months_figures(
    group: str, by: date, figures: date
) -> None:
    """City-level signals stand by these days, two weeks and more before the month is counted."""
    course, _ = backtest(items(), rules(), by - timedelta(days=WATCHED), by)
    raised = course.raised["county", "county", group]
    assert by in raised, raised
    assert (figures - by).days >= 11


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_outside_the_surges_signals_are_rare() -> None:
    """At most 0.11 new signals a series and year over the six years, true ones among them."""
    course, _ = backtest(items(), rules(), date(2019, 1, 1), date(2024, 12, 31))
    assert outside(course) <= RATE


def outside(course: Course) -> float:
    """New signals outside the surges, a series and year."""
    new = sum(not in_surge(key[2], day) for key in course.series for day in course.onsets(key))
    return new / (len(course.series) * course.days / 365.25)
