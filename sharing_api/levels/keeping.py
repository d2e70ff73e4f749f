"""The projector's side of levels: what people decided, from the topic into rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update

from sharing_api.levels.rows import LevelRow
from sharing_api.projector.messages import Change
from sharing_api.store.upsert import draw, insert_new, table_of

_LEVELS = table_of(LevelRow)


def take(connection: Connection, latest: Mapping[str, Change]) -> bool:
    """Take in levels and outcomes; whether anything is new.

    Of several outcomes of one level the latest stands. An outcome of a level that is not known is
    left out: both come from one partition, the level first.
    """
    changed = False
    for change in latest.values():
        record: Any = change.record
        if record is None:
            continue
        new = _set if record["action"] == "set" else _outcome
        changed |= new(connection, record, change.message)
    return changed


def _set(connection: Connection, record: Mapping[str, Any], message: bytes) -> bool:
    known = select(_LEVELS.c.level_id).where(_LEVELS.c.level_id == record["level_id"])
    if connection.execute(known).first() is not None:
        return False
    (place,) = draw(connection, 1)
    row = {name: record[name] for name in ("level_id", "area", "strand", "level", "decided_at")}
    row |= {"sequence": place, "message": message, "outcome_at": None, "outcome_message": None}
    return insert_new(connection, LevelRow, row)


def _outcome(connection: Connection, record: Mapping[str, Any], message: bytes) -> bool:
    mine = _LEVELS.c.level_id == record["level_id"]
    found = connection.execute(select(_LEVELS.c.outcome_at).where(mine)).first()
    if found is None or (found.outcome_at and found.outcome_at >= record["decided_at"]):
        return False
    (place,) = draw(connection, 1)
    values = {"sequence": place, "outcome_at": record["decided_at"], "outcome_message": message}
    connection.execute(update(_LEVELS).where(mine).values(**values))
    return True
