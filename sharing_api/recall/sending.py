"""Notices to their recipients' topics, signed by the hub; marked as sent after the broker has them.

A crash between the two sends again what was sent: same id, same content, same reminder number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from schemas import codec, envelope
from schemas.registry import SchemaIds
from schemas.topics import topic_for
from sharing_api.recall import notices
from sharing_api.recall.message import RECORD, telling_id, told
from sharing_api.services import Outgoing, Publisher
from sharing_api.store.recall_tables import NoticeRow
from sharing_api.store.upsert import in_session, table_of

_SENT_AT_ONCE: Final = 200
_NOTICES = table_of(NoticeRow)

Sessions = async_sessionmaker[AsyncSession]


async def send(
    sessions: Sessions, publisher: Publisher, schema_ids: SchemaIds, now: datetime
) -> int:
    """Send what is to be sent, or sent again; how many. Raises PublisherAway."""
    count = 0
    while True:
        async with sessions() as session:
            query = (
                select(_NOTICES)
                .where(_NOTICES.c.sent < _NOTICES.c.wanted)
                .order_by(_NOTICES.c.ordinal)
                .limit(_SENT_AT_ONCE)
            )
            waiting = (await session.execute(query)).mappings().all()
        if not waiting:
            return count
        await publisher.publish([message(row, schema_ids) for row in waiting])
        async with sessions.begin() as session:
            for row in waiting:
                await _mark(session, row, now)
        count += len(waiting)


def message(row: Mapping[Any, Any], schema_ids: SchemaIds) -> Outgoing:
    """A notice as it travels."""
    framed = codec.frame(schema_ids.id_of(RECORD), codec.encode(RECORD, told(row)))
    headers = envelope.headers(
        id_=telling_id(row),
        source="/hub/recall",
        type_=RECORD,
        time=row["issued_at"],
    )
    topic = topic_for("notice", row["agency"])
    return Outgoing(topic, row["notice_id"].encode(), framed, headers)


async def _mark(session: AsyncSession, row: Mapping[Any, Any], now: datetime) -> None:
    """Say that it is sent as it was read; what joined it meanwhile is still to be sent."""
    changed: Any = await session.execute(
        update(_NOTICES)
        .where(_NOTICES.c.notice_id == row["notice_id"], _NOTICES.c.sent < row["wanted"])
        .values(sent=row["wanted"])
    )
    if changed.rowcount:
        await in_session(
            session, notices.note, row["notice_id"], "published", now, detail=str(row["wanted"])
        )
