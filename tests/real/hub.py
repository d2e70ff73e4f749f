"""A whole hub on the real components: its programs as processes, its agencies, its askers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from concord.askers import Client, Person
from concord.session import Session
from concord.stack.local import LocalHub
from processors.log import Decoder, LogReader, LogRecord
from schemas import codec
from schemas.topics import topic_for
from tests.real.fixtures import API_BUNDLE_PATH
from tests.real.kafka import RealKafka
from tests.real.opa import OpaSecrets, RealOpa
from tests.real.postgres import RealPostgres
from tests.real.process import free_port
from tests.real.registry import RealRegistry
from tests.real.stack import RealStack

SPLIT = (("intake",), ("linkage", "repeats", "tension"))
"""Two worker processes, as the benchmark runs them and a server would."""
PATIENCE = 60.0  # seconds for one thing to come through the hub

COORDINATOR = Person(
    "coordinator", "hallowby-council", "council", "cmarac-coordinator", "cmarac-case"
)
HOUSING = Person("housing", "oakline-homes", "housing", "housing-officer", "tenancy-support")
MONITOR = Person("monitor", "hallowby-council", "council", "tension-monitor", "tension-monitoring")
OFFICER = Person(
    "governance officer", "hallowby-council", "council", "hub-governance-officer", "accountability"
)
TEACHER = Person("teacher", "lantern-schools", "school", "teacher", "cmarac-case")


@dataclass
class RealHub:
    """A running hub, and what it runs on."""

    stack: RealStack
    local: LocalHub
    session: Session

    @property
    def kafka(self) -> RealKafka:
        """Its broker."""
        return self.stack.kafka

    def ask(self, person: Person, path: str, **parameters: Any) -> Any:
        """Ask the API one question as somebody; gives the response."""
        client = Client(self.local.settings.public_url, person)
        try:
            return client.get(path, **parameters)
        finally:
            client.close()

    def onboarded(self, agency: str) -> Mapping[str, Any]:
        """What the agency was given: topics, user, password, signing key."""
        return self.session.onboarding[agency]

    async def agency(self, name: str, type_: str = "council") -> str:
        """Add an agency under an id that no other test has; gives the id."""
        agency = f"{name}-{secrets.token_hex(3)}"
        await self.session.add_agencies([(agency, name.title(), type_)])
        return agency

    async def receipt(self, agency: str, event_id: str) -> dict[str, Any]:
        """Wait for the receipt of one event. Raises TimeoutError, ChildFailed."""
        found = await self.records(topic_for("receipt", agency), until=event_id)
        return found[event_id]

    async def records(self, topic: str, *, until: str | None = None) -> dict[str, dict[str, Any]]:
        """Read what stands on a topic by key, once there is something under the key `until`."""
        settings = self.local.settings
        reader = LogReader(settings.connection, (topic,), Decoder(settings.schema_ids()))
        found: dict[str, dict[str, Any]] = {}

        def note(record: LogRecord) -> None:
            if record.value is not None:
                found[record.key] = record.value

        await reader.start()
        try:
            async with asyncio.timeout(PATIENCE):
                await reader.catch_up(note)
                while until is not None and until not in found:
                    self.local.check()
                    await asyncio.sleep(0.1)
                    await reader.catch_up(note)
        finally:
            await reader.stop()
        return found


def incident(agency: str, reference: str, **fields: Any) -> dict[str, Any]:
    """A small valid incident, complete; `fields` replace what is not to the point."""
    recorded = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    occurred = {"from": recorded - timedelta(hours=20), "to": None, "precision": "exact"}
    given = {
        "event_id": f"{agency}:{reference}:1",
        "agency": agency,
        "reference": reference,
        "recorded_at": recorded,
        "occurred": occurred,
        "kind": "incident",
        "strands": ["race"],
        "perceived_by": ["victim"],
        "location": {"ward": "X05000021", "district": "X08000001", "place_type": "street"},
        "harm": {"injury": "none"},
        "consent": {"state": "given", "scope": ["any"]},
        "handling": {"code": "P"},
    }
    complete: dict[str, Any] = codec.complete("incident.v1", given | fields)
    return complete


@contextmanager
def stack_in(folder: Path, registry: RealRegistry, postgres: RealPostgres) -> Iterator[RealStack]:
    """A broker and an OPA of its own beside the shared registry and database server."""
    folder.mkdir()
    api_port = free_port()
    keys = OpaSecrets(folder / "opa-secrets")
    opa = RealOpa(folder / "opa", keys, f"http://127.0.0.1:{api_port}", API_BUNDLE_PATH)
    kafka = RealKafka(folder / "kafka")
    database = postgres.create_database(f"hub_{secrets.token_hex(4)}")
    try:
        yield RealStack(
            folder=folder,
            kafka=kafka.start(),
            registry=registry,
            opa=opa.start(),
            opa_secrets=keys,
            postgres=postgres,
            api_port=api_port,
            database_url=database.url,
        )
    finally:
        opa.stop()
        kafka.stop()


def settings_of(stack: RealStack) -> dict[str, str]:
    """The settings that connect a hub to the components, by their names in the code."""
    return {
        name.removeprefix("CONCORD_").lower(): value for name, value in stack.environment().items()
    }


@pytest.fixture(scope="session")
def hub_stack(
    real_folder: Path, real_registry: RealRegistry, real_postgres: RealPostgres
) -> Iterator[RealStack]:
    """The components of the hub that most tests share."""
    with stack_in(real_folder / "shared-hub", real_registry, real_postgres) as stack:
        yield stack


@pytest.fixture(scope="session")
def real_hub(hub_stack: RealStack) -> Iterator[RealHub]:
    """A hub with split workers on real components; tests leave it running as they found it."""
    with LocalHub(settings_of(hub_stack), folder=hub_stack.folder / "hub", workers=SPLIT) as local:
        yield RealHub(hub_stack, local, Session(local))
