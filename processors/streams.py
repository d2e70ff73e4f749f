"""Faust streams in batches: as many events as are there, and one at once when there is only one.

Faust's own `take` either acknowledges a batch whose body failed or polls a timer; here the events
wait in a bounded queue, and are acknowledged after `take` has returned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import faust

BATCH = 500
"""Events handed over at once at most."""

Take = Callable[[list[Any]], Awaitable[None]]


def raw_topic(app: faust.App, name: str) -> Any:
    """Give a Faust topic whose keys and values stay bytes."""
    return app.topic(
        name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )


async def consume(app: faust.App, stream: Any, take: Take) -> None:
    """Hand the stream's events to `take` in batches, for ever.

    If `take` raises, the worker stops with an error, nothing of the batch acknowledged: a
    supervisor starts it again and the batch comes back.
    """
    queue: asyncio.Queue[Any] = asyncio.Queue(2 * BATCH)

    async def pump() -> None:
        async for event in stream.noack().events():
            await queue.put(event)

    pumping = asyncio.create_task(pump())
    try:
        while True:
            events = [await queue.get()]
            while len(events) < BATCH and not queue.empty():
                events.append(queue.get_nowait())
            await take(events)
            for event in events:
                event.ack()
    except asyncio.CancelledError:
        raise
    except Exception as error:
        await app.crash(error)
        raise
    finally:
        pumping.cancel()
