"""What befalls others changes no byte of a list: no item, no count, no number, no cursor."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sharing_api import listing
from sharing_api.answers import page
from sharing_api.store import queries
from tests.integration.test_api.affairs import beside, entered, happen, ours, retold
from tests.integration.test_api.twin_hubs import Said, said, twins
from tests.integration.test_api.world import (
    ACCOUNT,
    MONITOR,
    OFFICER,
    PARTNER,
    TAKING_PART,
    TENSION,
    World,
    policy,
)

HUBS = 60
FEED = "/v1/tension/feed"
NOW = datetime.now(UTC)
Heard = tuple[str, Said]
Pair = tuple[Heard, Heard]
Question = tuple[Mapping[str, Any], Mapping[str, str], str, Mapping[str, Any]]
ASKED: tuple[Question, ...] = (
    (PARTNER, TAKING_PART, "/v1/notices", {}),
    (PARTNER, TAKING_PART, "/v1/notices", {"limit": 1}),
    (PARTNER, TAKING_PART, "/v1/notices", {"limit": 2, "status": "open"}),
    (OFFICER, ACCOUNT, "/v1/notices", {"limit": 2}),
    (PARTNER, TAKING_PART, "/v1/lookups", {"limit": 1}),
    (PARTNER, TAKING_PART, "/v1/emergency-requests", {"limit": 1}),
    (OFFICER, ACCOUNT, "/v1/emergency-requests", {"limit": 1}),
    (MONITOR, TENSION, "/v1/tension/signals", {}),
    (MONITOR, TENSION, "/v1/tension/signals", {"limit": 1}),
    (MONITOR, TENSION, "/v1/tension/signals", {"limit": 2, "strand": "race"}),
    (MONITOR, TENSION, "/v1/tension/levels", {}),
    (MONITOR, TENSION, "/v1/tension/levels/history", {}),
    (OFFICER, ACCOUNT, "/v1/ledger", {"limit": 1}),
    (OFFICER, ACCOUNT, "/v1/agreements", {"limit": 1}),
    (PARTNER, TAKING_PART, "/v1/corrections", {"limit": 1}),
    (PARTNER, TAKING_PART, "/v1/receipts", {"limit": 1}),
    (MONITOR, TENSION, FEED, {}),
    (MONITOR, TENSION, FEED, {"limit": 2, "format": "csv"}),
)


async def heard(world: World) -> list[Heard]:
    """All answers of a hub, each list being followed to its end."""
    answers = []
    for who, stated, path, query in ASKED:
        cursor: dict[str, Any] = {}
        while True:
            answer = await world.get(path, who, stated, **query, **cursor)
            answers.append((path, said(answer)))
            body = answer.json() if "json" in answer.headers["content-type"] else {}
            if path == "/v1/ledger" or not body.get("next"):
                break
            cursor = {"cursor": body["next"]}
    return answers


async def pairs(folder: Path, seed: int) -> list[Pair]:
    """What two hubs answer, one of which has seen a lot that concerns others alone."""
    draw = random.Random(seed)
    mine = ours(draw)
    async with twins(folder, lambda: NOW) as (quiet, busy, engine):
        engine.replace(policy()[0])
        await happen(quiet, mine)
        await happen(busy, beside(draw, mine))
        await entered(quiet, "somebody")
        await entered(busy, "somebody.else")
        before = [await heard(quiet), await heard(busy)]
        await happen(busy, retold(draw, mine))
        after = [await heard(quiet), await heard(busy)]
    return [*zip(*before, strict=True), *zip(*after, strict=True)]


def differing(found: list[Pair]) -> list[str]:
    """Where the two hubs answered differently."""
    return [f"{one}\n{other}" for one, other in found if one != other]


async def test_what_befalls_others_changes_no_byte_of_a_list(tmp_path: Path) -> None:
    """Notices, lookups, emergencies, alerts and changes that concern others, in any number."""
    found = await pairs(tmp_path, 2)
    assert sum(one[1][0] == 200 for one, _ in found) > len(ASKED)
    assert differing(found) == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(10, 10 + HUBS))
async def test_nor_for_many(tmp_path: Path, seed: int) -> None:
    """The same for many histories."""
    assert differing(await pairs(tmp_path, seed)) == []


async def test_a_cursor_that_counts_changes_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The property is not vacuous: a cursor over the store's own sequence differs at once."""
    honest = queries.signals
    counted: dict[str, int] = {}

    async def counting(session: Any, *, after: str | None, limit: int) -> Any:
        found = await honest(session, after=after, limit=limit)
        counted.update({one.id: one.place for one in found})
        return found

    monkeypatch.setattr(queries, "signals", counting)

    def leaky(batch: Any, released: Any, next_: str | None, **other: Any) -> Any:
        last = released[-1].record_id if released else ""
        leak = f"{next_}-{counted[last]}" if next_ and last in counted else next_
        return page(batch, released, leak, **other)

    monkeypatch.setattr(listing, "page", leaky)
    draw = random.Random(1)
    async with twins(tmp_path, lambda: NOW) as (quiet, busy, engine):
        engine.replace(policy()[0])
        mine = ours(draw)
        await happen(quiet, mine)
        await happen(busy, beside(draw, mine))
        asked = [
            await world.get("/v1/tension/signals", MONITOR, TENSION, limit=1)
            for world in (quiet, busy)
        ]
    assert said(asked[0]) != said(asked[1])
