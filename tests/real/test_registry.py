"""Apicurio Registry through its Confluent-compatible interface."""

from __future__ import annotations

import json
from contextlib import closing

import httpx
import pytest

from schemas.registry import ConfluentRegistry
from schemas.topics import hub_topics
from tests.real.registry import RealRegistry

pytestmark = pytest.mark.real

MEDIA_TYPE = {"Content-Type": "application/vnd.schemaregistry.v1+json"}


def registered(registry: RealRegistry) -> dict[str, int]:
    """Register the hub's schemas with a new client; returns ids by subject."""
    with closing(ConfluentRegistry(registry.url)) as client:
        return dict(client.register(hub_topics()))


def test_the_hubs_schemas_register_twice_with_the_same_ids(real_registry: RealRegistry) -> None:
    """Registering again what stands there already changes nothing."""
    first = registered(real_registry)
    again = registered(real_registry)
    assert first == again
    assert len(first) == len(list(hub_topics()))


def test_an_incompatible_schema_is_refused(real_registry: RealRegistry) -> None:
    """A second version that old readers could not read is refused with 409."""
    registered(real_registry)
    other = {"type": "record", "name": "Tick", "fields": [{"name": "as_of", "type": "string"}]}
    answer = httpx.post(
        f"{real_registry.url}/subjects/hub.tick.v1-value/versions",
        json={"schema": json.dumps(other), "schemaType": "AVRO"},
        headers=MEDIA_TYPE,
    )
    assert answer.status_code == httpx.codes.CONFLICT


def test_schemas_survive_a_restart(real_registry: RealRegistry) -> None:
    """A registry that was stopped and started answers with the same ids."""
    before = registered(real_registry)
    real_registry.stop()
    real_registry.start()
    with closing(ConfluentRegistry(real_registry.url)) as registry:
        assert registry.writer_of(before["hub.tick.v1-value"]) is not None
