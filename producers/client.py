"""The SDK: publish events, spool them while the hub is away, learn what became of them.

    async with HubClient(onboarding.load(path)) as hub:
        published = await hub.publish(events)
        receipts = await hub.wait_for_receipts(published.event_ids, seconds=30)

Sending is idempotent: an event is known by its event id, so after any failure the same events may
be published again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import islice
from types import TracebackType
from typing import Any, Self

from producers.http import HttpTransport
from producers.kafka import KafkaTransport
from producers.onboarding import Onboarding
from producers.records import Event
from producers.spool import Spool
from producers.transport import HubAwayError, Transport

_BATCH = 500
Progress = Callable[[int], None]
"""Called with the number of events that the hub has acknowledged so far."""


@dataclass(slots=True)
class Published:
    """What became of a call of `publish`."""

    event_ids: list[str] = field(default_factory=list)
    """Events that the hub holds, those sent from the spool included, in order."""

    spooled: int = 0
    """Events that wait on disk."""

    away: str | None = None
    """Why the hub could not be reached; None if all is sent."""


class HubClient:
    """An agency's connection to the hub."""

    def __init__(
        self,
        onboarding: Onboarding,
        *,
        transport: Transport | None = None,
        spool: Spool | None = None,
        progress: Progress | None = None,
    ) -> None:
        """`transport` and `spool` replace those that the onboarding describes.

        To seal persons before they leave the agency, put the sealing between the events and
        `publish`: the transports carry whatever record they are given.
        """
        self._transport: Transport = transport or _transport(onboarding)
        self._spool = spool if spool is not None else Spool(onboarding.spool_folder)
        self._progress = progress or (lambda _count: None)
        self._connected = False

    async def __aenter__(self) -> Self:
        """Give the client; it connects when it first has to."""
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Disconnect."""
        await self._transport.stop()

    async def publish(self, events: Iterable[Event]) -> Published:
        """Send events, after those that wait in the spool, in order.

        If the hub is away, they and all after them go to the spool, and the answer says so. Raises
        HubRefusesError if the hub says no, SpoolBusyError if another process empties the spool.
        """
        published = Published()
        source = iter(events)
        with self._spool.emptying():
            batch: list[Event] = []
            try:
                await self._connect()
                await self._send_waiting(published)
                while batch := list(islice(source, _BATCH)):
                    await self._send(batch, published)
            except HubAwayError as error:
                published.away = str(error)
                published.spooled = self._spool.add([*batch, *source])
        return published

    async def send_spooled(self) -> Published:
        """Send what waits in the spool."""
        return await self.publish(())

    async def receipts(self, *, follow: bool = False) -> AsyncGenerator[dict[str, Any], None]:
        """Give the agency's receipts, oldest first. Raises HubAwayError, HubRefusesError."""
        async with aclosing(self._transport.receipts(follow=follow)) as found:
            async for receipt in found:
                yield receipt

    async def notices(self, *, follow: bool = False) -> AsyncGenerator[dict[str, Any], None]:
        """Give the notices to the agency, oldest first. Raises HubAwayError, HubRefusesError."""
        async with aclosing(self._transport.notices(follow=follow)) as found:
            async for notice in found:
                yield notice

    async def wait_for_receipts(
        self, event_ids: Iterable[str], seconds: float
    ) -> dict[str, dict[str, Any]]:
        """Give the receipts of these events, by event id: all, or those that come in time.

        Raises HubAwayError, HubRefusesError.
        """
        wanted = set(event_ids)
        found: dict[str, dict[str, Any]] = {}
        if not wanted:
            return found
        try:
            async with asyncio.timeout(seconds):
                async for receipt in self._transport.receipts(follow=True):
                    if receipt["event_id"] in wanted:
                        found[receipt["event_id"]] = receipt
                        if len(found) == len(wanted):
                            break
        except TimeoutError:
            pass
        return found

    async def _connect(self) -> None:
        if not self._connected:
            await self._transport.start()
            self._connected = True

    async def _send_waiting(self, published: Published) -> None:
        waiting = self._spool.waiting()
        while batch := list(islice(waiting, _BATCH)):
            await self._send([one.event for one in batch], published)
            self._spool.remove(one.number for one in batch)

    async def _send(self, batch: Sequence[Event], published: Published) -> None:
        await self._transport.send(batch)
        published.event_ids.extend(event.event_id for event in batch)
        self._progress(len(published.event_ids))


def _transport(onboarding: Onboarding) -> Transport:
    if onboarding.transport == "http":
        return HttpTransport(onboarding)
    return KafkaTransport(onboarding)
