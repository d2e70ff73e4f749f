"""Running hubs to test against: the command line, one peopled hub, and what stands in it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from concord.askers import Client, Person
from concord.scenario import Event, Scenario
from concord.session import Message, Session
from concord.stack.embedded import EmbeddedHub
from concord.stack.local import LocalHub

ROOT = Path(__file__).parents[2]

COORDINATOR = Person(
    "coordinator", "hallowby-council", "council", "cmarac-coordinator", "cmarac-case"
)
HOUSING = Person("housing", "oakline-homes", "housing", "housing-officer", "tenancy-support")
MONITOR = Person("monitor", "bracken-police", "police", "tension-monitor", "tension-monitoring")
OFFICER = Person(
    "officer", "hallowby-council", "council", "hub-governance-officer", "accountability"
)
TEACHER = Person("teacher", "lantern-schools", "school", "pastoral-lead", "cmarac-case")
PARTNER = Person("partner", "oakline-homes", "housing", "partner", "participation")


def concord(
    *arguments: str, environment: Mapping[str, str] | None = None, seconds: float = 200
) -> subprocess.CompletedProcess[str]:
    """Run a command of the program to its end, with no setting but the given ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONCORD_")}
    return subprocess.run(
        [sys.executable, "-m", "concord", *arguments],
        env={**kept, "PYTHONPATH": str(ROOT), **(environment or {})},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def only_object(done: subprocess.CompletedProcess[str]) -> Any:
    """What a command printed, which is one JSON object on one line and nothing else."""
    lines = done.stdout.splitlines()
    assert len(lines) == 1, done.stdout + done.stderr
    return json.loads(lines[0])


@dataclass(frozen=True)
class Peopled:
    """A running hub with a scenario in it, taken in and digested."""

    hub: EmbeddedHub
    session: Session
    scenario: Scenario

    @property
    def url(self) -> str:
        """Where its API is."""
        return self.hub.settings.public_url

    def client(self, person: Person) -> Client:
        """A person's connection to the API."""
        return Client(self.url, person)


@contextmanager
def hub_for(
    scenario: Scenario,
    folder: Path | None = None,
    workers: tuple[tuple[str, ...], ...] = (("all",),),
) -> Iterator[tuple[EmbeddedHub, Session]]:
    """An embedded hub with the scenario's agencies and nothing else in it yet."""
    sessions: list[Session] = []

    def furnish(local: LocalHub) -> None:
        session = Session(local)
        asyncio.run(session.add_agencies((a.id, a.name, a.type) for a in scenario.agencies))
        sessions.append(session)

    impatient = {"wait_max_seconds": 0.3}  # nobody here means to wait for what will not come
    with EmbeddedHub(impatient, folder=folder, furnish=furnish, workers=workers) as hub:
        yield hub, sessions[0]


def messages(session: Session, events: Iterable[Event]) -> list[Message]:
    """The events as their agencies sign and send them."""
    return [session.message(event.record, event.value) for event in events]


def published(events: Iterable[Event]) -> int:
    """How many receipts the events must get: one for each agency and event id."""
    return len({(event.value["agency"], event.value["event_id"]) for event in events})


async def run_through(
    session: Session,
    batches: Sequence[Sequence[Event]],
    as_of: datetime,
    between: Callable[[], None] = lambda: None,
) -> dict[tuple[str, str], Any]:
    """Send batch after batch, with `between` after each; wait until all is digested.

    Gives the receipts by agency and event id.
    """
    for batch in batches:
        await session.send(messages(session, batch))
        between()
    receipts = await session.receipts(published(event for batch in batches for event in batch))
    await session.tick(as_of)
    await session.digested()
    return receipts


def day_after(scenario: Scenario) -> datetime:
    """The moment at which a scenario's alerts and signals are looked at."""
    return datetime.combine(scenario.until, datetime.min.time(), UTC) + timedelta(days=1)
