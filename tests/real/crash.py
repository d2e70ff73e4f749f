"""Workers that die by SIGKILL, on an Apache Kafka that is started for it.

`python -m tests.real.crash [--incidents N] [--kills K] [--seed S]` sends a made-up county's events
through a hub in as many parts as there are kills, and ends the linkage worker amid each. It prints
how long each recovery took, until something new was written or nothing was left to read, what of
that the worker spent on which phase, and what differs from the outcome of the pure core with the
same keys: one JSON object, and 1 if anything does. With `--memory 0` the worker keeps nothing for a
restart and reads its whole log each time. `tests/real/install.sh` puts the programs in place.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from concord.scenario import Event, Scenario, generate
from concord.session import Message, Session
from concord.stack.digested import positions
from concord.stack.local import LocalHub
from processors.log import Decoder, LogReader, LogRecord
from schemas import codec
from schemas.topics import Topic, agency_topics, hub_topics
from tests.e2e.hubs import day_after, messages
from tests.property.whole_core import Standing, WholeCore, standing
from tests.real.hub import SPLIT
from tests.real.kafka import RealKafka
from tests.real.stack import HUB_USER

PATIENCE = 120.0  # seconds for a worker to be back at work
APART = (("intake",), ("linkage",), ("repeats", "tension"))
LINKAGE = "linkage"
_PHASE = re.compile(r'concord_recovery_seconds\{phase="(\w+)",processor="linkage"\} (\S+)')
_LONG = 3600.0  # seconds for everything, at any size
_SEALS = {"persons": [], "details": b"", "release_wrapped_key": b"", "linkage_wrapped_key": b""}

Encoded = dict[str, bytes]


@contextmanager
def crashing_hub(
    folder: Path,
    scenario: Scenario,
    workers: tuple[tuple[str, ...], ...] = SPLIT,
    memory_seconds: float = 60.0,
) -> Iterator[Session]:
    """A hub with split workers on a Kafka of its own that asks for passwords."""
    sessions: list[Session] = []

    def furnish(hub: LocalHub) -> None:
        sessions.append(Session(hub))
        agencies = ((one.id, one.name, one.type) for one in scenario.agencies)
        asyncio.run(sessions[0].add_agencies(agencies))

    kafka = RealKafka(folder / "kafka")
    values = {
        "kafka_bootstrap": kafka.bootstrap,
        "kafka_security_protocol": kafka.security_protocol,
        "kafka_sasl_mechanism": kafka.mechanism,
        "kafka_username": HUB_USER,
        "kafka_password": "hub-of-the-crash-test",
        "kafka_admin_username": kafka.admin_username,
        "kafka_admin_password": kafka.admin_password,
        "linkage_memory_seconds": memory_seconds,
    }
    try:
        kafka.start()
        with LocalHub(values, folder=folder / "hub", workers=workers, furnish=furnish):
            yield sessions[0]
    finally:
        kafka.stop()


class Written:
    """How many records stand on some topics, as the broker tells it."""

    def __init__(self, hub: LocalHub, topics: Iterable[Topic], patience: float = PATIENCE) -> None:
        """Not connected yet."""
        self._patience = patience
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
        async with asyncio.timeout(self._patience):
            while await self.count() <= count:
                self._hub.check()
                await asyncio.sleep(0.02)


def receipt_topics(session: Session) -> list[Topic]:
    """Where the agencies get their receipts."""
    topics = [topic for agency in session.onboarding for topic in agency_topics(agency)]
    return [topic for topic in topics if topic.record == "receipt.v1"]


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


def keys_of(events: Iterable[Event]) -> set[tuple[str, str]]:
    """Each event's agency and event id."""
    return {(event.value["agency"], event.value["event_id"]) for event in events}


def entity_topics() -> list[Topic]:
    """Where linkage writes."""
    return [topic for topic in hub_topics() if topic.record == "entity.v1"]


def differing(found: Mapping[str, bytes], wanted: Mapping[str, bytes]) -> set[str]:
    """Keys under which not the same bytes stand."""
    return {key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key)}


