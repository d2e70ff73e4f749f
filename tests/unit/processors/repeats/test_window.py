"""Windows in calendar months and days."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from processors.repeats.window import Window


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        (Window(months=12), date(2024, 3, 1), date(2025, 3, 1)),
        (Window(months=12), date(2024, 2, 29), date(2025, 2, 28)),
        (Window(months=12), date(2023, 2, 28), date(2024, 2, 28)),
        (Window(months=6), date(2025, 8, 31), date(2026, 2, 28)),
        (Window(days=90), date(2024, 1, 1), date(2024, 3, 31)),
        (Window(days=90), date(2025, 1, 1), date(2025, 4, 1)),
    ],
)
def test_a_window_ends_on_the_calendar_day(window: Window, first: date, last: date) -> None:
    """Months are calendar months and days are days, in leap years too."""
    assert window.last_day(first) == last


def test_a_window_passes_when_its_last_day_is_over() -> None:
    """The last day belongs to the window; the midnight after it does not."""
    assert Window(days=90).passed(date(2025, 1, 1)) == datetime(2025, 4, 2, tzinfo=UTC)


@pytest.mark.parametrize("units", [{}, {"months": 1, "days": 1}, {"months": 0}, {"days": 0.5}])
def test_a_window_has_one_unit(units: dict[str, int]) -> None:
    """Neither, both, nought and halves are refused."""
    with pytest.raises(ValidationError):
        Window(**units)


def test_a_window_says_its_length_in_words() -> None:
    """One of a unit is singular."""
    assert (str(Window(months=12)), str(Window(days=1))) == ("12 months", "1 day")
