"""The feed of tension signals: each change once, in order, after the release gate.

The event id is the change's sequence number. A subscriber that comes back with the last id it saw
gets what it missed; a signal that changed several times meanwhile comes once, as it stands.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sse_starlette import ServerSentEvent

from sharing_api.answers import item
from sharing_api.auth.requests import Stated
from sharing_api.filters import SignalFilter
from sharing_api.problems import RETRY_SECONDS
from sharing_api.records import signal_of
from sharing_api.release import Asker, Batch, Refusal, Subject
from sharing_api.services import Services
from sharing_api.store import queries
from sharing_api.store.queries import Stored

KIND = "tension-signal.v1"
CHUNK = 100
LOOK_AGAIN_SECONDS = 2.0
"""Another API node may project; then nothing rings here."""


class SignalFeed:
    """One subscriber's feed. Ends when the app closes or the asker is no longer covered."""

    def __init__(
        self, services: Services, asker: Asker, stated: Stated, chosen: SignalFilter
    ) -> None:
        self._services = services
        self._asker = asker
        self._stated = stated
        self._chosen = chosen

    async def admitted(self) -> Batch | Refusal:
        """Ask the gate about the feed itself, before anything is sent. Raises GateClosed."""
        return await self._gate([])

    async def events(self, after: int) -> AsyncIterator[ServerSentEvent]:
        """Changes after sequence `after`, for ever.

        Raises GateClosed and SQLAlchemy's errors: the stream then breaks off, and the subscriber
        comes back with its last id.
        """
        yield ServerSentEvent(comment="concord tension signals", retry=RETRY_SECONDS * 1000)
        while not self._services.closing:
            seen = self._services.changes.seen(KIND)
            found = await self._look(after)
            if found:
                batch = await self._gate([signal_of(self._services, s.message) for s in found])
                if isinstance(batch, Refusal):
                    return
                for event in _events(found, batch):
                    yield event
                after = found[-1].place
            if len(found) < CHUNK:
                await self._services.changes.wait(KIND, seen, LOOK_AGAIN_SECONDS)

    async def _look(self, after: int) -> list[Stored]:
        async with self._services.reading() as session:
            return await queries.signals(session, after=after, limit=CHUNK, removed=True)

    async def _gate(self, subjects: Sequence[Subject]) -> Batch | Refusal:
        return await self._services.gate.release_all(
            self._asker,
            self._stated.purpose,
            subjects,
            kind="signal",
            wanted=self._chosen.wanted(),
            **self._stated.terms(),
        )


def _events(found: Sequence[Stored], batch: Batch) -> list[ServerSentEvent]:
    stored = {one.id: one for one in found}
    out = []
    for release in batch.releases:
        one = stored[release.record_id]
        body: dict[str, Any] = {"sequence": one.place, **item(release)}
        if one.removed:
            granted = release.fields.get("signal_id")
            body["fields"] = {"signal_id": granted} if granted is not None else {}
        name = "removed" if one.removed else "signal"
        text = json.dumps(body, separators=(",", ":"))
        out.append(ServerSentEvent(data=text, event=name, id=str(one.place)))
    return out
