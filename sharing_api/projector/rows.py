"""From records to rows: pure functions, one for each kind of record that the store keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from schemas.identifiers import stable_id
from schemas.records import (
    Alert,
    Entity,
    FieldEvidence,
    HubIncident,
    LinkReview,
    Receipt,
    TensionSignal,
)
from sharing_api.reviews import review_id
from sharing_api.store.tables import event_key

Row = dict[str, Any]

_DOUBTFUL: Final = 3
"""Links to look at of an entity that is too large to compare all: the weakest."""


def agency_row(record: Mapping[str, Any], message: bytes) -> Row:
    """An agency's row."""
    return {
        **{name: record[name] for name in ("agency", "name", "type", "status")},
        "message": message,
    }


def incident_row(record: HubIncident, message: bytes) -> Row:
    """An incident's row; sealed parts stay inside the message."""
    return {
        "incident_id": record["incident_id"],
        "agency": record["agency"],
        "retracted": record["retracted"],
        "occurred_from": record["occurred"]["from"],
        "message": message,
    }


def entity_row(record: Entity, message: bytes) -> Row:
    """An entity's row."""
    return {
        "entity_id": record["entity_id"],
        "kind": record["kind"],
        "status": record["status"],
        "heir": record["heir"],
        "message": message,
    }


def alert_row(record: Alert, message: bytes) -> Row:
    """An alert's row, without its place in the order."""
    return {
        "alert_id": record["alert_id"],
        "removed": False,
        "rule": record["rule"],
        "status": record["status"],
        "level": record["level"],
        "entity_id": record["entity_id"],
        "until": record["until"],
        "message": message,
    }


def district_rows(alerts: Iterable[Alert]) -> list[Row]:
    """The districts that alerts touch."""
    return [
        {"alert_id": alert["alert_id"], "district": district}
        for alert in alerts
        for district in sorted(set(alert["districts"]))
    ]


def signal_row(record: TensionSignal, message: bytes) -> Row:
    """A signal's row, without its sequence."""
    return {
        "signal_id": record["signal_id"],
        "removed": False,
        "area": record["area"],
        "area_level": record["area_level"],
        "strand": record["strand"],
        "status": record["status"],
        "message": message,
    }


def receipt_row(record: Receipt, message: bytes) -> Row:
    """A receipt's row, without its place in the order."""
    return {
        "receipt_id": record["receipt_id"],
        "agency": record["agency"],
        "event_id": event_key(record["event_id"]),
        "status": record["status"],
        "message": message,
    }


def counted_incident(record: HubIncident) -> Row:
    """What is counted of an incident, as a tension item names it."""
    return {
        "item_id": record["incident_id"],
        "agency": record["agency"],
        "version": record["version"],
        "source": "incident",
        "retracted": record["retracted"],
        "nil_return": False,
        "district": record["district"],
        "ward": record["ward"],
        "observed_from": record["occurred"]["from"],
        "strands": record["strands"],
    }


def item_row(record: Mapping[str, Any]) -> Row:
    """What is counted by area and month (UTC); retracted items and nil returns count nothing."""
    return {
        "item_id": record["item_id"],
        "agency": record["agency"],
        "source": record["source"],
        "counted": not record["retracted"] and not record["nil_return"],
        "district": record["district"],
        "ward": record["ward"],
        "month": record["observed_from"].strftime("%Y-%m"),
    }


def strand_rows(items: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The strands that items concern."""
    return [
        {"item_id": item["item_id"], "strand": strand}
        for item in items
        for strand in sorted(set(item["strands"]))
    ]


def review_items(record: Entity) -> list[Row]:
    """The pairs that an entity wants looked at, without their place in the order.

    Of a person with too many mentions to compare all, also the weakest of its own links.
    """
    found = [
        _pair(link["left"], link["right"], link["band"], link["weight"], link["evidence"])
        for link in record["review"]
    ]
    if record["kind"] == "person" and "oversize" in record["flags"]:
        weakest = sorted(record["links"], key=lambda one: (one["weight"], one["left"]))
        found += [
            _pair(link["left"], link["right"], "oversize", link["weight"], link["evidence"])
            for link in weakest[:_DOUBTFUL]
        ]
    return found


def decided_item(record: LinkReview) -> list[Row]:
    """The pair that a decision is about, as it was seen then; none where it is about no pair."""
    if not record["right"]:
        return []
    return [_pair(record["left"], record["right"], "review", record["weight"], record["evidence"])]


def decision_row(record: LinkReview, key: str) -> Row:
    """A decision's row."""
    pair = bool(record["right"])
    return {
        "decision_id": stable_id("dec", key),
        "subject_id": review_id(record["left"], record["right"]) if pair else record["left"],
        **{name: record[name] for name in ("decision", "by", "agency", "purpose", "reason")},
        "decided_at": record["decided_at"],
    }


def _pair(
    left: str, right: str, band: str, weight: float, evidence: Sequence[FieldEvidence]
) -> Row:
    first, second = sorted((left, right))
    return {
        "review_id": review_id(first, second),
        "left": first,
        "right": second,
        "band": band,
        "weight": weight,
        "evidence": json.dumps(evidence, sort_keys=True, separators=(",", ":")),
    }
