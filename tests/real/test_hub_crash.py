"""Workers that die by SIGKILL while events flow: nothing is lost, nothing doubled, nothing differs.

Reference is the pure core with the same keys. The broker is real; engine and store are embedded.
The same at any size, with the linkage worker killed ten times: `python -m tests.real.crash`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from concord.scenario import Scenario, generate
from concord.session import Message, Session
from tests.e2e.hubs import day_after, messages
from tests.property.whole_core import standing
from tests.real.crash import (
    Undisturbed,
    Written,
    crashing_hub,
    differing,
    entity_topics,
    keys_of,
    killed,
    receipt_topics,
    receipts_given,
    unsealed,
)

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(480)]

INCIDENTS = 5_000
SEED = 11
INTAKE = "intake"
LINKAGE = "linkage-repeats-tension"
COURSE = ((INTAKE,), (LINKAGE,), (INTAKE, LINKAGE))
"""Who is killed, time after time, each in the midst of a third of the events."""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Five thousand incidents, some of them corrected or retracted later, and tension reports."""
    return generate(INCIDENTS, SEED)


@pytest.fixture
def session(tmp_path: Path, scenario: Scenario) -> Iterator[Session]:
    """A hub with split workers on a Kafka of its own that asks for passwords."""
    with crashing_hub(tmp_path, scenario) as made:
        yield made


async def disturbed(session: Session, sent: Sequence[Message]) -> dict[str, float]:
    """Send the messages in thirds and kill in the midst of each; gives seconds to recover."""
    third = -(-len(sent) // len(COURSE))
    seconds: dict[str, float] = {}
    async with (
        Written(session.hub, receipt_topics(session)) as taken,
        Written(session.hub, entity_topics()) as linked,
    ):
        watched = {INTAKE: taken, LINKAGE: linked}
        for number, names in enumerate(COURSE):
            before = {name: await watched[name].count() for name in names}
            async with asyncio.TaskGroup() as flow:
                flow.create_task(session.send(sent[number * third : (number + 1) * third]))
                for name, count in before.items():
                    await watched[name].beyond(count + third // 10)
                left = await killed(session.hub, names, watched)
                began = time.monotonic()
                for name in names:
                    session.hub.start_worker(name)
                for name, count in left.items():
                    await watched[name].beyond(count)
                seconds[" and ".join(names)] = time.monotonic() - began
            if INTAKE in names:
                assert left[INTAKE] < before[INTAKE] + third, "killed when all was done"
    return seconds


def assert_equal(kind: str, found: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> None:
    """Byte for byte, in the order of their keys."""
    assert wanted, f"the scenario has no {kind}"
    other = differing(found, wanted)
    assert not other, f"{kind}: {len(other)} of {len(wanted)} differ: {min(other)}"
    assert sorted(found.items()) == sorted(wanted.items())


async def test_three_kills_leave_no_trace(
    session: Session, scenario: Scenario, record_property: Callable[[str, object], None]
) -> None:
    """Intake, linkage, then both: entities and alerts are those of a run without a kill."""
    sent = messages(session, scenario.events)
    began = time.monotonic()
    seconds = await disturbed(session, sent)
    await session.receipts(len(keys_of(scenario.events)))
    await session.tick(day_after(scenario))
    await session.digested()
    total = time.monotonic() - began
    for name, value in {**seconds, "all events digested": total}.items():
        record_property(name, round(value, 1))
        sys.stdout.write(f"{name}: {value:.1f} s\n")

    whole = Undisturbed(session.hub, scenario)
    outputs = await session.outputs()
    found = standing(outputs.entities.values(), outputs.alerts.values(), outputs.signals.values())
    for kind, wanted in whole.stands.items():
        assert_equal(kind, found[kind], wanted)

    told = await receipts_given(session)
    assert told.keys() == keys_of(scenario.events)
    assert told == {key: {value} for key, value in whole.receipts.items()}

    assert len(outputs.incidents) == INCIDENTS
    incidents = {key: unsealed(value) for key, value in outputs.incidents.items()}
    assert_equal("incidents", incidents, whole.incidents)
