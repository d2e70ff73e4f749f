"""What is said of an erasure: what copies there still are, and until when. Nothing is glossed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

SOURCE: Final = timedelta(days=7)
RECEIPTS: Final = timedelta(days=30)
MEMORY: Final = timedelta(hours=1)


def remaining(row: Mapping[Any, Any], key_ids: frozenset[str], now: datetime) -> list[str]:
    """What may still hold something of it, in sentences; empty if nothing does that we know of."""
    if row["status"] not in {"removing", "removed"}:
        return ["nothing has been removed yet"]
    begun: datetime = row["not_before"] if row["finished_at"] is None else row["finished_at"]
    found = []
    if row["status"] == "removing":
        found.append("the retraction is on its way; what is held here is swept after it")
    if begun + SOURCE > now:
        day = f"{begun + SOURCE:%Y-%m-%d}"
        found.append(f"the agency's own topics, in clear, until {day}")
    if begun + RECEIPTS > now:
        day = f"{begun + RECEIPTS:%Y-%m-%d}"
        found.append(f"the agency's reference on its receipt topic, until {day}")
    if begun + MEMORY > now:
        found.append(
            "what linkage keeps for a restart, sealed, until it is written again: a minute later, "
            "or when linkage runs"
        )
    if row["key_id"] in key_ids:
        found.append(
            f"copies and backups made before, which open with the release key {row['key_id']} "
            "until that is replaced and destroyed (concord keys rotate, concord keys destroy)"
        )
    found.append(
        "facts that were never sealed (agency, day, ward, strands, links) in backups of the log "
        "and the store, until those are deleted"
    )
    return found
