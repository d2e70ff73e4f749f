"""Entities to ask about, built from a few words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def moment(text: str) -> datetime:
    """A UTC moment from `2025-03-01` or `2025-03-01T14:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def member(number: int, on: str, **changes: Any) -> Any:
    """A victim's mention in incident `number`, recorded when it happened."""
    position = changes.pop("position", 0)
    at = moment(on)
    return {
        "mention_id": f"inc_{number}#{position}",
        "incident_id": f"inc_{number}",
        "position": position,
        "role": "victim",
        "category": "victim",
        "agency": "wyp",
        "strands": ["race"],
        "occurred_from": at,
        "recorded_at": at,
        "severity": 1,
        "kind": "crime",
        "district": "D1",
        "ward": "W1",
        "immediate": [],
        "rubric": {},
        "referred_at": None,
        "counterparts": [],
    } | changes


def entity(*members: dict[str, Any], **changes: Any) -> Any:
    """A live person with these mentions."""
    return {
        "entity_id": "ent_1",
        "kind": "person",
        "status": "live",
        "heir": None,
        "members": sorted(members, key=lambda one: str(one["mention_id"])),
        "links": [],
        "review": [],
        "parameters": "test",
        "flags": [],
        "households": [],
        "exclusion": None,
    } | changes
