"""Keeps webhooks going: what feeds have to tell goes into the outbox, the outbox goes out."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

import httpx
import structlog
from sqlalchemy import Connection

from sharing_api.feeds.changes import FEED
from sharing_api.feeds.reading import Entry, Page, Want, read_together
from sharing_api.feeds.signals import told
from sharing_api.feeds.views import View
from sharing_api.filters import SignalFilter
from sharing_api.release import GateClosed
from sharing_api.services import Services
from sharing_api.store.upsert import in_session
from sharing_api.webhooks import outbox, subscriptions
from sharing_api.webhooks.addresses import Rules
from sharing_api.webhooks.delivery import FAILURES, Courier, Means

log = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS: Final = 2.0
_TYPES: Final = {"signal": "tension-signal.v1", "level": "tension-level.v1"}


def rules_of(services: Services) -> Rules:
    """Where this hub may post to."""
    settings = services.settings
    return Rules(settings.webhook_private_addresses, settings.mode == "development")


def courier_of(services: Services, client: httpx.AsyncClient) -> Courier:
    """A courier for this hub."""
    return Courier(
        Means(
            sessions=services.sessions,
            client=client,
            pseudonyms=services.parts.pseudonyms,
            signer=services.parts.signer,
            clock=services.parts.clock,
            rules=rules_of(services),
            hub=services.settings.public_url,
        )
    )


async def run(services: Services) -> None:
    """Fill and deliver, for ever; a failure is tried again at the next look."""
    async with httpx.AsyncClient(trust_env=False) as client:
        courier = courier_of(services, client)
        while not services.closing:
            seen = services.changes.seen(FEED)
            try:
                await fill(services)
                await courier.deliver()
            except GateClosed as closed:
                log.warning("webhooks.waiting", fault=closed.part)
            except FAILURES as error:
                log.warning("webhooks.waiting", fault=type(error).__name__)
            await services.changes.wait(FEED, seen, LOOK_AGAIN_SECONDS)


async def fill(services: Services) -> int:
    """Put what every subscription's feed has to tell into its outbox; how much that was."""
    async with services.reading() as session:
        rows = await in_session(session, subscriptions.following)
    going = [
        (row, int(row.position))
        for row in rows
        if await services.agency_status(row.agency) != "suspended"
    ]
    count = 0
    while going:
        wants = [Want(View(*subscriptions.asks(row), SignalFilter()), at) for row, at in going]
        pages = await read_together(services, wants, quiet=True)
        told = [
            (row, at, page)
            for (row, at), page in zip(going, pages, strict=True)
            if isinstance(page, Page) and page.last > at
        ]
        now = services.parts.clock()
        async with services.sessions.begin() as session:
            for row, at, page in told:
                count += await in_session(session, _note, row, at, page, now)
        going = [(row, page.last) for row, _, page in told if page.more]
    return count


def _note(connection: Connection, row: Any, after: int, page: Page, now: datetime) -> int:
    """A page into the outbox, in the transaction that moves the place."""
    if not subscriptions.move(connection, row.webhook_id, after, page.last):
        return 0
    wanted = set(json.loads(row.events))
    return sum(
        outbox.post(connection, row.webhook_id, kind, _event_id(entry), told(entry), now=now)
        for entry in page.entries
        if (kind := _TYPES[entry.kind]) in wanted or outbox.EVERY in wanted
    )


def _event_id(entry: Entry) -> str:
    return f"{entry.id}@{entry.number}"
