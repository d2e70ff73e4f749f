"""Keeping lookups: counted for the limit, and shown to the owners of what they concerned."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from sharing_api.store.lookup_tables import LookupOwnerRow, LookupRow
from sharing_api.store.upsert import draw, insert_new, upsert


def ask(connection: Connection, question: Mapping[str, Any], since: datetime) -> int:
    """Keep a question; how many this asker has now put since then, this one among them."""
    (ordinal,) = draw(connection, 1)
    insert_new(connection, LookupRow, {**question, "ordinal": ordinal})
    counted = select(func.count()).where(
        LookupRow.asker == question["asker"], LookupRow.asked_at > since
    )
    return int(connection.execute(counted).scalar_one())


def concern(connection: Connection, lookup_id: str, owners: Mapping[str, Sequence[str]]) -> None:
    """Note whose incidents a lookup concerned."""
    rows = [
        {"lookup_id": lookup_id, "owner": owner, "incident_ids": json.dumps(list(names))}
        for owner, names in owners.items()
    ]
    upsert(connection, LookupOwnerRow, rows)


async def seen(
    session: AsyncSession, owner: str, *, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Lookups that concerned an agency's records, in their order, behind the one with this id."""
    query = (
        select(
            LookupRow.lookup_id,
            LookupRow.asked_at,
            LookupRow.agency,
            LookupRow.purpose,
            LookupOwnerRow.owner,
            LookupOwnerRow.incident_ids,
        )
        .join(LookupOwnerRow, LookupOwnerRow.lookup_id == LookupRow.lookup_id)
        .where(LookupOwnerRow.owner == owner)
        .order_by(LookupRow.ordinal)
        .limit(limit)
    )
    if after is not None:
        place = select(LookupRow.ordinal).where(LookupRow.lookup_id == after)
        query = query.where(LookupRow.ordinal > place.scalar_subquery())
    return [
        {
            "lookup_id": line.lookup_id,
            "at": line.asked_at,
            "agency": line.agency,
            "purpose": line.purpose,
            "owner": line.owner,
            "incident_ids": json.loads(line.incident_ids),
        }
        for line in await session.execute(query)
    ]
