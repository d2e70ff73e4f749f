"""A tension report as the hub counts it: place, group, time and weight, never a person."""

from __future__ import annotations

from typing import Final

from processors.intake.decide import Standing
from processors.intake.hub_records import NEVER
from processors.intake.seal import SealedText
from schemas.records import TensionItem, TensionReport

FULL: Final = 1000
"""Weight of a certain signal, in thousandths."""
_SOURCE: Final = {1: 1000, 2: 700, 3: 300}
_INTELLIGENCE: Final = {"A": 1000, "B": 900, "C": 700, "D": 500, "E": 0}
_EEP: Final = {"evidenced": 1000, "experienced": 700, "potential": 500}


def weight_milli(record: TensionReport) -> int:
    """Source x intelligence x EEP in whole thousandths, rounded down; 0 for a nil return.

    What is suspected false weighs nothing: it goes to an analyst.
    """
    grading, eep = record["grading"], record["eep"]
    if record["nil_return"] or grading is None or eep is None:
        return 0
    product = _SOURCE[grading["source"]] * _INTELLIGENCE[grading["intelligence"]] * _EEP[eep]
    return product // FULL**2


def of_report(
    item_id: str,
    record: TensionReport,
    standing: Standing,
    origin_token: bytes | None,
    sealed: SealedText,
) -> TensionItem:
    """The item of a tension report in canonical form."""
    grading = record["grading"]
    item = _blank(item_id, record["agency"], standing)
    item.update(
        {
            "observed_from": record["observed"]["from"],
            "nil_return": record["nil_return"],
            "eep": record["eep"],
            "category": record["category"],
            "strands": record["strands"],
            "group_affected": record["group_affected"],
            "ward": record["ward"],
            "district": record["district"],
            "lsoa": record["lsoa"],
            "direction": record["direction"],
            "proposed_level": record["proposed_level"],
            "online": record["online"],
            "origin_token": origin_token,
            "weight_milli": weight_milli(record),
            "review_by": record["review_by"],
            "details": sealed.data,
            "release_key_id": sealed.key_id,
            "release_wrapped_key": sealed.wrapped_key,
        }
    )
    if grading is not None:
        item["source_grade"] = grading["source"]
        item["intelligence_grade"] = grading["intelligence"]
        item["handling"] = grading["handling"]
    return item


def withdrawn(item_id: str, agency: str, standing: Standing) -> TensionItem:
    """The item of a retracted report: ids and the order of versions, no more."""
    return _blank(item_id, agency, standing)


def _blank(item_id: str, agency: str, standing: Standing) -> TensionItem:
    return {
        "item_id": item_id,
        "agency": agency,
        "version": standing.version,
        "content_digest": standing.digest,
        "retracted": standing.retracted,
        "source": "report",
        "observed_from": NEVER,
        "recorded_at": standing.recorded_at,
        "nil_return": False,
        "eep": None,
        "category": None,
        "strands": [],
        "group_affected": None,
        "groups": [],
        "ward": None,
        "district": None,
        "lsoa": None,
        "source_grade": None,
        "intelligence_grade": None,
        "handling": None,
        "direction": None,
        "proposed_level": None,
        "online": False,
        "origin_token": None,
        "weight_milli": 0,
        "review_by": None,
        "details": None,
        "release_key_id": None,
        "release_wrapped_key": None,
    }
