"""Waking those who wait: the projector says what changed, feeds and waiting requests look again."""

from __future__ import annotations

import asyncio

FEED = "tension-feed"
STREAMS = "tension-streams"
"""Rings with the feed, and when somebody begins to wait on a stream of it."""
IN_FEED = frozenset({"tension-signal.v1", "tension-level.v1"})


class Changes:
    """A bell for each kind of record.

    Whoever waits names the count it saw last, so that a ring between looking and waiting counts.
    """

    def __init__(self) -> None:
        self._bell = asyncio.Event()
        self._rings: dict[str, int] = {}

    def seen(self, kind: str) -> int:
        """How often this kind has changed; ask before looking at the store."""
        return self._rings.get(kind, 0)

    async def ring(self, kinds: frozenset[str]) -> None:
        """Tell that these kinds have changed; what is in the feed of tension rings for it too."""
        kinds |= {FEED} if kinds & IN_FEED else set()
        kinds |= {STREAMS} if FEED in kinds else set()
        for kind in kinds:
            self._rings[kind] = self._rings.get(kind, 0) + 1
        rung, self._bell = self._bell, asyncio.Event()
        rung.set()

    async def wait(self, kind: str, seen: int, seconds: float) -> bool:
        """Wait until `kind` has changed since `seen`; False after `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while self.seen(kind) == seen:
                    await self._bell.wait()
        except TimeoutError:
            return False
        return True