async def recoveries(
    session: Session, sent: Sequence[Message], kills: int
) -> list[dict[str, float]]:
    """Send everything in parts and end the linkage worker amid each; seconds until it is back."""
    size = -(-len(sent) // kills)
    incidents = [topic for topic in hub_topics() if topic.record == "hub-incident.v1"]
    found: list[dict[str, float]] = []
    async with (
        Written(session.hub, entity_topics(), _LONG) as linked,
        Written(session.hub, incidents, _LONG) as log,
    ):
        for number in range(kills):
            before = await linked.count()
            async with asyncio.TaskGroup() as flow:
                flow.create_task(session.send(sent[number * size : (number + 1) * size]))
                await linked.beyond(before + size // 10)
                left = await killed(session.hub, [LINKAGE], {LINKAGE: linked})
                began = time.monotonic()
                session.hub.start_worker(LINKAGE)
                await back(session.hub, linked, left[LINKAGE], log)
                seconds = round(time.monotonic() - began, 1)
                found.append({"back": seconds, **await phases(session.hub)})
            _say(f"kill {number + 1}: {left[LINKAGE]:,} written, back after {found[-1]}")
    return found


async def phases(hub: LocalHub) -> dict[str, float]:
    """Seconds that the linkage worker spent on each phase of its last start, once it is over."""
    address = f"http://127.0.0.1:{hub.metrics_ports[LINKAGE]}/metrics"
    async with httpx.AsyncClient(timeout=30) as client, asyncio.timeout(_LONG):
        while True:
            text = (await client.get(address)).text
            told = {phase: round(float(each), 1) for phase, each in _PHASE.findall(text)}
            if "publish" in told:
                return told
            await asyncio.sleep(0.2)


async def back(hub: LocalHub, linked: Written, left: int, log: Written) -> None:
    """Wait until linkage writes something new, or has nothing left to read."""
    address = f"http://127.0.0.1:{hub.metrics_ports[LINKAGE]}/metrics"
    async with httpx.AsyncClient(timeout=5) as client, asyncio.timeout(_LONG):
        while await linked.count() <= left:
            hub.check()
            with suppress(httpx.HTTPError):
                stands = positions((await client.get(address)).text)
                if stands.get(("linkage", "hub.incident.v1", 0), -1) >= await log.count():
                    return
            await asyncio.sleep(0.02)


async def outcome(session: Session, scenario: Scenario, kills: int) -> dict[str, Any]:
    """Disturb the hub, let it digest, and compare what stands with the pure core."""
    sent = messages(session, scenario.events)
    _say(f"{len(sent):,} messages signed")
    began = time.monotonic()
    told = await recoveries(session, sent, kills)
    await session.receipts(len(keys_of(scenario.events)), _LONG)
    await session.tick(day_after(scenario))
    await session.digested(_LONG)
    total = time.monotonic() - began
    _say(f"all digested after {total:.0f} s; running the pure core")
    wanted = Undisturbed(session.hub, scenario).stands
    outputs = await session.outputs()
    found = standing(outputs.entities.values(), outputs.alerts.values(), outputs.signals.values())
    return {
        "messages": len(sent),
        "kills": kills,
        "recovery_seconds": [each["back"] for each in told],
        "phases": told,
        "digested_seconds": round(total, 1),
        "compared": {kind: len(rows) for kind, rows in wanted.items()},
        "differing": {kind: len(differing(found[kind], rows)) for kind, rows in wanted.items()},
    }


def main(arguments: list[str] | None = None) -> int:
    """Start the components, disturb, compare, print, stop them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--memory", type=float, default=60.0)
    given = parser.parse_args(arguments)
    scenario = generate(given.incidents, given.seed)
    with (
        tempfile.TemporaryDirectory(prefix="concord-crash-") as folder,
        crashing_hub(Path(folder), scenario, APART, given.memory) as session,
    ):
        answer = asyncio.run(outcome(session, scenario, given.kills))
    sys.stdout.write(json.dumps({"incidents": given.incidents, **answer}) + "\n")
    return int(any(answer["differing"].values()))


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
