"""Preparing a hub: topics, rights, registry subjects. Safe to repeat."""

from __future__ import annotations

from collections.abc import Callable

from concord.broker import Broker
from concord.settings import Settings
from schemas.registry import ConfluentRegistry
from schemas.topics import hub_topics


def prepare(settings: Settings, say: Callable[[str], None]) -> None:
    """Create the hub's topics, its service user on a secured broker, its registry subjects.

    Raises the broker's or registry's error if it refuses.
    """
    with Broker(settings.admin_connection, settings.kafka_replication) as broker:
        created = broker.ensure_topics(hub_topics())
        say(f"topics: {len(created)} created, {len(hub_topics()) - len(created)} there already")
        separate = settings.kafka_admin_username not in {None, settings.kafka_username}
        if broker.secured and separate and settings.kafka_username and settings.kafka_password:
            broker.admit_hub(settings.kafka_username, settings.kafka_password)
            say(f"rights: user {settings.kafka_username} may use hub and agency topics")
    if settings.registry_url:
        registry = ConfluentRegistry(settings.registry_url)
        subjects = registry.register(hub_topics())
        registry.close()
        say(f"registry: {len(subjects)} subjects registered, compatibility FULL_TRANSITIVE")
