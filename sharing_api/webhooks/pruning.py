"""Forgets deliveries that are over: what was received, or given up, so many days ago.

They hold what was told, so they are kept no longer than a subscriber may ask about them. The feed
itself forgets nothing: a subscriber that was away longer reads on from the last number it has.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, delete, select

from sharing_api.services import Services
from sharing_api.store.upsert import in_session, table_of
from sharing_api.webhooks.delivery import FAILURES
from sharing_api.webhooks.outbox import DEAD, DELIVERED
from sharing_api.webhooks.rows import DeliveryRow

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 600.0
AT_ONCE: Final = 500

_OUT = table_of(DeliveryRow)


def prune(connection: Connection, before: datetime, limit: int) -> int:
    """Delete at most `limit` deliveries that were settled before a moment; how many."""
    # A settled delivery's next_at is that of its last attempt; the index is on it.
    over = (_OUT.c.state.in_((DELIVERED, DEAD))) & (_OUT.c.next_at < before)
    found = select(_OUT.c.delivery_id).where(over, _OUT.c.settled_at < before).limit(limit)
    return connection.execute(delete(_OUT).where(_OUT.c.delivery_id.in_(found))).rowcount


async def look(services: Services) -> int:
    """Delete all that is over, a few at a time; how many."""
    before = services.parts.clock() - timedelta(days=services.settings.webhook_kept_days)
    total = 0
    while True:
        async with services.sessions.begin() as session:
            count = await in_session(session, prune, before, AT_ONCE)
        total += count
        if count < AT_ONCE:
            return total


async def run(services: Services) -> None:
    """Look every ten minutes, for ever; a failure is tried again at the next look."""
    while not services.closing:
        try:
            await look(services)
        except FAILURES as error:
            log.warning("webhooks.pruning", fault=type(error).__name__)
        await asyncio.sleep(LOOK_SECONDS)
