"""The live feed of tension: each change once, in order, after the release gate.

The event id is the change's number in this feed. A subscriber that comes back with the last id it
saw gets what it missed, whichever node or restart lies between; a record that changed several times
meanwhile comes once, as it stands.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from sse_starlette import ServerSentEvent

from sharing_api.auth.requests import Stated
from sharing_api.feeds.changes import FEED
from sharing_api.feeds.reading import Entry, Feed
from sharing_api.filters import SignalFilter
from sharing_api.problems import RETRY_SECONDS
from sharing_api.release import Asker, Batch, Refusal
from sharing_api.services import Services

LOOK_AGAIN_SECONDS = 2.0
"""Another API node may project; then nothing rings here."""


class SignalFeed:
    """One subscriber's feed. Ends when the app closes or the asker is no longer covered."""

    def __init__(
        self, services: Services, asker: Asker, stated: Stated, chosen: SignalFilter
    ) -> None:
        self._services = services
        self._feed = Feed(services, asker, stated, chosen)

    async def admitted(self) -> Batch | Refusal:
        """Ask the gate about the feed itself, before anything is sent. Raises GateClosed."""
        return await self._feed.admitted()

    async def events(self, after: int) -> AsyncIterator[ServerSentEvent]:
        """Changes after number `after`, for ever.

        Raises GateClosed and SQLAlchemy's errors: the stream then breaks off, and the subscriber
        comes back with its last id.
        """
        yield ServerSentEvent(comment="concord tension feed", retry=RETRY_SECONDS * 1000)
        while not self._services.closing:
            seen = self._services.changes.seen(FEED)
            page = await self._feed.read(after, quiet=True)
            if isinstance(page, Refusal):
                return
            for entry in page.entries:
                yield _event(entry)
            after = page.last
            if not page.more:
                await self._services.changes.wait(FEED, seen, LOOK_AGAIN_SECONDS)


def _event(entry: Entry) -> ServerSentEvent:
    name = "removed" if entry.removed else entry.kind
    text = json.dumps(told(entry), separators=(",", ":"))
    return ServerSentEvent(data=text, event=name, id=str(entry.number))


def told(entry: Entry) -> dict[str, Any]:
    """An entry as JSON, the same in every format that is made of it."""
    return {
        "sequence": entry.number,
        "kind": entry.kind,
        "removed": entry.removed,
        "fields": dict(entry.fields),
        "obligations": list(entry.obligations),
        "agreement": entry.agreement,
    }
