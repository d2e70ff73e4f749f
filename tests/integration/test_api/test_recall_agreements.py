"""A narrowed or withdrawn agreement calls back what it released; one that ended does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from policies import agreements, bundle
from policies.embedded import RegorusEngine
from tests.integration.test_api.test_recall import disclosed, look, sent
from tests.integration.test_api.world import COORDINATOR, World, opened

PARTNERSHIP = "cmarac-partnership"


@pytest.fixture
async def governed(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """A hub whose engine is its own, so that agreements can change."""
    engine = RegorusEngine(bundle.build())
    async with opened(tmp_path, database_url, engine=engine) as world:
        await disclosed(world, COORDINATOR)
        await look(world)
        assert sent(world) == []
        yield world


def in_force(world: World, changed: list[dict[str, Any]]) -> None:
    """Put other agreements in force, in the engine and in what the API lists."""
    made = bundle.assemble(changed)
    world.services.policy.replace(made)  # type: ignore[attr-defined]
    world.services.parts = replace(
        world.services.parts, agreements=lambda: changed, bundle=lambda: made
    )


def current() -> list[dict[str, Any]]:
    """The agreements as shipped, to be changed."""
    return [deepcopy(dict(one)) for one in agreements.load()]


async def test_a_field_taken_out_is_called_back_alone(governed: World) -> None:
    """The rest of what was released stays permitted."""
    changed = current()
    for one in changed:
        for clause in one["clauses"]:
            clause["items"].get("alert", {}).pop("victim_name", None)
    in_force(governed, changed)
    assert await look(governed) == 1
    (notice,) = sent(governed)
    assert (notice["fact"], notice["fields"]) == ("agreement-narrowed", ["victim_name"])


async def test_a_withdrawn_agreement_calls_back_all(governed: World) -> None:
    """Once, however often it is looked at."""
    in_force(governed, [one for one in current() if one["id"] != PARTNERSHIP])
    assert await look(governed) == 1
    assert await look(governed) == 0
    (notice,) = sent(governed)
    assert (notice["fact"], notice["action"]) == ("agreement-withdrawn", "stop-use")
    assert "victim_name" in notice["fields"]


async def test_another_wording_calls_nothing_back(governed: World) -> None:
    """What is released has not changed."""
    changed = current()
    for one in changed:
        one["title"] += " (revised)"
    in_force(governed, changed)
    assert await look(governed) == 0


async def test_an_agreement_that_ended_in_its_time_calls_nothing_back(governed: World) -> None:
    """Its retention goes on; it is gone from what is in force after its last day."""
    (ended,) = [one for one in current() if one["id"] == PARTNERSHIP]
    after = datetime.fromisoformat(f"{ended['ends']}T00:00:00+00:00").replace(tzinfo=UTC)
    in_force(governed, [one for one in current() if one["id"] != PARTNERSHIP])
    assert await look(governed, after.replace(year=after.year + 1)) == 0


async def test_until_the_engine_follows_nothing_is_concluded(governed: World) -> None:
    """An engine with yesterday's bundle would find nothing lost, for good."""
    remaining = [one for one in current() if one["id"] != PARTNERSHIP]
    world, engine = governed, governed.services.policy
    in_force(world, remaining)
    engine.replace(bundle.build())  # type: ignore[attr-defined]
    assert await look(world) == 0
    engine.replace(bundle.assemble(remaining))  # type: ignore[attr-defined]
    assert await look(world) == 1
