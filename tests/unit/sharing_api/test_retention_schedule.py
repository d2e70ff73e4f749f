"""The retention schedule: the first rule that fits, calendar months, and errors that say what."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sharing_api.rights.schedule import ScheduleInvalid, due, load, months_later

RULES = load()
BEGIN = "[[rule]]\nid='a'\nagency_types=['*']\nregimes=['*']\n"


def record(**other: Any) -> dict[str, Any]:
    """An incident as far as the schedule looks at it."""
    return {
        "retracted": False,
        "recording_regime": "police-crime",
        "occurred": {"from": datetime(2024, 2, 29, 12, tzinfo=UTC)},
        "recorded_at": datetime(2024, 3, 31, 12, tzinfo=UTC),
        "review_by": None,
        **other,
    }


@pytest.mark.parametrize(
    ("agency_type", "fields", "rule", "day"),
    [
        ("police", {}, "police-records", date(2026, 2, 28)),
        ("police", {"recording_regime": "police-nchi"}, "non-crime-incidents", date(2025, 3, 31)),
        ("nhs", {"recording_regime": "health"}, "health", date(2025, 2, 28)),
        ("council", {"recording_regime": "council"}, "all-others", date(2026, 2, 28)),
        ("unheard-of", {"recording_regime": "x"}, "all-others", date(2026, 2, 28)),
        ("nhs", {"review_by": date(2024, 6, 1)}, "review-date-of-the-owner", date(2024, 6, 1)),
    ],
)
def test_the_first_rule_that_fits_counts(
    agency_type: str, fields: dict[str, Any], rule: str, day: date
) -> None:
    """By who recorded it, how, and the owner's own date before all."""
    found = due(record(**fields), agency_type, RULES)
    assert found is not None
    assert (found.rule.id, found.day) == (rule, day)


def test_of_a_withdrawn_incident_nothing_is_kept() -> None:
    """So its time is never up."""
    assert due(record(retracted=True), "police", RULES) is None


def test_months_end_where_the_calendar_says() -> None:
    """The 31st becomes the last day of a shorter month, whatever the year."""
    assert months_later(date(2023, 12, 31), 2) == date(2024, 2, 29)
    assert months_later(date(2024, 1, 31), 0) == date(2024, 1, 31)
    assert months_later(date(2024, 12, 15), 1) == date(2025, 1, 15)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "at least one"),
        ("[[rule]]\nid = 'a'", "exactly the keys"),
        ("rule = 3", "at least one"),
        ("rule = [3]", "at least one"),
        (f"{BEGIN}from=[1]\nmonths=1\naction='review'\nbasis='b'", "are texts"),
        (
            (
                "[[rule]]\nid='a'\nagency_types='x'\nregimes=3\nfrom='occurred'\nmonths=1\n"
                "action='review'\nbasis='b'"
            ),
            "lists of texts",
        ),
        ("not toml", "TOMLDecodeError"),
        (
            f"{BEGIN}from='birth'\nmonths=1\naction='review'\nbasis='b'",
            "from is one of",
        ),
        (
            f"{BEGIN}from='occurred'\nmonths=-1\naction='review'\nbasis='b'",
            "months is a whole number",
        ),
    ],
)
def test_a_schedule_that_cannot_be_used_says_why(tmp_path: Path, text: str, said: str) -> None:
    """With the rule's number and what would be accepted."""
    file = tmp_path / "schedule.toml"
    file.write_text(text)
    with pytest.raises(ScheduleInvalid, match=said):
        load(file)
