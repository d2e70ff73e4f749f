"""A hub whose courier goes when it is told to, a clock likewise, and a partner's receiver."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from sharing_api.webhooks import running
from tests.integration.test_api.world import MONITOR, TENSION, World, opened


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime.now().astimezone()

    def __call__(self) -> datetime:
        """The time."""
        return self.now


class Receiver:
    """A partner's receiver: keeps what it accepted; `status` is what it answers."""

    def __init__(self) -> None:
        self.accepted: list[httpx.Request] = []
        self.attempts = 0
        self.status = 204

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.attempts += 1
        if self.status < 300:
            self.accepted.append(request)
        return httpx.Response(self.status)

    def sequences(self) -> list[int]:
        """Numbers of the feed in the order in which they were accepted."""
        return [json.loads(each.content)["data"]["sequence"] for each in self.accepted]


class Hub:
    """A world, a clock, a receiver, and a courier between them."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.receiver = Receiver()

    async def subscribe(self, **other: Any) -> dict[str, Any]:
        """A monitor's subscription."""
        body = {"url": "http://127.0.0.1:9/hook", **other}
        answer = await self.world.post("/v1/webhooks", MONITOR, TENSION, body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def go(self) -> int:
        """One look: fill and deliver."""
        await running.fill(self.world.services)
        async with httpx.AsyncClient(transport=httpx.MockTransport(self.receiver)) as client:
            return await running.courier_of(self.world.services, client).deliver()


@asynccontextmanager
async def quiet_hub(
    folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Hub]:
    """An opened hub whose own courier stays at home."""

    async def idle(_services: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(running, "run", idle)
    clock = Clock()
    async with opened(folder, database_url, clock=clock) as world:
        yield Hub(world, clock)
