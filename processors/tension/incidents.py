"""An incident as one item to count: evidenced, of full weight, at its place and day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from schemas.records import HubIncident, TensionItem

FULL: Final = 1000
"""Weight of a certain signal, in thousandths."""


def item_of(incident: HubIncident) -> TensionItem:
    """Give the item of an incident, under the incident's own id and version.

    The group is named only if there is exactly one. A retracted incident's item is retracted.
    """
    retracted, targets = incident["retracted"], incident["perceived_target"]
    return {
        "item_id": incident["incident_id"],
        "agency": incident["agency"],
        "version": incident["version"],
        "content_digest": incident["content_digest"],
        "retracted": retracted,
        "source": "incident",
        "observed_from": incident["occurred"]["from"],
        "recorded_at": incident["recorded_at"],
        "nil_return": False,
        "eep": None if retracted else "evidenced",
        "category": None,
        "strands": incident["strands"],
        "group_affected": targets[0] if len(targets) == 1 else None,
        "groups": sorted(set(targets)),
        "ward": incident["ward"],
        "district": incident["district"],
        "lsoa": None,
        "source_grade": None,
        "intelligence_grade": None,
        "handling": incident["handling"]["code"] or None,
        "direction": None,
        "proposed_level": None,
        "online": incident["online"],
        "origin_token": None,
        "weight_milli": 0 if retracted else FULL,
        "review_by": incident["review_by"],
        "details": None,
        "release_key_id": None,
        "release_wrapped_key": None,
    }
