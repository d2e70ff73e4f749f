"""Signals, their feed and counts over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from sharing_api.auth.requests import Stated
from sharing_api.feeds.streaming import SignalFeed
from sharing_api.filters import SignalFilter
from sharing_api.release import Asker
from tests.integration.test_api.world import MONITOR, STRANGER, TENSION, World, item, signal


def feed(world: World) -> SignalFeed:
    """A monitor's feed of all signals."""
    asker = Asker("a.person", MONITOR["agency"], MONITOR["agency_type"], MONITOR["role"])
    return SignalFeed(
        world.services, asker, Stated("tension-monitoring", None, None), SignalFilter()
    )


async def take(events: AsyncIterator[bytes], count: int) -> list[dict[str, Any]]:
    """The next so many events, as a client reads them."""
    out: list[dict[str, Any]] = []
    async with asyncio.timeout(10):
        while len(out) < count:
            for block in (await anext(events)).decode().split("\r\n\r\n"):
                lines = [line for line in block.splitlines() if line and line[0] != ":"]
                told = dict(line.split(": ", 1) for line in lines)
                if "data" in told:
                    out.append({**told, "data": json.loads(told["data"])})
    return out


async def test_a_monitor_sees_counts_but_not_who_reported(world: World) -> None:
    """The agreement releases the count and withholds the agencies."""
    await world.put("tension-signal.v1", signal("sig_1"))
    answer = await world.get("/v1/tension/signals", MONITOR, TENSION)
    (only,) = answer.json()["items"]
    assert only["fields"]["observed"] == 5
    assert "agencies" not in only["fields"]


async def test_a_stranger_is_refused_whether_or_not_there_is_anything(world: World) -> None:
    """The refusal says nothing about what the store holds."""
    empty = await world.get("/v1/tension/signals", STRANGER, TENSION)
    await world.put("tension-signal.v1", signal("sig_1"))
    filled = await world.get("/v1/tension/signals", STRANGER, TENSION)
    assert empty.status_code == 403
    assert empty.json() | {"ledger_reference": ""} == filled.json() | {"ledger_reference": ""}


async def test_a_resumed_feed_tells_each_change_once_and_in_order(world: World) -> None:
    """A client that is cut off after every event, and comes back with its last id."""
    seen: list[tuple[int, int]] = []
    last = 0
    for turn in range(12):
        await world.put("tension-signal.v1", signal(f"sig_{turn % 3}", observed=turn))
        await world.put("tension-signal.v1", signal(f"sig_{turn % 3}", observed=turn))
        events = feed(world).events(last)
        (told,) = await take(events, 1)
        await events.aclose()  # type: ignore[attr-defined]
        last = int(told["id"])
        seen.append((last, told["data"]["fields"]["observed"]))
    assert [observed for _, observed in seen] == list(range(12))
    assert [number for number, _ in seen] == sorted({number for number, _ in seen})


async def test_a_waiting_feed_wakes_when_the_store_changes(world: World) -> None:
    """No polling interval lies between projection and subscriber."""
    events = feed(world).events(0)
    waiting = asyncio.ensure_future(take(events, 1))
    await asyncio.sleep(0)
    await world.put("tension-signal.v1", signal("sig_1"))
    async with asyncio.timeout(1.5):
        (told,) = await waiting
    assert told["event"] == "signal"
    await events.aclose()  # type: ignore[attr-defined]


async def test_a_removed_signal_comes_as_a_tombstone_without_its_content(world: World) -> None:
    """The feed says that it is gone; the list does not show it."""
    await world.put("tension-signal.v1", signal("sig_1"))
    await world.put("tension-signal.v1", removed=["sig_1"])
    (told,) = await take(feed(world).events(0), 1)
    assert (told["event"], told["data"]["fields"]) == ("removed", {"signal_id": "sig_1"})
    assert (await world.get("/v1/tension/signals", MONITOR, TENSION)).json()["items"] == []


async def test_counts_add_up_by_area_strand_and_month(world: World) -> None:
    """An item with two strands is under both and once in the total; retracted ones nowhere."""
    await world.put(
        "tension-item.v1",
        item("a"),
        item("b", strands=["race", "religion"]),
        item("c", strands=[], district="D2"),
        item("d", retracted=True),
        item("e", source="report"),
    )
    answer = await world.get("/v1/tension/counts", MONITOR, TENSION)
    cells = {(c["area"], c["strand"], c["month"]): c["count"] for c in answer.json()["items"]}
    assert cells == {
        ("D1", "all", "2026-03"): 2,
        ("D1", "race", "2026-03"): 2,
        ("D1", "religion", "2026-03"): 1,
        ("D2", "all", "2026-03"): 1,
    }
    county = await world.get(
        "/v1/tension/counts",
        MONITOR,
        TENSION,
        area_level="county",
        strands="total",
        months="total",
    )
    assert [(c["area"], c["month"], c["count"]) for c in county.json()["items"]] == [
        ("all", "all", 3)
    ]


async def test_counts_page_through_to_the_same_cells(world: World) -> None:
    """Small pages give what one large page gives."""
    for n in range(9):
        await world.put("tension-item.v1", item(f"i{n}", district=f"D{n % 3}", ward=f"W{n}"))
    whole = (await world.get("/v1/tension/counts", MONITOR, TENSION)).json()["items"]
    seen: list[Any] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = await world.get("/v1/tension/counts", MONITOR, TENSION, limit=2, **cursor)
        seen += answer.json()["items"]
        if answer.json()["next"] is None:
            break
        cursor = {"cursor": answer.json()["next"]}
    assert seen == whole
