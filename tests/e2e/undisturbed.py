"""A county with second thoughts, what the pure core makes of it, and the same through a hub."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from concord.scenario import Event, Scenario, generate
from schemas.keyring import Keyring
from tests.e2e.hubs import day_after, hub_for, published, run_through
from tests.property.whole_core import Standing, run, standing

INCIDENTS = 320  # enough for later versions, retractions, alerts and signals


@dataclass(frozen=True)
class Course:
    """A scenario, the keys of one hub, and what the pure core ends in, all events in order."""

    scenario: Scenario
    keys: Path
    expected: Standing

    @classmethod
    def prepare(cls, folder: Path) -> Course:
        """Make keys in the folder, tell the story and run it through the core."""
        ring = Keyring.create(folder / "keys")
        scenario = generate(INCIDENTS, 7)
        core = run(ring, scenario, scenario.events, day_after(scenario), batch=50)
        return cls(scenario, ring.folder, core.standing())

    def shuffled(self, seed: int) -> list[Event]:
        """The events in another order, a quarter of them twice."""
        chance = random.Random(seed)
        events = self.scenario.events
        order = [*events, *chance.sample(events, len(events) // 4)]
        chance.shuffle(order)
        return order


@dataclass(frozen=True)
class Ended:
    """What a hub ended in."""

    stands: Standing
    receipts: dict[tuple[str, str], Any]
    incidents: list[Any]


def through_a_hub(
    course: Course, folder: Path, batches: list[list[Event]], *, kill: bool = False
) -> Ended:
    """Send the batches through a hub with the course's keys; gives what it ends in.

    With `kill` the worker dies by SIGKILL after the first batch was sent and is started again.
    """
    folder.mkdir()
    shutil.copytree(course.keys, folder / "keys")
    with hub_for(course.scenario, folder) as (hub, session):
        killed: list[int] = []

        def disturb() -> None:
            if kill and not killed:
                worker = hub.child("worker-all")
                killed.append(worker.pid)
                worker.kill()
                hub.start_worker("all")

        as_of = day_after(course.scenario)
        receipts = asyncio.run(run_through(session, batches, as_of, disturb))
        outputs = asyncio.run(session.outputs())
        assert len(killed) == int(kill)
    stands = standing(outputs.entities.values(), outputs.alerts.values(), outputs.signals.values())
    return Ended(stands, receipts, list(outputs.incidents.values()))


def assert_same(course: Course, ended: Ended, events: Iterable[Event]) -> None:
    """The same bytes stand; every event has a receipt, every incident is there once."""
    assert course.expected["alerts"]
    assert course.expected["signals"]
    for kind, wanted in course.expected.items():
        found = ended.stands[kind]
        differing = {k for k in wanted.keys() | found.keys() if wanted.get(k) != found.get(k)}
        assert differing == set(), f"{kind}: {len(differing)} of {len(wanted)} differ"
    assert len(ended.receipts) == published(events)
    assert {receipt["status"] for receipt in ended.receipts.values()} == {"accepted"}
    assert len(ended.incidents) == INCIDENTS
