"""One peopled hub for the whole session; tests leave it as they found it, or say what they add."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from concord.scenario import generate
from tests.e2e.hubs import Peopled, day_after, hub_for, run_through
from tests.e2e.undisturbed import Course


@pytest.fixture(scope="session")
def county() -> Iterator[Peopled]:
    """A hub that has digested a small county whose every identifying value carries a marker."""
    scenario = generate(160, 7, markers=True)
    with hub_for(scenario) as (hub, session):
        asyncio.run(run_through(session, [scenario.events], day_after(scenario)))
        yield Peopled(hub, session, scenario)


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A county with second thoughts and what the pure core makes of it."""
    return Course.prepare(tmp_path_factory.mktemp("course"))
