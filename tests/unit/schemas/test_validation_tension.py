"""Rules for tension reports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schemas import codec
from schemas.validation import validate_tension_report
from tests.unit.processors.intake.example import NOW, report


def faults(**changes: Any) -> set[tuple[str, str]]:
    """Codes and paths of the faults of the example with changes."""
    record: Any = codec.complete("tension-report.v1", dict(report(**changes)))
    return {(one["code"], one["path"]) for one in validate_tension_report(record, now=NOW)}


def test_the_example_has_no_fault() -> None:
    """A usual report passes."""
    assert faults() == set()


def test_a_nil_return_needs_neither_grading_nor_category() -> None:
    """Nothing to report is worth reporting in one line."""
    assert not faults(nil_return=True, eep=None, grading=None, category=None, strands=[])


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"event_id": ""}, "reference-form", "event_id"),
        ({"version": 0}, "version-range", "version"),
        ({"recorded_at": NOW + timedelta(days=2)}, "in-future", "recorded_at"),
        ({"eep": None}, "eep-missing", "eep"),
        ({"eep": "felt"}, "unknown-eep", "eep"),
        ({"category": "x"}, "unknown-tension-category", "category"),
        ({"strands": ["x"]}, "unknown-strand", "strands[0]"),
        ({"group_affected": "x"}, "unknown-target", "group_affected"),
        ({"direction": "sideways"}, "unknown-direction", "direction"),
        ({"district": " "}, "district-missing", "district"),
        ({"district": "12; Marker Road"}, "area-form", "district"),
        ({"grading": None}, "grading-missing", "grading"),
        ({"grading": {"source": 4, "intelligence": "A"}}, "source-range", "grading.source"),
        (
            {"grading": {"source": 1, "intelligence": "F"}},
            "unknown-intelligence-grade",
            "grading.intelligence",
        ),
        (
            {"grading": {"source": 1, "intelligence": "A", "handling": "C"}},
            "conditions-missing",
            "grading.conditions",
        ),
        ({"proposed_level": 0}, "level-range", "proposed_level"),
        ({"proposed_level": 7}, "level-range", "proposed_level"),
        ({"trigger_date": "last week"}, "date-form", "trigger_date"),
        ({"trigger_date": "2026-02-30"}, "date-form", "trigger_date"),
        ({"detail": "x" * 20_001}, "too-long", "detail"),
    ],
)
def test_one_departure_is_one_fault(changes: dict[str, Any], code: str, path: str) -> None:
    """Each rule answers with its code and path, and nothing else complains."""
    assert faults(**changes) == {(code, path)}


def test_a_retracted_report_needs_only_its_ids() -> None:
    """Whatever else is wrong with it does not matter any more."""
    assert not faults(retracted=True, eep="x", grading=None, district="")


def test_a_known_trigger_date_passes() -> None:
    """An ISO date."""
    assert not faults(trigger_date="2026-02-27", proposed_level=3, direction="UP")
