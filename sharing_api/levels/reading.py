"""Levels as they are told: what was set, what the machine proposed then, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from sharing_api.levels.rows import LevelRow
from sharing_api.store.upsert import chunks, table_of

Decode = Callable[[str, bytes], Mapping[str, Any]]
_LEVELS = table_of(LevelRow)


def told(decode: Decode, row: Any) -> dict[str, Any]:
    """A row with the names that the gate knows."""
    record = decode("tension-level.v1", row.message)
    names = ("level_id", "area", "area_level", "strand", "level", "proposed_level", "reason")
    later = decode("tension-level.v1", row.outcome_message) if row.outcome_message else None
    return {
        **{name: record[name] for name in names},
        "review_by": record["review_by"],
        "expires_at": record["expires_at"],
        "decided_at": record["decided_at"],
        "decided_by": record["by"],
        "decided_for": record["agency"],
        "outcome": later and later["outcome"],
        "outcome_at": later and later["decided_at"],
        "outcome_reason": later and later["reason"],
    }


def expired(level: Mapping[str, Any], now: datetime) -> bool:
    """Whether a level is out of date. It stands all the same until a person sets another."""
    return level["expires_at"] is not None and level["expires_at"] <= now


def history(
    connection: Connection, decode: Decode, *, area: str | None = None, strand: str | None = None
) -> list[dict[str, Any]]:
    """Levels in the order in which they were set."""
    query = select(_LEVELS).order_by(_LEVELS.c.decided_at, _LEVELS.c.level_id)
    if area is not None:
        query = query.where(_LEVELS.c.area == area)
    if strand is not None:
        query = query.where(_LEVELS.c.strand == strand)
    return [told(decode, row) for row in connection.execute(query)]


def by_id(connection: Connection, decode: Decode, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Levels by id; those that are not there are left out."""
    found: dict[str, dict[str, Any]] = {}
    for some in chunks(sorted(set(ids))):
        rows = connection.execute(select(_LEVELS).where(_LEVELS.c.level_id.in_(some)))
        found |= {row.level_id: told(decode, row) for row in rows}
    return found


def standing(levels: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The level that stands for each area and strand: the one that was set last."""
    return {(level["area"], level["strand"]): level for level in levels}
