"""What routes ask of the notices; the gate says who sees which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from sharing_api.recall.message import named
from sharing_api.store.recall_tables import NoticeEventRow, NoticeRow
from sharing_api.store.upsert import in_session, table_of

Row = Mapping[Any, Any]
_NOTICES = table_of(NoticeRow)
_EVENTS = table_of(NoticeEventRow)


async def notices(session: AsyncSession, *, after: str | None, limit: int) -> list[Row]:
    """Notices to all, oldest first, behind the one with this id."""
    query = select(_NOTICES).order_by(_NOTICES.c.ordinal).limit(limit)
    if after is not None:
        place = select(_NOTICES.c.ordinal).where(_NOTICES.c.notice_id == after)
        query = query.where(_NOTICES.c.ordinal > place.scalar_subquery())
    return [*await in_session(session, named, (await session.execute(query)).mappings().all())]


async def notice(session: AsyncSession, notice_id: str) -> Row | None:
    """One notice; None if there is none."""
    query = select(_NOTICES).where(_NOTICES.c.notice_id == notice_id)
    rows = (await session.execute(query)).mappings().all()
    return next(iter(await in_session(session, named, rows)), None)


async def history(session: AsyncSession, notice_id: str) -> list[dict[str, Any]]:
    """What happened to a notice, in order."""
    columns = (_EVENTS.c.at, _EVENTS.c.event, _EVENTS.c.by, _EVENTS.c.detail)
    query = select(*columns).where(_EVENTS.c.notice_id == notice_id).order_by(_EVENTS.c.at)
    return [dict(line) for line in (await session.execute(query)).mappings()]
