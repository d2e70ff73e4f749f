"""Searching the ledger reads little, finds the same, and tells nothing by how much it reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from policies.agreements import load
from policies.bundle import assemble
from policies.embedded import RegorusEngine
from sharing_api.routes import ledger as route
from sharing_api.store.ledger import LedgerEntry
from sharing_api.store.ledger_search import ANY
from tests.integration.test_api.world import ACCOUNT, OFFICER, World, opened

HUB_OFFICER = {"agency": "hub", "agency_type": "operator", "role": "hub-governance-officer"}
OWN = OFFICER["agency"]
START = datetime(2026, 5, 1, tzinfo=UTC)
ENTRIES = 60
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"agency": OWN},
    {"agency": "other-agency"},
    {"for_purpose": "rare"},
    {"operation": "erasure"},
    {"decision": "refuse"},
    {"record": "rec_7"},
    {"record": "rec_7", "for_purpose": "often"},
    {"since": "2026-05-01T00:30:00.500Z", "until": "2026-05-01T00:40:00Z"},
    {"until": "1900-01-01T00:00:00Z"},
    {"since": "9999-12-31T23:59:59-23:00"},
    {"until": "0001-01-01T00:00:00+23:00"},
)


def entries() -> list[LedgerEntry]:
    """Some of each sort, by two agencies."""
    return [
        LedgerEntry(
            operation="erasure" if number % 20 == 3 else "disclosure",
            actor="u1",
            agency=OWN if number % 3 else "other-agency",
            purpose="rare" if number % 25 == 1 else "often",
            decision="refuse" if number % 11 == 5 else "permit",
            record_ids=(f"rec_{number % 10}", f"rec_{number % 10}", "rec_all"),
            at=START + timedelta(minutes=number),
        )
        for number in range(ENTRIES)
    ]


@pytest.fixture
async def kept(world: World) -> World:
    """A hub with entries."""
    await world.services.ledger.append_all(entries())
    return world


async def found(world: World, who: Any, **query: Any) -> list[int]:
    """Places of the entries that a search gives, page after page."""
    numbers: list[int] = []
    ledger = world.services.ledger
    cursor = None
    while True:
        given = {**query, "limit": 7, **({"cursor": cursor} if cursor else {})}
        answer = await world.get("/v1/ledger", who, ACCOUNT, **given)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        there = [await ledger.place(item["fields"]["reference"]) for item in body["items"]]
        numbers += [place for place in there if place is not None]
        cursor = body["next"]
        if cursor is None or len(numbers) > ENTRIES:
            return [number for number in numbers if number <= ENTRIES]


class Counting:
    """Reads the ledger and counts the rows."""

    def __init__(self, ledger: Any) -> None:
        """`ledger` is the real one."""
        self._read = ledger.read
        self.rows = 0

    async def __call__(self, *given: Any, **named: Any) -> Any:
        """Read."""
        rows = await self._read(*given, **named)
        self.rows += len(rows)
        return rows


@pytest.mark.parametrize("who", [HUB_OFFICER, OFFICER], ids=["hub", "agency"])
async def test_a_search_finds_what_reading_everything_would(
    kept: World, monkeypatch: pytest.MonkeyPatch, who: Any
) -> None:
    """For every filter, alone and together."""
    narrowed = [await found(kept, who, **each) for each in FILTERS]

    async def everything(*_: Any) -> Any:
        return ANY

    monkeypatch.setattr(route, "_sought", everything)
    assert narrowed == [await found(kept, who, **each) for each in FILTERS]
    assert sum(map(bool, narrowed)) >= len(FILTERS) - 5


async def test_a_search_reads_no_more_than_it_gives(
    kept: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor entries of others, where the asker could not see any."""
    await kept.services.ledger.append_all(entries() * 20)
    for who, query, most in (
        (HUB_OFFICER, {"record": "rec_7", "for_purpose": "rare"}, 60),
        (HUB_OFFICER, {"since": "2030-01-01T00:00:00Z", "until": "2031-01-01T00:00:00Z"}, 0),
        (OFFICER, {"agency": "other-agency"}, 0),
        (OFFICER, {"for_purpose": "rare"}, 60),
    ):
        counting = Counting(kept.services.ledger)
        with monkeypatch.context() as patched:
            patched.setattr(kept.services.ledger, "read", counting)
            answer = await kept.get("/v1/ledger", who, ACCOUNT, **query, limit=50)
        assert answer.status_code == 200, answer.text
        assert counting.rows <= most, query


@pytest.fixture
async def discreet(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """A hub whose officers are not shown for which purpose an entry was made."""
    agreements = deepcopy([dict(one) for one in load()])
    for one in agreements:
        for clause in one["clauses"]:
            clause["items"].get("ledger", {}).pop("purpose", None)
    engine = RegorusEngine(assemble(agreements))
    async with opened(tmp_path, database_url, engine=engine) as made:
        await made.services.ledger.append_all(entries())
        yield made


async def test_by_what_an_asker_is_not_shown_nothing_is_sought(
    discreet: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read, whether there are such entries or not."""
    read = []
    for purpose in ("rare", "often", "never"):
        counting = Counting(discreet.services.ledger)
        with monkeypatch.context() as patched:
            patched.setattr(discreet.services.ledger, "read", counting)
            answer = await discreet.get("/v1/ledger", HUB_OFFICER, ACCOUNT, for_purpose=purpose)
        assert answer.json()["items"] == []
        read.append(counting.rows)
    assert read == [0, 0, 0]


async def test_a_period_that_ends_before_it_begins_is_refused(kept: World) -> None:
    """With the parameter's name and what would be accepted."""
    period = {"since": "2026-05-02T00:00:00Z", "until": "2026-05-01T00:00:00Z"}
    answer = await kept.get("/v1/ledger", OFFICER, ACCOUNT, **period)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "query.until", "rule": "a moment after `since`"}]
