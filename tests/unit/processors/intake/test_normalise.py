"""Events in canonical form, and the notes about what was left out."""

from __future__ import annotations

from typing import Any

import pytest

from processors.intake import normalise
from processors.intake.regimes import Regimes
from schemas import codec
from tests.unit.processors.intake.example import (
    AGENCY_KEY,
    agency,
    faults_of,
    incident,
    intake,
    message,
    report,
    signed,
)

POLICE = agency(type="police", recording_regime="police-hate-crime")
ANONYMOUS: Any = codec.complete("incident.v1", dict(incident(persons=[{"role": "suspect"}])))


def test_there_is_no_note_about_somebody_of_whom_nothing_was_known() -> None:
    """Only what was there can be left out."""
    outcome = intake(POLICE).take(message(ANONYMOUS | {"kind": "incident"}))
    assert outcome.receipt["status"] == "accepted"
    assert outcome.receipt["faults"] == []


def test_the_reported_event_stays_as_it_is() -> None:
    """Canonical form is a new record."""
    before, after = incident(), incident()
    normalise.incident(after, agency(), Regimes.shipped()["partner-report"])
    assert before == after


def test_what_was_not_validated_is_not_guessed() -> None:
    """A code that is none stops the event."""
    with pytest.raises(ValueError, match="vocabulary kind"):
        normalise.incident(incident(kind="x"), agency(), Regimes.shipped()["monitor"])


def test_a_report_has_one_form_too() -> None:
    """Codes in their own spelling, text trimmed, the ward from the agency's row."""
    grading = {"source": 1, "intelligence": "a", "handling": "c", "conditions": " ask  first "}
    told = report(eep="Evidenced", group_affected="RACE:Asian", district=" E08 ", grading=grading)
    kept = normalise.report(told, agency(defaults={"ward": "N1"}))
    assert (kept["eep"], kept["group_affected"]) == ("evidenced", "race:asian")
    assert (kept["district"], kept["ward"]) == ("E08", "N1")
    assert kept["grading"] == {
        "source": 1,
        "intelligence": "A",
        "handling": "C",
        "conditions": "ask first",
    }


def test_a_rubric_answer_within_its_points_passes() -> None:
    """Items travel sorted by their number's text."""
    record: Any = intake().take(message(incident(rubric={"9": 5, "10": 3}))).incident
    assert record["rubric"] == {"10": 3, "9": 5}


def test_a_key_is_loaded_once() -> None:
    """A second message of an agency finds it ready."""
    hub = intake()
    for number in (1, 2):
        inbound = signed(incident(reference=f"R{number}"), AGENCY_KEY)
        assert hub.take(inbound).receipt["status"] == "accepted"


def test_a_review_before_1900_is_a_slip() -> None:
    """It may lie in the future, not in another century."""
    from datetime import UTC, datetime

    early = datetime(1899, 1, 1, tzinfo=UTC)
    outcome = intake().take(message(incident(review_by=early)))
    assert faults_of(outcome) == {"review_by": "too-early"}


def test_a_second_retraction_of_a_report_changes_nothing() -> None:
    """It is repeated, or smaller than the one that stands."""
    hub = intake()
    gone = message(report(retracted=True, version=2))
    first, again = hub.take(gone), hub.take(gone)
    assert first.tension_item == again.tension_item
    late = hub.take(message(report(), value=None))
    assert (late.tension_item, late.audit) == (None, [])
    assert late.receipt["status"] == "accepted"


def test_an_earlier_version_of_a_report_does_not_come_back() -> None:
    """The greater one stands."""
    hub = intake()
    hub.take(message(report(version=2)))
    late = hub.take(message(report()))
    assert (late.tension_item, late.audit) == (None, [])
    assert late.receipt["status"] == "accepted"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({"ward": "W1"}, ("W1", "D1")),
        ({"ward": " W1 ", "district": "D9"}, ("W1", "D9")),
        ({"ward": "W7"}, ("W7", "D0")),
        ({}, ("W2", "D2")),
        ({"district": "D9"}, ("W2", "D9")),
    ],
)
def test_a_ward_lies_in_its_district(place: dict[str, str], expected: tuple[str, str]) -> None:
    """What was said comes first, then where the ward lies, then the agency's own district."""
    row = agency(defaults={"ward": "W2", "district": "D0"})
    hub = intake(row, districts={"W1": "D1", "W2": "D2"})
    taken = hub.take(
        message(codec.complete("incident.v1", dict(incident(location=place))))
    ).incident
    assert taken is not None
    assert (taken["ward"], taken["district"]) == expected
