"""Notices to their recipients' topics, signed by the hub; marked as sent after the broker has them.

A crash between the two sends again what was sent: same id, same content, same reminder number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from schemas import codec, envelope
from schemas.registry import SchemaIds
from schemas.topics import topic_for
from sharing_api.recall import notices
from sharing_api.recall.message import RECORD, named, telling_id, told
from sharing_api.services import Outgoing, Publisher, PublisherAway
from sharing_api.store.recall_tables import NoticeRow
from sharing_api.store.tables import AgencyRow
from sharing_api.store.upsert import in_session, table_of

_SENT_AT_ONCE: Final = 200
_NOTICES, _AGENCIES = table_of(NoticeRow), table_of(AgencyRow)

Row = Mapping[Any, Any]
Sessions = async_sessionmaker[AsyncSession]


async def send(
    sessions: Sessions, publisher: Publisher, schema_ids: SchemaIds, now: datetime
) -> int:
    """Send what is to be sent, or sent again; how many.

    An agency that the hub does not know has no topic, and its notices wait in its inbox. Raises
    PublisherAway if a topic cannot be written, once everybody else has theirs.
    """
    count = 0
    failed: dict[str, PublisherAway] = {}
    while waiting := await _waiting(sessions, failed):
        batches: dict[str, list[Row]] = {}
        for row in waiting:
            batches.setdefault(row["agency"], []).append(row)
        outcomes = await asyncio.gather(
            *(_published(publisher, rows, schema_ids) for rows in batches.values())
        )
        for (agency, rows), failure in zip(batches.items(), outcomes, strict=True):
            if failure is not None:
                failed[agency] = failure
                continue
            async with sessions.begin() as session:
                for row in rows:
                    await _mark(session, row, now)
            count += len(rows)
    if failed:
        raise next(iter(failed.values()))
    return count


async def _waiting(sessions: Sessions, failed: Collection[str]) -> Sequence[Row]:
    """Some notices that are to be sent, oldest first, but for agencies that were just tried."""
    query = (
        select(_NOTICES)
        .where(
            _NOTICES.c.sent < _NOTICES.c.wanted,
            _NOTICES.c.agency.in_(select(_AGENCIES.c.agency)),
            _NOTICES.c.agency.not_in(failed),
        )
        .order_by(_NOTICES.c.ordinal)
        .limit(_SENT_AT_ONCE)
    )
    async with sessions() as session:
        rows = (await session.execute(query)).mappings().all()
        return await in_session(session, named, rows)


async def _published(
    publisher: Publisher, rows: Sequence[Row], schema_ids: SchemaIds
) -> PublisherAway | None:
    """Publish one agency's notices; what went wrong, if anything did."""
    try:
        await publisher.publish([message(row, schema_ids) for row in rows])
    except PublisherAway as failure:
        return failure
    return None


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
