"""What a tension report must keep beyond its shape."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from schemas.records import Fault, Grading, TensionReport
from schemas.validation import codes, text, times
from schemas.validation.faults import Faults
from schemas.validation.incident import check_conditions, check_version

LOWEST: Final = 6
"""Tension levels run from 1, imminent, to this, normal."""


def validate_tension_report(record: TensionReport, *, now: datetime) -> list[Fault]:
    """All faults of a tension report of the right shape; empty if it can be taken in.

    `now` (aware) is when the hub received it. A retracted report needs only its ids and when it
    was recorded. A nil return needs no grading and no EEP category.
    """
    faults = Faults()
    text.check_reference(faults, "event_id", record["event_id"])
    text.check_reference(faults, "agency", record["agency"])
    text.check_reference(faults, "reference", record["reference"])
    check_version(faults, record["version"])
    times.check_past(faults, "recorded_at", record["recorded_at"], now)
    if not record["retracted"]:
        times.check_period(faults, "observed", record["observed"], record["recorded_at"], now)
        times.check_not_ancient(faults, "review_by", record["review_by"])
        text.check_area(faults, "district", record["district"])
        if not record["district"].strip():
            rule = "required: the district that the report is about"
            faults.add("district-missing", "district", rule)
        text.check_area(faults, "ward", record["ward"])
        text.check_area(faults, "lsoa", record["lsoa"])
        _check_content(faults, record)
        _check_assessment(faults, record)
    return faults.listed()


def _check_content(faults: Faults, record: TensionReport) -> None:
    codes.check_code(faults, "eep", "eep", record["eep"])
    codes.check_code(faults, "category", "tension_category", record["category"])
    codes.check_codes(faults, "strands", "strand", record["strands"])
    codes.check_code(faults, "group_affected", "target", record["group_affected"])
    codes.check_code(faults, "direction", "direction", record["direction"])
    text.check_length(faults, "source_of_tension", record["source_of_tension"], text.LONG)
    text.check_length(faults, "trigger_event", record["trigger_event"])
    times.check_date(faults, "trigger_date", record["trigger_date"])
    text.check_length(faults, "platform", record["platform"])
    text.check_length(faults, "detail", record["detail"], text.LONG)
    text.check_length(faults, "partner_action", record["partner_action"], text.LONG)
    text.check_length(faults, "origin_ref", record["origin_ref"])


def _check_assessment(faults: Faults, record: TensionReport) -> None:
    level, grading = record["proposed_level"], record["grading"]
    if level is not None and not 1 <= level <= LOWEST:
        faults.add("level-range", "proposed_level", f"1, imminent, to {LOWEST}, normal")
    if grading is not None:
        _check_grading(faults, grading)
    elif not record["nil_return"]:
        faults.add("grading-missing", "grading", "required unless nil_return is true")
    if record["eep"] is None and not record["nil_return"]:
        rule = "required unless nil_return is true: experienced, evidenced or potential"
        faults.add("eep-missing", "eep", rule)


def _check_grading(faults: Faults, grading: Grading) -> None:
    if grading["source"] not in {1, 2, 3}:
        rule = "1 reliable, 2 untested or 3 not reliable"
        faults.add("source-range", "grading.source", rule)
    codes.check_code(faults, "grading.intelligence", "intelligence_grade", grading["intelligence"])
    codes.check_code(faults, "grading.handling", "handling", grading["handling"])
    check_conditions(faults, "grading.conditions", grading["handling"], grading["conditions"])
