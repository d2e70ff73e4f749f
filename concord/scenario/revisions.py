"""Second thoughts: later versions of incidents, and retractions."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from typing import Any

from concord.scenario.chance import Chance
from schemas.identifiers import stable_id

_AMENDED = 0.035
_RETRACTED = 0.006


def revisions(
    chance: Chance, events: list[dict[str, Any]], end: datetime
) -> tuple[list[tuple[datetime, dict[str, Any]]], set[tuple[str, str]]]:
    """Draw later versions and retractions of these incidents.

    Gives them with the time of each, and which (agency, reference) are retracted.
    """
    found: list[tuple[datetime, dict[str, Any]]] = []
    gone: set[tuple[str, str]] = set()
    for event in events:
        standing = event
        if chance.yes(_AMENDED):
            standing = _next(chance, standing, end)
            _amend(chance, standing)
            found.append((standing["recorded_at"], standing))
        if chance.yes(_RETRACTED):
            standing = _next(chance, standing, end)
            standing["retracted"] = True
            gone.add((standing["agency"], standing["reference"]))
            found.append((standing["recorded_at"], standing))
    return found, gone


def _next(chance: Chance, event: dict[str, Any], end: datetime) -> dict[str, Any]:
    later = copy.deepcopy(event)
    later["version"] += 1
    later["supersedes"] = event["event_id"]
    later["event_id"] = stable_id("evt", event["agency"], event["reference"], str(later["version"]))
    wait = timedelta(hours=chance.between(2, 400))
    limit = max(event["recorded_at"], end) + timedelta(minutes=later["version"])
    later["recorded_at"] = min(event["recorded_at"] + wait, limit)
    return later


def _amend(chance: Chance, event: dict[str, Any]) -> None:
    """Something becomes known: an outcome, a consent, a missing contact wish."""
    kind = chance.between(0, 2)
    if kind == 0:
        event["outcome"] = {
            "code": chance.pick(("1", "8", "14", "15", "16", "18")),
            "at": event["recorded_at"],
        }
    elif kind == 1 and event["consent"]["state"] == "not_asked":
        event["consent"] = {
            "state": "given",
            "scope": ["cmarac"],
            "asked_at": event["recorded_at"],
            "withdrawn_at": None,
        }
    else:
        event["victim_wishes"] = sorted({*event["victim_wishes"], "support"})
