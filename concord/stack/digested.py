"""Has the hub digested everything? Asked stage by stage, so that the answer holds for the whole.

A stage has digested when its position equals the end of its input; once the stages before it are
done nothing more can come. Positions are the ones that workers and API show as metrics.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

import httpx

from concord.settings import Settings
from processors.log import Decoder, LogReader

_POSITION = re.compile(
    r'concord_position\{partition="(\d+)",processor="([a-z]+)",topic="([^"]+)"\} (\S+)'
)
STAGES = (
    ("linkage", ("hub.incident.v1",)),
    ("repeats", ("hub.entity.v1", "hub.tick.v1")),
    ("tension", ("hub.tension.v1", "hub.tick.v1")),
)


def positions(text: str) -> dict[tuple[str, str, int], int]:
    """Read positions from a worker's metrics: processor, topic, partition."""
    return {
        (processor, topic, int(partition)): int(float(value))
        for partition, processor, topic, value in _POSITION.findall(text)
    }


async def wait_until_digested(
    settings: Settings, seconds: float = 300.0, check: Callable[[], None] = lambda: None
) -> None:
    """Wait until every stage stands at the end of its input. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    for processor, names in STAGES:
        await _wait_for_stage(settings, processor, names, deadline, check)
    await _wait_for_store(settings, deadline, check)


async def _wait_for_stage(
    settings: Settings,
    processor: str,
    names: tuple[str, ...],
    deadline: float,
    check: Callable[[], None],
) -> None:
    reader = LogReader(settings.connection, names, Decoder(settings.schema_ids()))
    await reader.start()
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            url = f"http://127.0.0.1:{settings.metrics_port}/metrics"
            while True:
                ends = await reader.ends()
                there = positions((await client.get(url)).text)
                if all(there.get((processor, t, p), 0) >= end for (t, p), end in ends.items()):
                    return
                check()
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{processor} has not read all of its input")
                await asyncio.sleep(0.1)
    finally:
        await reader.stop()


async def _wait_for_store(settings: Settings, deadline: float, check: Callable[[], None]) -> None:
    async with httpx.AsyncClient(timeout=5) as client:
        quiet = 0
        while quiet < 2:
            answer = (await client.get(f"{settings.public_url}/readyz")).json()
            lag = answer["checks"]["projector"].get("lag")
            quiet = quiet + 1 if lag == 0 else 0
            check()
            if time.monotonic() > deadline:
                raise TimeoutError("the store has not taken in all of the hub's topics")
            await asyncio.sleep(0.15)
