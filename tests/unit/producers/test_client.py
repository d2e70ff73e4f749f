"""The client sends in order, spools when the hub is away, and doubles nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.scenario import generate
from producers.client import HubClient
from producers.onboarding import Onboarding
from producers.records import Event
from producers.spool import Spool
from producers.transport import HubAwayError, HubRefusesError

EVENTS = [Event(one.record, one.value) for one in generate(20, 1).events][:20]
NORTH = Onboarding("north", api_url="http://hub.example", transport="http")


NOTICE = {"notice_id": "ntc_1"}


class FakeHub:
    """A hub in memory that is away when told so, even in the middle of a batch."""

    def __init__(self) -> None:
        self.got: list[Event] = []
        self.away = False
        self.refuses = False
        self.breaks_after: int | None = None

    async def start(self) -> None:
        """Connect, unless away."""
        if self.away:
            raise HubAwayError("connecting: the broker is away")

    async def stop(self) -> None:
        """Nothing to do."""

    async def send(self, events: Sequence[Event]) -> None:
        """Take events until it breaks off."""
        if self.refuses:
            raise HubRefusesError("no")
        for event in events:
            if self.away or self.breaks_after == 0:
                raise HubAwayError("sending: the broker is away")
            if self.breaks_after is not None:
                self.breaks_after -= 1
            self.got.append(event)

    async def receipts(self, *, follow: bool) -> AsyncGenerator[dict[str, Any], None]:
        """A receipt for each event."""
        for event in self.got:
            yield {"event_id": event.event_id, "status": "accepted"}
        if follow:
            await asyncio.Event().wait()

    async def notices(self, *, follow: bool) -> AsyncGenerator[dict[str, Any], None]:
        """One notice."""
        del follow
        yield NOTICE


async def publish(hub: FakeHub, folder: Path, events: Sequence[Event]) -> Any:
    """Publish by a client of its own."""
    async with HubClient(NORTH, transport=hub, spool=Spool(folder)) as client:
        return await client.publish(events)


def distinct(events: Sequence[Event]) -> list[str]:
    """Event ids in the order of first arrival."""
    return list(dict.fromkeys(event.event_id for event in events))


async def test_events_arrive_in_order(tmp_path: Path) -> None:
    """And nothing stays on disk."""
    hub = FakeHub()
    published = await publish(hub, tmp_path, EVENTS)
    assert hub.got == EVENTS
    assert published.event_ids == [event.event_id for event in EVENTS]
    assert (published.spooled, published.away, len(Spool(tmp_path))) == (0, None, 0)


async def test_while_the_hub_is_away_events_wait_and_go_first_later(tmp_path: Path) -> None:
    """Old before new."""
    hub = FakeHub()
    hub.away = True
    published = await publish(hub, tmp_path, EVENTS[:8])
    assert (published.event_ids, published.spooled) == ([], 8)
    assert published.away
    hub.away = False
    await publish(hub, tmp_path, EVENTS[8:])
    assert hub.got == EVENTS
    assert len(Spool(tmp_path)) == 0


@given(st.lists(st.integers(0, 25), max_size=4))
async def test_however_often_the_hub_breaks_off_each_event_arrives_and_is_known_by_one_id(
    tmp_path_factory: pytest.TempPathFactory, breaks: list[int]
) -> None:
    """Resent events have the ids that they had; first arrivals are in order."""
    folder = tmp_path_factory.mktemp("spool")
    hub = FakeHub()
    for number in breaks:
        hub.breaks_after = number
        await publish(hub, folder, EVENTS)
    hub.breaks_after = None
    await publish(hub, folder, EVENTS)
    assert distinct(hub.got) == [event.event_id for event in EVENTS]
    assert len(Spool(folder)) == 0


async def test_a_refusal_is_told_and_not_spooled(tmp_path: Path) -> None:
    """Waiting would not help."""
    hub = FakeHub()
    hub.refuses = True
    with pytest.raises(HubRefusesError):
        await publish(hub, tmp_path, EVENTS)
    assert len(Spool(tmp_path)) == 0


async def test_waiting_for_receipts_ends_when_all_are_there_or_time_is_up(tmp_path: Path) -> None:
    """What came in time is given."""
    hub = FakeHub()
    async with HubClient(NORTH, transport=hub, spool=Spool(tmp_path)) as client:
        published = await client.publish(EVENTS[:3])
        found = await client.wait_for_receipts(published.event_ids, seconds=5)
        assert set(found) == set(published.event_ids)
        some = await client.wait_for_receipts([*published.event_ids, "another"], seconds=0.05)
        assert set(some) == set(published.event_ids)
        assert await client.wait_for_receipts([], seconds=5) == {}


async def test_progress_is_told(tmp_path: Path) -> None:
    """In acknowledged events."""
    told: list[int] = []
    client = HubClient(NORTH, transport=FakeHub(), spool=Spool(tmp_path), progress=told.append)
    await client.publish(EVENTS)
    assert told == [20]


async def test_notices_come_through(tmp_path: Path) -> None:
    """As the transport gives them."""
    async with HubClient(NORTH, transport=FakeHub(), spool=Spool(tmp_path)) as client:
        assert [one async for one in client.notices()] == [NOTICE]
