"""How far each partition has been read, kept in the store beside the rows it produced.

Several API nodes may project into one database. Each moves a position only from where it believes
it stands; who finds it elsewhere has been overtaken, gives up its batch and reads on from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sharing_api.store.tables import PositionRow
from sharing_api.store.upsert import insert_new, table_of

Partition = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Position:
    """The next offset to read, and the fingerprint of the message just before it."""

    next_offset: int
    fingerprint: bytes


class Overtaken(Exception):
    """Another projector has moved a position since it was read."""


async def load(session: AsyncSession) -> dict[Partition, Position]:
    """All positions."""
    found = await session.execute(select(table_of(PositionRow)))
    return {
        (line.topic, line.partition): Position(line.next_offset, line.fingerprint) for line in found
    }


async def move(
    session: AsyncSession,
    before: Mapping[Partition, Position | None],
    after: Mapping[Partition, Position],
) -> None:
    """Move positions within the caller's transaction. Raises Overtaken."""
    table = table_of(PositionRow)
    for (topic, partition), position in sorted(after.items()):
        was = before.get((topic, partition))
        values = {"next_offset": position.next_offset, "fingerprint": position.fingerprint}
        if was is None:
            row = {"topic": topic, "partition": partition, **values}
            if not await insert_new(session, PositionRow, row):
                raise Overtaken(topic)
            continue
        moved = await session.execute(
            update(table)
            .where(table.c.topic == topic, table.c.partition == partition)
            .where(table.c.next_offset == was.next_offset)
            .where(table.c.fingerprint == was.fingerprint)
            .values(**values)
        )
        if cast("CursorResult[Any]", moved).rowcount == 0:
            raise Overtaken(topic)
