"""Notes which entities with alerts lose mentions, in the moment in which the store learns of it.

What was disclosed of them before is then no longer true. Who was told, and where the mentions are
now, is worked out when somebody asks (store.corrections).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from schemas import codec
from schemas.identifiers import stable_id
from sharing_api.projector.messages import Change
from sharing_api.store.link_tables import EntityLossRow
from sharing_api.store.tables import AlertRow, EntityRow
from sharing_api.store.upsert import chunks, upsert


def note(connection: Connection, latest: Mapping[str, Change]) -> None:
    """Compare these entities with what stands, before they are written."""
    now = datetime.now(UTC)
    values = []
    for entity_id, before in (_standing(connection, latest)).items():
        change = latest[entity_id]
        after = _members(change.record) if change.record else frozenset()
        if before - after:
            listed = json.dumps(sorted(before), separators=(",", ":"))
            values.append(
                {
                    "loss_id": stable_id("los", entity_id, listed, now.isoformat()),
                    "entity_id": entity_id,
                    "mentions": listed,
                    "noticed_at": now,
                    "settled": False,
                }
            )
    upsert(connection, EntityLossRow, values)


def _standing(connection: Connection, ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Mentions that stand for those of the entities about which there was ever an alert."""
    alerted: set[str] = set()
    for some in chunks(ids):
        query = select(AlertRow.entity_id).where(AlertRow.entity_id.in_(some)).distinct()
        alerted.update((connection.execute(query)).scalars())
    found: dict[str, frozenset[str]] = {}
    for some in chunks(sorted(alerted)):
        held = select(EntityRow.entity_id, EntityRow.message)
        for line in connection.execute(held.where(EntityRow.entity_id.in_(some))):
            found[line.entity_id] = _read(line.message)
    return found


def _read(message: bytes) -> frozenset[str]:
    """The mentions of a stored entity.

    One that an earlier version of the hub wrote may not be readable here. Nothing is claimed then.
    """
    try:
        return _members(codec.decode("entity.v1", codec.unframe(message)[1]))
    except codec.CodecError:
        return frozenset()


def _members(entity: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(member["mention_id"] for member in entity["members"])
