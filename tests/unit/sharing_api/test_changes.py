"""Waking those who wait."""

from __future__ import annotations

import asyncio

from sharing_api.feeds.changes import Changes


async def test_a_change_between_looking_and_waiting_is_not_lost() -> None:
    """Whoever waits names what it saw."""
    changes = Changes()
    seen = changes.seen("alert.v1")
    await changes.ring(frozenset({"alert.v1"}))
    assert await changes.wait("alert.v1", seen, 0.01)


async def test_only_the_kind_that_is_waited_for_wakes() -> None:
    """Others let it sleep until its time is up."""
    changes = Changes()
    waiting = asyncio.ensure_future(changes.wait("alert.v1", 0, 0.02))
    await asyncio.sleep(0)
    await changes.ring(frozenset({"receipt.v1"}))
    assert not await waiting
