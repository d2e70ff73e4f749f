"""Recall as a task of the API: look, keep, send, remind; again after a while or when woken.

Several nodes may run it at once: a notice has one id, whoever finds it, and is written once. What
cannot be done now (no key, no engine, no ledger, no broker) is done at a later look.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

import structlog

from sharing_api.recall import notices, sources
from sharing_api.recall.finding import Finding
from sharing_api.recall.sending import send
from sharing_api.services import Services
from sharing_api.store.upsert import in_session

log = structlog.get_logger(__name__)

WAKES: Final = "change"


class Recall:
    """Finds whom to tell, and tells them; one for each app."""

    def __init__(self, services: Services, past: sources.Past = sources.permitted) -> None:
        """`past` gives past decisions."""
        parts = services.parts
        self._services = services
        self._finding = Finding(
            sessions=services.sessions,
            past=past,
            decode=services.reader.decode,
            engine=services.policy,
            opener=parts.opener,
            pseudonyms=parts.pseudonyms,
            ledger=services.ledger,
            agreements=parts.agreements,
            revision=lambda: parts.bundle().revision,
        )

    async def run(self) -> None:
        """Look for ever, where this node is to; agreements and time change without a ring."""
        changes = self._services.changes
        seconds = self._services.settings.recall_seconds
        while seconds:
            seen = changes.seen(WAKES)
            try:
                await self.once(self._services.parts.clock())
            except Exception as error:  # noqa: BLE001 (engine, ledger, key, store, broker, ours)
                log.warning("recall.waiting", fault=type(error).__name__)
            await changes.wait(WAKES, seen, seconds)
            await asyncio.sleep(0.2)  # what comes in one batch is looked at together

    async def once(self, now: datetime) -> int:
        """Look once; how many notices are new. Raises whatever part is missing."""
        try:
            return await self._finding.look(now)
        finally:  # what was found leaves, even where nothing more can be found for now
            await self.remind(now)
            publisher = self._services.parts.publisher
            if publisher is not None:
                await send(self._services.sessions, publisher, self._services.parts.schema_ids, now)

    async def remind(self, now: datetime) -> None:
        """Have those reminded who have not acknowledged in time."""
        async with self._services.sessions.begin() as session:
            for notice_id in await in_session(session, notices.overdue, now):
                await in_session(session, notices.remind, notice_id, now)
