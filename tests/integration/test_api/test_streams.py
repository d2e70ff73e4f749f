"""Live streams: many together, each under an entry of their own, none longer than they may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey

from policies.agreements import load
from policies.bundle import assemble
from policies.embedded import RegorusEngine
from sharing_api.auth import standing
from sharing_api.auth.requests import Stated
from sharing_api.auth.standing import Standing
from sharing_api.feeds.streaming import SignalFeed
from sharing_api.filters import SignalFilter
from sharing_api.release import Asker, GateClosed
from sharing_api.services import utc_now
from sharing_api.store.ledger import Ledger, LedgerUnavailable
from tests.integration.test_api.world import MONITOR, World, agency, opened, signal

STATED = Stated("tension-monitoring", None, None)


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[World]:
    """A hub whose agreements can be replaced, and whose clock can be set."""
    engine = RegorusEngine(assemble(load()))
    async with opened(tmp_path, f"sqlite:///{tmp_path}/hub.db", engine=engine) as world:
        yield world


def asker(number: int = 0) -> Asker:
    """One monitor of several at two councils."""
    return Asker(f"u-{number}", f"council-{number % 2}", "council", MONITOR["role"])


def stream(world: World, who: Asker, **terms: Any) -> AsyncIterator[bytes]:
    """Their stream of everything."""
    return SignalFeed(world.services, who, STATED, SignalFilter(), **terms).events(0)


async def begun(events: AsyncIterator[bytes]) -> asyncio.Future[bytes]:
    """Take the greeting, and begin to wait."""
    assert b"concord tension feed" in await anext(events)
    return asyncio.ensure_future(anext(events))


async def ended(waiting: asyncio.Future[bytes]) -> bool:
    """Whether the stream ends rather than telling anything."""
    async with asyncio.timeout(20):
        try:
            await waiting
        except StopAsyncIteration:
            return True
    return False


async def test_all_who_wait_are_told_at_once_each_under_their_own_entry(hub: World) -> None:
    """Twenty persons of two councils: one text, twenty entries, in the ledger before it leaves."""
    streams = [stream(hub, asker(number)) for number in range(20)]
    waiting = [await begun(each) for each in streams]
    await hub.put("tension-signal.v1", signal("sig_1"))
    async with asyncio.timeout(20):
        told = await asyncio.gather(*waiting)
    assert len(set(told)) == 1
    rows = await hub.services.ledger.read(limit=100)
    assert sorted(row.actor for row in rows) == sorted(f"u-{number}" for number in range(20))
    assert {(row.operation, row.record_ids) for row in rows} == {("disclosure", ("sig_1",))}
    assert len({row.input_digest for row in rows}) == 20
    waiting = [asyncio.ensure_future(anext(each)) for each in streams]
    await hub.put("tension-signal.v1", removed=["sig_1"])
    async with asyncio.timeout(20):
        told = await asyncio.gather(*waiting)
    assert b"event: removed" in told[0]
    assert await hub.services.ledger.size() == 40, "a tombstone has its entry too"
    assert (await hub.services.ledger.verify()).fault is None


async def test_an_agreement_that_ends_ends_open_streams_with_nothing_told(hub: World) -> None:
    """Not even that something went away."""
    await hub.put("tension-signal.v1", signal("sig_1"))
    events = stream(hub, asker())
    first = await begun(events)
    assert b"sig_1" in await first
    waiting = asyncio.ensure_future(anext(events))
    hub.services.policy.replace(assemble([]))  # type: ignore[attr-defined]
    await hub.put("tension-signal.v1", removed=["sig_1"])
    assert await ended(waiting)
    assert [row.decision for row in await hub.services.ledger.read()] == ["permit", "refuse"]


async def test_a_suspended_agency_is_told_nothing_more(
    hub: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their stream ends by itself; the other council's goes on and is told what comes then."""
    monkeypatch.setattr("sharing_api.services.AGENCY_SECONDS", 0.0)
    held = [Standing(hub.services, asker(n), "", 2e9) for n in range(2)]
    streams = [stream(hub, asker(n), holds=held[n].holds) for n in range(2)]
    waiting = [await begun(each) for each in streams]
    await hub.put("agency.v1", agency("council-0", status="suspended"))
    assert await ended(waiting[0])
    await hub.put("tension-signal.v1", signal("sig_1"))
    assert b"sig_1" in await waiting[1]
    assert {row.agency for row in await hub.services.ledger.read()} == {"council-1"}


async def test_a_stream_ends_with_its_token_and_with_the_key_that_signed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the route's own way of knowing; a token that another key signed is none."""
    now = [utc_now()]

    def clock() -> datetime:
        return now[0]

    async with opened(tmp_path, f"sqlite:///{tmp_path}/hub.db", clock=clock) as world:
        issuer = world.services.issuer
        assert issuer is not None
        token = issuer.token({"sub": "u-0", **MONITOR})
        claims = await world.services.verifier.claims(token)
        who = Asker("u-0", MONITOR["agency"], MONITOR["agency_type"], MONITOR["role"])
        given = Standing(world.services, who, token, claims["exp"])
        assert await given.holds()
        monkeypatch.setattr(standing, "AGAIN_SECONDS", 0.0)
        assert await given.holds()
        assert not await Standing(world.services, replace(who, role="x"), token, 2e9).holds()
        waiting = await begun(stream(world, who, holds=given.holds))
        now[0] += timedelta(hours=9)
        await world.put("tension-signal.v1", signal("sig_1"))
        assert await ended(waiting)
        assert await world.services.ledger.size() == 0
        now[0] -= timedelta(hours=9)
        another = ECKey.generate_key("P-256", {"use": "sig", "kid": "development"})
        monkeypatch.setattr(issuer, "_key", another)
        assert not await given.holds()


async def test_a_ledger_that_fails_tells_nobody_anything_and_the_number_is_not_lost(
    hub: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The streams break off; whoever comes back has it."""

    async def failing(_self: Ledger, _entries: Any) -> list[int]:
        raise LedgerUnavailable

    waiting = [await begun(stream(hub, asker(number))) for number in range(3)]
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "append_all", failing)
        await hub.put("tension-signal.v1", signal("sig_1"))
        for each in waiting:
            with pytest.raises(GateClosed):
                await each
    assert await hub.services.ledger.size() == 0
    assert b"sig_1" in await (await begun(stream(hub, asker())))
