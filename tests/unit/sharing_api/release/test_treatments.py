"""Treatments are pure: what goes in decides what comes out, and a mask hides even absence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from policies.fields import TREATMENTS
from sharing_api.release.treatments import MASK, WITHHELD, age_band, apply, initials, plain

CONTEXT = {"ward": "W01", "district": "D01", "today": date(2026, 11, 22)}
MOMENT = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)


def treated(treatment: str, value: Any, **context: Any) -> Any:
    """Treat a value for a recipient who calls everything by its length."""
    return apply(treatment, value, {**CONTEXT, **context}, lambda text: f"psn_{len(text)}")


@pytest.mark.parametrize(
    ("treatment", "value", "expected"),
    [
        ("release", "x", "x"),
        ("release", MOMENT, "2026-01-01T23:30:00.000Z"),
        ("release", None, None),
        ("mask", "x", MASK),
        ("mask", None, MASK),
        ("pseudonymise", "abc", "psn_3"),
        ("pseudonymise", ["a", "bc"], ["psn_1", "psn_2"]),
        ("pseudonymise", None, None),
        ("generalise:week", MOMENT, "2026-W01"),
        ("generalise:week", datetime(2027, 1, 1, tzinfo=UTC), "2026-W53"),
        ("generalise:month", MOMENT, "2026-01"),
        ("generalise:year", MOMENT, "2026"),
        ("generalise:year", "1990-05-17", "1990"),
        ("generalise:year", "around 1990", None),
        ("generalise:year", None, None),
        ("generalise:ward", "Mill Lane", "W01"),
        ("generalise:district", "W01", "D01"),
        ("generalise:initials", ["Amina O'Neill", "Amina Khan-Ali"], ["A. O.", "A. K."]),
        ("generalise:age_band", ["1990-05-17"], ["35-44"]),
    ],
)
def test_each_treatment(treatment: str, value: Any, expected: Any) -> None:
    """One line for each."""
    assert treated(treatment, value) == expected


@pytest.mark.parametrize(
    ("treatment", "value"),
    [
        ("withhold", "x"),
        ("shout", "x"),
        ("pseudonymise", 7),
        ("generalise:week", 7),
        ("generalise:initials", {"name": "x"}),
    ],
)
def test_what_does_not_suit_is_withheld(treatment: str, value: Any) -> None:
    """No treatment is guessed."""
    assert treated(treatment, value) is WITHHELD


def test_an_area_that_is_not_known_is_withheld() -> None:
    """A ward without a district does not become the ward."""
    assert apply("generalise:district", "W01", {"today": date(2026, 1, 1)}, str) is WITHHELD


@pytest.mark.parametrize(
    ("born", "band"),
    [
        ("2009-11-22", "0-17"),
        ("2008-11-22", "18-24"),
        ("2008-11-23", "0-17"),
        ("1961-11-22", "65-74"),
        ("1930-01-01", "75+"),
        ("unknown", None),
    ],
)
def test_age_bands_turn_on_the_birthday(born: str, band: str | None) -> None:
    """The day itself counts as reached."""
    assert age_band(born, CONTEXT["today"]) == band  # type: ignore[arg-type]


def test_plain_writes_what_json_can_hold() -> None:
    """Bytes, moments and nested values."""
    assert plain({"a": [b"\x00", MOMENT], 1: (True, None)}) == {
        "a": ["AA==", "2026-01-01T23:30:00.000Z"],
        "1": [True, None],
    }


def test_initials_of_nothing_are_nothing() -> None:
    """An empty name stays empty."""
    assert not initials(" ")


def test_every_treatment_of_the_policy_is_known_here() -> None:
    """Only withhold withholds a value that suits."""
    suits = {"generalise:age_band": "1990-05-17", "generalise:year": "1990-05-17"}
    for treatment in TREATMENTS:
        value = suits.get(treatment, MOMENT if treatment.endswith(("week", "month")) else "x")
        assert (treated(treatment, value) is WITHHELD) is (treatment == "withhold")
