"""Workers that die by SIGKILL while events flow: nothing is lost, nothing doubled, nothing differs.

Reference is the pure core with the same keys. The broker is real; engine and store are embedded.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from concord.scenario import Event, Scenario, generate
from concord.session import Message, Session
from concord.stack.local import LocalHub
from processors.log import Decoder, LogReader, LogRecord
from schemas import codec
from schemas.topics import Topic, agency_topics, hub_topics
from tests.e2e.hubs import day_after, messages
from tests.property.whole_core import Standing, WholeCore, standing
from tests.real.hub import SPLIT
from tests.real.kafka import RealKafka
from tests.real.stack import HUB_USER

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(480)]

INCIDENTS = 5_000
SEED = 11
PATIENCE = 120.0  # seconds for a worker to be back at work
INTAKE, LINKAGE = "intake", "linkage-repeats-tension"
COURSE = ((INTAKE,), (LINKAGE,), (INTAKE, LINKAGE))
"""Who is killed, time after time, each in the midst of a third of the events."""
_SEALS = {"persons": [], "details": b"", "release_wrapped_key": b"", "linkage_wrapped_key": b""}

Encoded = dict[str, bytes]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Five thousand incidents, some of them corrected or retracted later, and tension reports."""
    return generate(INCIDENTS, SEED)


@pytest.fixture
def session(tmp_path: Path, scenario: Scenario) -> Iterator[Session]:
    """A hub with split workers on a Kafka of its own that asks for passwords."""
    sessions: list[Session] = []

    def furnish(hub: LocalHub) -> None:
        sessions.append(Session(hub))
        agencies = ((one.id, one.name, one.type) for one in scenario.agencies)
        asyncio.run(sessions[0].add_agencies(agencies))

    kafka = RealKafka(tmp_path / "kafka")
    values = {
        "kafka_bootstrap": kafka.bootstrap,
        "kafka_security_protocol": kafka.security_protocol,
        "kafka_sasl_mechanism": kafka.mechanism,
        "kafka_username": HUB_USER,
        "kafka_password": "hub-of-the-crash-test",
        "kafka_admin_username": kafka.admin_username,
        "kafka_admin_password": kafka.admin_password,
    }
    try:
        kafka.start()
        with LocalHub(values, folder=tmp_path / "hub", workers=SPLIT, furnish=furnish):
            yield sessions[0]
    finally:
        kafka.stop()


class Written:
    """How many records stand on some topics, as the broker tells it."""

    def __init__(self, hub: LocalHub, topics: Iterable[Topic]) -> None:
        """Not connected yet."""
        self._hub = hub
        self._consumer = AIOKafkaConsumer(**hub.settings.connection.client())
        self._partitions = [
            TopicPartition(topic.name, number)
            for topic in topics
            for number in range(topic.partitions)
        ]

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def count(self) -> int:
        """Records so far."""
        return sum((await self._consumer.end_offsets(self._partitions)).values())

    async def beyond(self, count: int) -> None:
        """Wait until more than so many are there. Raises TimeoutError, ChildFailed."""
        async with asyncio.timeout(PATIENCE):
            while await self.count() <= count:
                self._hub.check()
                await asyncio.sleep(0.02)


def receipt_topics(session: Session) -> list[Topic]:
    """Where the agencies get their receipts."""
    topics = [topic for agency in session.onboarding for topic in agency_topics(agency)]
    return [topic for topic in topics if topic.record == "receipt.v1"]


async def disturbed(session: Session, sent: Sequence[Message]) -> dict[str, float]:
    """Send the messages in thirds and kill in the midst of each; gives seconds to recover."""
    entities = [topic for topic in hub_topics() if topic.record == "entity.v1"]
    third = -(-len(sent) // len(COURSE))
    seconds: dict[str, float] = {}
    async with (
        Written(session.hub, receipt_topics(session)) as taken,
        Written(session.hub, entities) as linked,
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


async def killed(
    hub: LocalHub, names: Sequence[str], watched: Mapping[str, Written]
) -> dict[str, int]:
    """End workers while they write; gives how much they had written."""
    for name in names:
        hub.child(f"worker-{name}").kill()
    return {name: await watched[name].count() for name in names}


class Undisturbed:
    """What the same events end in with the same keys, in one process and without a broker."""

    def __init__(self, hub: LocalHub, scenario: Scenario) -> None:
        """Runs them."""
        core = WholeCore(hub.settings.keyring, scenario)
        self.incidents: Encoded = {}
        for event in scenario.events:
            incident: Any = core.take(event).incident
            if incident is not None:
                self.incidents[incident["incident_id"]] = unsealed(incident)
        core.tick(day_after(scenario))
        self.stands: Standing = core.standing()
        self.receipts = {
            key: codec.encode("receipt.v1", value) for key, value in core.receipts.items()
        }


def unsealed(incident: Mapping[str, Any]) -> bytes:
    """An incident without its seals, which differ each time; its content's digest is kept."""
    return codec.encode("hub-incident.v1", {**incident, **_SEALS})


async def receipts_given(session: Session) -> dict[tuple[str, str], set[bytes]]:
    """Everything that each event was ever told, by agency and event id."""
    settings = session.hub.settings
    names = [topic.name for topic in receipt_topics(session)]
    reader = LogReader(settings.connection, names, Decoder(settings.schema_ids()))
    told: dict[tuple[str, str], set[bytes]] = defaultdict(set)

    def note(record: LogRecord) -> None:
        assert record.value is not None
        told[record.value["agency"], record.key].add(codec.encode("receipt.v1", record.value))

    await reader.start()
    try:
        await reader.catch_up(note)
    finally:
        await reader.stop()
    return told


def assert_equal(kind: str, found: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> None:
    """Byte for byte, in the order of their keys."""
    assert wanted, f"the scenario has no {kind}"
    differing = {key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key)}
    assert not differing, f"{kind}: {len(differing)} of {len(wanted)} differ: {min(differing)}"
    assert sorted(found.items()) == sorted(wanted.items())


def keys_of(events: Iterable[Event]) -> set[tuple[str, str]]:
    """Each event's agency and event id."""
    return {(event.value["agency"], event.value["event_id"]) for event in events}


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
