"""Tension reports as the hub counts them."""

from __future__ import annotations

from typing import Any

import pytest

from processors.intake.tension_items import weight_milli
from tests.unit.processors.intake.example import intake, message, report


@pytest.mark.parametrize(
    ("source", "intelligence", "eep", "weight"),
    [
        (1, "A", "evidenced", 1000),
        (1, "B", "experienced", 630),
        (2, "B", "experienced", 441),
        (2, "C", "potential", 245),
        (3, "D", "potential", 75),
        (1, "E", "evidenced", 0),
    ],
)
def test_a_weight_is_a_product_in_whole_thousandths(
    source: int, intelligence: str, eep: str, weight: int
) -> None:
    """Source x intelligence x EEP; suspected false weighs nothing."""
    grading = {"source": source, "intelligence": intelligence, "handling": "P", "conditions": None}
    assert weight_milli(report(grading=grading, eep=eep)) == weight


def test_a_nil_return_is_an_item_without_weight() -> None:
    """Silence is not a signal; saying that there is nothing is."""
    item: Any = intake().take(message(report(nil_return=True, grading=None, eep=None))).tension_item
    assert item["nil_return"] is True
    assert item["weight_milli"] == 0
    assert item["district"] == "north"


def test_a_report_gives_its_facts() -> None:
    """Codes, area, grading and weight in clear; its origin as a token."""
    item: Any = intake().take(message(report(direction="Up", proposed_level=3))).tension_item
    assert item["source"] == "report"
    assert item["weight_milli"] == 441
    assert (item["source_grade"], item["intelligence_grade"], item["handling"]) == (2, "B", "P")
    assert (item["direction"], item["proposed_level"]) == ("up", 3)
    assert item["group_affected"] == "race:asian"
    assert len(item["origin_token"]) == 16


def test_two_reports_of_one_origin_can_be_folded() -> None:
    """Circular reporting shows in equal tokens, whoever reports."""
    hub = intake()
    one: Any = hub.take(message(report())).tension_item
    other: Any = hub.take(message(report(reference="TEN-2", origin_ref=" call-9"))).tension_item
    assert one["origin_token"] == other["origin_token"]
    assert one["item_id"] != other["item_id"]
    none: Any = hub.take(message(report(reference="TEN-3", origin_ref=None))).tension_item
    assert none["origin_token"] is None
