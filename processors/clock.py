"""The hub's clock: writes the time onto the log, so that windows lapse for everybody alike."""

from __future__ import annotations

from datetime import UTC, datetime

from processors.publisher import Publisher

TOPIC = "hub.tick.v1"
KEY = "clock"


async def tick(publisher: Publisher, as_of: datetime | None = None) -> None:
    """Write a tick: now, or the given aware moment."""
    moment = as_of or datetime.now(UTC)
    await publisher.send(TOPIC, KEY, {"as_of": moment.replace(microsecond=0)})
    await publisher.flush()
