"""Intake on the log: what it commits, when, and what it shows of itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from processors import metrics
from processors.intake.agent import IntakeAgent
from processors.intake.inbound import Inbound
from processors.log import Decoder, LogRecord
from schemas.connection import KafkaConnection
from schemas.registry import ShippedSchemaIds
from tests.unit.processors.intake.example import incident, intake, message


class FakeConsumer:
    """Gives some messages once; remembers subscriptions and commits."""

    def __init__(self) -> None:
        """Nothing is assigned."""
        self.topics: list[list[str]] = []
        self.committed: list[dict[TopicPartition, int]] = []
        self.assigned: set[TopicPartition] = set()
        self.fails = False
        self.stopped = False

    def subscribe(self, topics: list[str], *, listener: Any) -> None:
        """Note it."""
        self.topics.append(topics)

    def assignment(self) -> set[TopicPartition]:
        """What the group gave."""
        return self.assigned

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        """Note it, or fail as after a rebalance."""
        if self.fails:
            raise CommitFailedError
        self.committed.append(offsets)

    async def stop(self) -> None:
        """Note it."""
        self.stopped = True


def agent() -> tuple[IntakeAgent, FakeConsumer, Any]:
    """An agent with a consumer and a publisher that are none."""
    publisher: Any = AsyncMock()
    nowhere = KafkaConnection("127.0.0.1:1")
    made = IntakeAgent(intake(), nowhere, Decoder(ShippedSchemaIds()), publisher)
    consumer: Any = FakeConsumer()
    made._consumer = consumer
    return made, consumer, publisher


def on_the_log(inbound: Inbound, offset: int = 7) -> Any:
    """The message as aiokafka gives it."""
    return SimpleNamespace(
        topic=inbound.topic,
        partition=0,
        offset=offset,
        key=inbound.key,
        value=inbound.value,
        headers=(),
        timestamp=int(inbound.received_at.timestamp() * 1000),
    )


async def test_the_position_shown_is_behind_what_the_broker_holds() -> None:
    """After the flush, so that a stuck broker shows as a position that stands still."""
    made, _, publisher = agent()
    inbound = message(incident())
    shown = metrics.POSITION.labels("intake", inbound.topic, "0")._value
    seen: list[float] = []
    publisher.flush.side_effect = lambda: seen.append(shown.get())
    await made._take([on_the_log(inbound)])
    assert seen == [0.0]
    assert shown.get() == 8.0


async def test_nothing_is_committed_that_the_broker_does_not_hold() -> None:
    """What was flushed is, once, even if a later batch fails."""
    made, consumer, publisher = agent()
    inbound = message(incident())
    place = TopicPartition(inbound.topic, 0)
    consumer.assigned = {place}
    await made._take([on_the_log(inbound, 7)])
    publisher.flush.side_effect = ConnectionError
    with pytest.raises(ConnectionError):
        await made._take([on_the_log(inbound, 8)])
    for _ in range(2):
        await made._commit(at_once=True)
    assert consumer.committed == [{place: 8}]


async def test_a_commit_that_fails_is_left_out() -> None:
    """The messages come again, to whoever has the partition by then."""
    made, consumer, _ = agent()
    inbound = message(incident())
    consumer.assigned, consumer.fails = {TopicPartition(inbound.topic, 0)}, True
    await made._take([on_the_log(inbound)])
    await made.stop()
    assert consumer.stopped


async def test_a_partition_that_was_taken_away_is_not_committed() -> None:
    """Its new holder says how far it has come."""
    made, consumer, _ = agent()
    await made._take([on_the_log(message(incident()))])
    await made._commit(at_once=True)
    assert consumer.committed == []


async def test_a_new_agency_is_subscribed_to_once() -> None:
    """Its topics are read from then on, and no topic is given up."""
    made, consumer, _ = agent()
    made._intake.agencies.clear()
    assert not made._subscribe()
    row: Any = {"agency": "new-one", "status": "active"}
    at = message(incident()).received_at
    made._learn(LogRecord("hub.agency.v1", 0, 0, "new-one", row, at))
    assert made._subscribe()
    made._learn(LogRecord("hub.agency.v1", 0, 1, "new-one", None, at))
    assert made._subscribe()
    assert consumer.topics == [["agency.new-one.incident.v1", "agency.new-one.tension.v1"]]


async def test_after_a_rebalance_what_stands_is_read_first() -> None:
    """Another worker may have accepted a later version of the same reference."""
    made, _, _ = agent()
    standing: Any = AsyncMock()
    made._standing = standing
    await made._listener.on_partitions_revoked(set())
    await made._take([on_the_log(message(incident()))])
    standing.catch_up.assert_not_awaited()
    await made._listener.on_partitions_assigned(set())
    for _ in range(2):
        await made._take([on_the_log(message(incident()))])
    standing.catch_up.assert_awaited_once()
