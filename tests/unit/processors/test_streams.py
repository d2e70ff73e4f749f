"""Batches are acknowledged after they are taken, and not at all if taking fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from processors.streams import BATCH, consume


class FakeEvent:
    """Notes whether it was acknowledged."""

    def __init__(self, number: int) -> None:
        """Not yet."""
        self.number = number
        self.acked = False

    def ack(self) -> None:
        """Acknowledge."""
        self.acked = True


class FakeStream:
    """Gives its events, then waits for more for ever."""

    def __init__(self, count: int) -> None:
        """With so many events."""
        self.given = [FakeEvent(number) for number in range(count)]

    def noack(self) -> FakeStream:
        """As Faust's: events are not acknowledged by reading them."""
        return self

    async def events(self) -> AsyncIterator[FakeEvent]:
        """One after the other."""
        for event in self.given:
            yield event
        await asyncio.Event().wait()


class FakeApp:
    """Notes a crash."""

    def __init__(self) -> None:
        """All is well."""
        self.crashed: BaseException | None = None

    async def crash(self, error: BaseException) -> None:
        """Note it."""
        self.crashed = error


async def consumed(stream: FakeStream, take: Any) -> FakeApp:
    """Consume until everything was handed over and acknowledged, or the worker crashed."""
    app: Any = FakeApp()
    task = asyncio.create_task(consume(app, stream, take))
    async with asyncio.timeout(5):
        while not (task.done() or all(event.acked for event in stream.given)):  # noqa: ASYNC110
            await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return app  # type: ignore[no-any-return]


async def test_events_come_in_order_in_bounded_batches() -> None:
    """None is lost, and no batch is larger than the bound."""
    stream, batches = FakeStream(2 * BATCH + 7), []

    async def take(events: list[Any]) -> None:
        batches.append([event.number for event in events])
        await asyncio.sleep(0)

    await consumed(stream, take)
    assert [number for batch in batches for number in batch] == list(range(2 * BATCH + 7))
    assert max(map(len, batches)) <= BATCH


async def test_nothing_is_acknowledged_before_it_is_taken() -> None:
    """A worker that dies in `take` gets the batch again."""
    stream, states = FakeStream(3), []

    async def take(events: list[Any]) -> None:
        await asyncio.sleep(0)
        states.append([event.acked for event in events])

    await consumed(stream, take)
    assert not any(acked for batch in states for acked in batch)
    assert all(event.acked for event in stream.given)


async def test_a_failure_stops_the_worker_with_nothing_acknowledged() -> None:
    """Rather than passing over the batch."""
    stream = FakeStream(3)

    async def take(_events: list[Any]) -> None:
        raise ValueError

    app = await consumed(stream, take)
    assert isinstance(app.crashed, ValueError)
    assert not any(event.acked for event in stream.given)


@pytest.mark.parametrize("count", [0, 1])
async def test_a_single_event_does_not_wait_for_company(count: int) -> None:
    """It is handed over at once; none at all is no batch."""
    batches: list[int] = []

    async def take(events: list[Any]) -> None:
        batches.append(len(events))

    await consumed(FakeStream(count), take)
    assert batches == [1] * count
