"""How far each partition has been read, kept in the store beside the rows it produced.

Several API nodes may project into one database. Each moves a position only from where it believes
it stands; who finds it elsewhere has been overtaken, gives up its batch and reads on from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, bindparam, select, update
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


_TABLE = table_of(PositionRow)
_MOVE = (
    update(_TABLE)
    .where(_TABLE.c.topic == bindparam("of_topic"))
    .where(_TABLE.c.partition == bindparam("of_partition"))
    .where(_TABLE.c.next_offset == bindparam("was_at"))
    .where(_TABLE.c.fingerprint == bindparam("was_last"))
    .values(next_offset=bindparam("next_offset"), fingerprint=bindparam("fingerprint"))
)


async def load(session: AsyncSession) -> dict[Partition, Position]:
    """All positions."""
    found = await session.execute(select(table_of(PositionRow)))
    return {
        (line.topic, line.partition): Position(line.next_offset, line.fingerprint) for line in found
    }


def move(
    connection: Connection,
    before: Mapping[Partition, Position | None],
    after: Mapping[Partition, Position],
) -> None:
    """Move positions within the caller's transaction. Raises Overtaken."""
    new = {partition: after[partition] for partition in after if before.get(partition) is None}
    for (topic, number), position in sorted(new.items()):
        row = {"topic": topic, "partition": number, **_columns(position)}
        if not insert_new(connection, PositionRow, row):
            raise Overtaken(topic)
    moves = [
        {"of_topic": topic, "of_partition": number, "was_at": was.next_offset}
        | {"was_last": was.fingerprint, **_columns(position)}
        for (topic, number), position in sorted(after.items())
        if (was := before.get((topic, number))) is not None
    ]
    if moves and cast("CursorResult[Any]", connection.execute(_MOVE, moves)).rowcount < len(moves):
        raise Overtaken


def _columns(position: Position) -> dict[str, Any]:
    return {"next_offset": position.next_offset, "fingerprint": position.fingerprint}
