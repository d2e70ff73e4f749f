"""Which of several workers of one processor publishes.

Faust's consumer group gives the one partition of a topic to one worker at a time; that worker
publishes. The others follow the log as it does, publish nothing, and take over when the group gives
the partition to one of them.
"""

from __future__ import annotations

from typing import Any

import faust

from processors.streams import raw_topic


class Lease:
    """Held while the group gives this worker the topic's partition."""

    def __init__(self, app: faust.App, holder: str, topic: str) -> None:
        """Subscribe the app to the topic, in the name of `holder`."""
        self._topic = topic
        self._term = 0
        self._held = False
        app.on_partitions_assigned.connect(self._assigned)
        app.on_partitions_revoked.connect(self._revoked)
        app.agent(raw_topic(app, topic), name=f"{holder}.{topic}")(_drain)

    @property
    def term(self) -> int | None:
        """Number of the present term, another one after each rebalance; None while not held."""
        return self._term if self._held else None

    async def _assigned(self, *told: Any, **_: Any) -> None:
        partitions = told[-1]  # after the app
        self._held = any(each.topic == self._topic for each in partitions)
        self._term += 1

    async def _revoked(self, *_: Any, **__: Any) -> None:
        self._held = False


async def _drain(stream: Any) -> None:
    """Acknowledge what is on the topic: whoever wants to know reads it from the log."""
    async for _event in stream:
        pass
