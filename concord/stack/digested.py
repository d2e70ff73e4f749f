"""Has the hub digested everything? Asked stage by stage, so that the answer holds for the whole.

A stage has digested when its position equals the end of its input; once the stages before it are
done nothing more can come. Positions are the ones that workers and API show as metrics.
"""

from __future__ import annotations

import asyncio
import re
import time

import httpx

from concord.stack.local import LocalHub
from processors.log import Decoder, LogReader

_POSITION = re.compile(
    r'concord_position\{partition="(\d+)",processor="([a-z]+)",topic="([^"]+)"\} (\S+)'
)
_CAUGHT_UP = "concord_projector_caught_up 1.0"
STAGES = (
    ("linkage", ("hub.incident.v1", "hub.link-review.v1")),
    ("repeats", ("hub.entity.v1", "hub.tick.v1")),
    ("tension", ("hub.incident.v1", "hub.tension.v1", "hub.tick.v1")),
)


def positions(text: str) -> dict[tuple[str, str, int], int]:
    """Read positions from a worker's metrics: processor, topic, partition."""
    return {
        (processor, topic, int(partition)): int(float(value))
        for partition, processor, topic, value in _POSITION.findall(text)
    }


async def wait_until_digested(hub: LocalHub, seconds: float = 300.0) -> None:
    """Wait until every stage stands at the end of its input. Raises TimeoutError, ChildFailed."""
    deadline = time.monotonic() + seconds
    for processor, names in STAGES:
        await _wait_for_stage(hub, processor, names, deadline)
    await _wait_for_store(hub, deadline)


async def _positions(hub: LocalHub, client: httpx.AsyncClient) -> dict[tuple[str, str, int], int]:
    found: dict[tuple[str, str, int], int] = {}
    for port in hub.metrics_ports.values():
        found |= positions((await client.get(f"http://127.0.0.1:{port}/metrics")).text)
    return found


async def _wait_for_stage(
    hub: LocalHub, processor: str, names: tuple[str, ...], deadline: float
) -> None:
    settings = hub.settings
    reader = LogReader(settings.connection, names, Decoder(settings.schema_ids()))
    await reader.start(late=True)
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            while True:
                ends = await reader.ends()
                there = await _positions(hub, client)
                if all(there.get((processor, t, p), 0) >= end for (t, p), end in ends.items()):
                    return
                hub.check()
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{processor} has not read all of its input")
                await asyncio.sleep(0.1)
    finally:
        await reader.stop()


async def _wait_for_store(hub: LocalHub, deadline: float) -> None:
    async with httpx.AsyncClient(timeout=5) as client:
        quiet = 0
        while quiet < 3:
            text = (await client.get(f"{hub.settings.public_url}/metrics")).text
            quiet = quiet + 1 if _CAUGHT_UP in text else 0
            hub.check()
            if time.monotonic() > deadline:
                raise TimeoutError("the store has not taken in all of the hub's topics")
            await asyncio.sleep(0.2)
