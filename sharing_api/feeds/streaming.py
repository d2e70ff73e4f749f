"""All who wait on a live feed, answered together: one look, one transaction, one text per feed.

A round is made when something changed, when somebody begins to wait, and every few seconds, since
another node may have changed the store. Whoever has lost their standing by then is sent away.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import ServerSentEvent

from sharing_api.auth.requests import Stated
from sharing_api.feeds.changes import FEED, STREAMS
from sharing_api.feeds.reading import Entry, Feed, Page, Want, read_together
from sharing_api.feeds.signals import event
from sharing_api.feeds.views import View
from sharing_api.filters import SignalFilter
from sharing_api.problems import RETRY_SECONDS
from sharing_api.release import Asker, Batch, GateClosed, Refusal
from sharing_api.services import Services

LOOK_AGAIN_SECONDS: Final = 2.0
"""Another API node may project; then nothing rings here."""
_FAILURES: Final = (GateClosed, SQLAlchemyError, OSError)

Holds = Callable[[], Awaitable[bool]]
"""Tells whether a subscriber still is who they said they are."""


async def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Told:
    """What is new on a stream, as bytes of the stream, and where to go on.

    `seen` is how often the feed had changed when this was looked up.
    """

    text: bytes
    last: int
    more: bool
    seen: int


@dataclass(slots=True, eq=False)
class _Waiting:
    view: View
    after: int
    holds: Holds
    looked: int = -1
    told: asyncio.Future[Told | None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class SignalFeed:
    """One subscriber's stream. Ends when the app closes, or the asker's standing or cover does."""

    def __init__(
        self,
        services: Services,
        asker: Asker,
        stated: Stated,
        chosen: SignalFilter,
        holds: Holds = _always,
    ) -> None:
        """Nothing is asked yet."""
        self._services = services
        self._feed = Feed(services, asker, stated, chosen)
        self._holds = holds

    async def admitted(self) -> Batch | Refusal:
        """Ask the gate about the feed itself, before anything is sent. Raises GateClosed."""
        return await self._feed.admitted()

    async def events(self, after: int) -> AsyncIterator[bytes]:
        """Changes after number `after`, for ever, as bytes of an event stream.

        Raises GateClosed and SQLAlchemy's errors: the stream then breaks off, and the subscriber
        comes back with its last id.
        """
        greeting = ServerSentEvent(comment="concord tension feed", retry=RETRY_SECONDS * 1000)
        told: Told | None = Told(greeting.encode(), after, more=True, seen=-1)
        while told is not None and not self._services.closing:
            if told.text:
                yield told.text
            told = await self._services.streams.told(self._feed.view, told, self._holds)


class Streams:
    """Answers whoever waits on a stream of this node."""

    def __init__(self, services: Services) -> None:
        """Nothing is answered before `run`."""
        self._services = services
        self._waiting: set[_Waiting] = set()

    async def told(self, view: View, before: Told, holds: Holds) -> Told | None:
        """Wait for what is new after `before`; None where the stream is at its end.

        Raises GateClosed and SQLAlchemy's errors: the subscriber comes back with their last number.
        """
        mine = _Waiting(view, before.last, holds)
        self._waiting.add(mine)
        changes = self._services.changes
        if before.more or before.seen != changes.seen(FEED):
            await changes.ring(frozenset({STREAMS}))
        try:
            return await mine.told
        finally:
            self._waiting.discard(mine)

    async def run(self) -> None:
        """Answer, for ever."""
        changes = self._services.changes
        rung = True
        try:
            while not self._services.closing:
                seen = changes.seen(STREAMS)
                await self._round(all_=not rung)
                rung = await changes.wait(STREAMS, seen, LOOK_AGAIN_SECONDS)
        finally:
            for each in self._waiting:
                _end(each, None)

    async def _round(self, *, all_: bool) -> None:
        """Answer those who have not been looked for since the last change, or all of them."""
        seen = self._services.changes.seen(FEED)
        waiting = [
            each for each in self._waiting if not each.told.done() and (all_ or each.looked != seen)
        ]
        try:
            staying = await self._staying(waiting)
            wants = [Want(each.view, each.after) for each in staying]
            pages = await read_together(self._services, wants, quiet=True) if wants else []
        except _FAILURES as failure:
            for each in waiting:
                if not each.told.done():
                    each.told.set_exception(failure)
            return
        texts: dict[int, bytes] = {}
        for each, page in zip(staying, pages, strict=True):
            each.looked = seen
            if isinstance(page, Refusal):
                _end(each, None)
            elif page.last > each.after or page.more:
                _end(each, _told(page, seen, texts))

    async def _staying(self, waiting: list[_Waiting]) -> list[_Waiting]:
        staying = []
        for each in waiting:
            if await each.holds():
                staying.append(each)
            else:
                _end(each, None)
        return staying


def _end(each: _Waiting, told: Told | None) -> None:
    if not each.told.done():
        each.told.set_result(told)


def _told(page: Page, seen: int, texts: dict[int, bytes]) -> Told:
    """Write a page; once for all whose page holds the same entries."""
    name = id(page.entries)
    if name not in texts:
        texts[name] = b"".join(_written(entry) for entry in page.entries)
    return Told(texts[name], page.last, page.more, seen)


def _written(entry: Entry) -> bytes:
    return event(entry).encode()
