"""What the API publishes, kept instead of sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from sharing_api.services import Outgoing, PublisherAway


@dataclass
class FakePublisher:
    """Keeps what is published; `away` makes it fail, as does a topic that is `missing`."""

    sent: list[Outgoing] = field(default_factory=list)
    away: bool = False
    missing: set[str] = field(default_factory=set)
    published: asyncio.Event = field(default_factory=asyncio.Event)

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Keep the messages."""
        if self.away or self.missing & {one.topic for one in messages}:
            raise PublisherAway
        self.sent += messages
        self.published.set()
