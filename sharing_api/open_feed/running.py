"""Keeps the timetable: draws what is due, announces it, and says why if it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from schemas import envelope
from schemas.registry import RegistryError
from sharing_api.open_feed.publishing import RECORD, Press
from sharing_api.open_feed.rows import OpenPublicationRow
from sharing_api.open_feed.tables import BudgetOverspent
from sharing_api.projector.progress import Progress
from sharing_api.services import Outgoing, Publisher, PublisherAway
from sharing_api.store.upsert import in_session, table_of

log = structlog.get_logger(__name__)

TOPIC: Final = "hub.open-table.v1"
LOOK_SECONDS: Final = 60.0
_WAITS: Final = (SQLAlchemyError, OSError, PublisherAway, RegistryError)

Sessions = async_sessionmaker[AsyncSession]


class Timetable:
    """Runs beside the projector, since only who has read the announcements may draw."""

    def __init__(
        self,
        press: Press,
        sessions: Sessions,
        publisher: Publisher,
        progress: Progress,
        clock: Callable[[], datetime],
    ) -> None:
        """Nothing happens before `run`."""
        self._press = press
        self._sessions = sessions
        self._publisher = publisher
        self._progress = progress
        self._clock = clock

    async def run(self) -> None:
        """Publish what is due, for ever; a failure is tried again at the next look."""
        while True:
            try:
                await self.look()
            except BudgetOverspent as fault:
                log.error("open_feed.refused", fault=str(fault))  # noqa: TRY400 (no traceback needed)
            except _WAITS as error:
                log.warning("open_feed.waiting", fault=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS if self.informed() else 1.0)

    def informed(self) -> bool:
        """Whether everything that was ever announced is in this store."""
        return self._progress.caught_up and TOPIC in self._progress.lag

    async def look(self) -> list[str]:
        """Draw and announce what is due; ids of what was drawn.

        Does nothing before the topic has been read to its end.
        """
        if not self.informed():
            return []
        async with self._sessions.begin() as session:
            drawn = await in_session(session, self._press.draw_due, self._clock())
        async with self._sessions() as session:
            waiting = await in_session(session, _unannounced)
        if waiting:
            await self._publisher.publish(waiting)
        return drawn


def _unannounced(connection: Connection) -> Sequence[Outgoing]:
    table = table_of(OpenPublicationRow)
    query = select(table.c.publication_id, table.c.message, table.c.drawn_at)
    query = query.where(table.c.sequence.is_(None)).order_by(table.c.first_day)
    return [
        Outgoing(
            TOPIC,
            row.publication_id.encode(),
            row.message,
            envelope.headers(
                id_=row.publication_id, source="/hub/open-feed", type_=RECORD, time=row.drawn_at
            ),
        )
        for row in connection.execute(query)
    ]
