"""An answer's reference to the ledger tells nothing of what anybody else did, or was sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sharing_api.services import Services
from sharing_api.store import ledger_references
from sharing_api.store.ledger_entries import UNASKED
from sharing_api.webhooks import running
from tests.integration.test_api.twin_hubs import Said, said, twins
from tests.integration.test_api.world import (
    ACCOUNT,
    CASE,
    COORDINATOR,
    MONITOR,
    OFFICER,
    PARTNER,
    STRANGER,
    TAKING_PART,
    TENSION,
    World,
    alert,
    incident,
    policy,
    signal,
)

ROUNDS = 4
COLLEAGUE = {**COORDINATOR, "sub": "a.colleague"}
WATCHING = ({**MONITOR, "sub": "a.colleague"}, MONITOR)
"""Who has a webhook: a colleague, and the asker, as somebody who is shown tension."""
HOOK = {"url": "http://127.0.0.1:9/hook"}
ASKED = (
    (COORDINATOR, CASE, "/v1/alerts"),
    (COORDINATOR, CASE, "/v1/alerts/alt_1"),
    (COORDINATOR, CASE, "/v1/alerts/alt_none"),
    (COORDINATOR, TENSION, "/v1/tension/signals"),
    (PARTNER, TAKING_PART, "/v1/notices"),
    (PARTNER, CASE, "/v1/alerts"),
)
"""The asker's questions, for purposes for which no signal is shown."""


async def others(world: World, number: int) -> None:
    """A signal changes and is sent to whoever watches; a colleague and a stranger ask."""
    await world.put("tension-signal.v1", signal("sig_1", observed=number))
    assert await running.fill(world.services) == len(WATCHING)
    for _ in range(number):
        assert (await world.get("/v1/alerts", COLLEAGUE, CASE)).status_code == 200
        assert (await world.get("/v1/alerts/alt_1", STRANGER, CASE)).status_code == 403


async def heard(world: World, *, busy: bool) -> list[Said]:
    """What the asker is answered."""
    await world.put("hub-incident.v1", incident(world.ring, "inc_a", "Zebedee"))
    await world.put("alert.v1", alert("alt_1", ["inc_a"]))
    for who in WATCHING:
        assert (await world.post("/v1/webhooks", who, TENSION, HOOK)).status_code == 201
    got = []
    for number in range(1, ROUNDS):
        if busy:
            await others(world, number)
        got += [said(await world.get(path, who, stated)) for who, stated, path in ASKED]
    return got


async def both(folder: Path) -> tuple[list[Said], list[Said]]:
    """The answers of two hubs, in one of which others act, and feeds send."""

    async def idle(_services: Services) -> None:
        return

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "run", idle)
        async with twins(folder) as (quiet, busy, engine):
            engine.replace(policy()[0])
            return await heard(quiet, busy=False), await heard(busy, busy=True)


async def test_what_others_do_and_what_feeds_send_moves_no_reference(tmp_path: Path) -> None:
    """Releases, refusals and lists: whole answers are compared."""
    quiet, busy = await both(tmp_path)
    assert {answer[0] for answer in quiet} == {200, 403}
    assert quiet == busy


@pytest.mark.parametrize(
    "counted",
    [
        pytest.param(lambda *_: "everybody", id="all"),
        pytest.param(lambda agency, *_: agency, id="an-agency"),
        pytest.param(lambda agency, actor, *_: f"{agency}.{actor}", id="a-person"),
    ],
)
async def test_a_number_that_counts_more_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: Callable[..., str]
) -> None:
    """All entries, an agency's, or all that stand in a person's name: each would tell."""
    monkeypatch.setattr(ledger_references, "series_of", counted)
    quiet, busy = await both(tmp_path)
    assert quiet != busy


async def test_what_a_feed_sends_is_entered_as_not_asked_for(world: World) -> None:
    """The officer sees by the entry that nobody asked just then; a look at the feed is asked."""
    assert (await world.post("/v1/webhooks", MONITOR, TENSION, HOOK)).status_code == 201
    await world.put("tension-signal.v1", signal("sig_1"))
    await running.fill(world.services)
    assert (await world.get("/v1/tension/feed", MONITOR, TENSION)).status_code == 200
    rows = [row for row in await world.services.ledger.read(limit=100) if row.record_ids]
    *sent, looked = [row.detail.get(UNASKED) for row in rows]
    assert (set(sent), looked) == ({"feed"}, None)
    page = (await world.get("/v1/ledger", OFFICER, ACCOUNT)).json()["items"]
    shown = {one["fields"]["reference"] for one in page}
    assert {row.reference for row in rows} <= shown
    assert not any("sequence" in one["fields"] for one in page)
