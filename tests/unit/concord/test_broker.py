"""Topics are made with the hub's settings, and those that are there already are given them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from kafka.errors import IncompatibleBrokerVersion

from concord import broker as module
from concord.broker import Broker
from schemas.connection import KafkaConnection
from schemas.topics import agency_topics, topic_for

TOPICS = agency_topics("north")


class FakeAdmin:
    """A broker's administrator interface that remembers settings."""

    def __init__(self, **_client: Any) -> None:
        """Without a topic."""
        self.configs: dict[str, dict[str, str]] = {}
        self.old = False
        self.answer = "OK"

    def list_topics(self) -> list[str]:
        """Names of the topics."""
        return list(self.configs)

    def create_topics(self, wanted: Mapping[str, Any], **_options: Any) -> None:
        """Create them."""
        self.configs |= {name: dict(layout["configs"]) for name, layout in wanted.items()}

    def alter_configs(self, resources: Sequence[Any], **_options: Any) -> dict[str, Any]:
        """Change settings, if the broker can."""
        if self.old:
            raise IncompatibleBrokerVersion
        for resource in resources:
            if self.answer == "OK":
                self.configs[resource.name] |= resource.configs
        return {"topic": {resource.name: self.answer for resource in resources}}


@pytest.fixture
def admin(monkeypatch: pytest.MonkeyPatch) -> FakeAdmin:
    """The administrator behind every broker of this test, with topics as a first version made."""
    made = FakeAdmin()
    made.configs[topic_for("incident", "north")] = {"message.timestamp.type": "CreateTime"}
    monkeypatch.setattr(module, "KafkaAdminClient", lambda **_client: made)
    return made


def test_a_topic_of_an_older_version_gets_todays_settings(admin: FakeAdmin) -> None:
    """Or an agency's own time stamps would go on counting after an upgrade."""
    created = Broker(KafkaConnection("b:1")).ensure_topics(TOPICS)
    assert topic_for("incident", "north") not in created
    assert {one["message.timestamp.type"] for one in admin.configs.values()} == {"LogAppendTime"}
    assert set(admin.configs) == {topic.name for topic in TOPICS}


@pytest.mark.parametrize("fault", ["old", "refuses"])
def test_a_broker_that_cannot_change_settings_is_used_as_it_is(
    admin: FakeAdmin, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    """And the log says so."""
    admin.old, admin.answer = fault == "old", "[Error 42] InvalidRequestError"
    with caplog.at_level(logging.WARNING):
        Broker(KafkaConnection("b:1")).ensure_topics(TOPICS)
    assert "settings" in caplog.text
    assert set(admin.configs) == {topic.name for topic in TOPICS}
