"""Waking those who wait: the projector says what changed, feeds and waiting requests look again."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakValueDictionary

FEED = "tension-feed"
IN_FEED = frozenset({"tension-signal.v1", "tension-level.v1"})


class Changes:
    """A bell for each kind of record.

    Whoever waits names the count it saw last, so that a ring between looking and waiting counts.
    """

    def __init__(self) -> None:
        self._condition = asyncio.Condition()
        self._rings: dict[str, int] = {}
        self.looks: dict[str, Any] = {}
        """What was last found for each feed, so that subscribers alike share one look."""
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def turn(self, view: str) -> asyncio.Lock:
        """One at a time looks through what changed for a feed; the others find it done."""
        lock = self._turns.get(view)
        if lock is None:
            lock = self._turns[view] = asyncio.Lock()
        return lock

    def seen(self, kind: str) -> int:
        """How often this kind has changed; ask before looking at the store."""
        return self._rings.get(kind, 0)

    async def ring(self, kinds: frozenset[str]) -> None:
        """Tell that these kinds have changed; what is in the feed of tension rings for it too."""
        kinds |= {FEED} if kinds & IN_FEED else set()
        async with self._condition:
            for kind in kinds:
                self._rings[kind] = self._rings.get(kind, 0) + 1
            self._condition.notify_all()

    async def wait(self, kind: str, seen: int, seconds: float) -> bool:
        """Wait until `kind` has changed since `seen`; False after `seconds`."""
        try:
            async with asyncio.timeout(seconds), self._condition:
                await self._condition.wait_for(lambda: self.seen(kind) != seen)
        except TimeoutError:
            return False
        return True
