"""Intake on the log: agencies' topics in, hub topics and receipts out.

It reads the agencies' topics in batches, with a consumer group of its own, so that several intake
workers share them. What it has read is committed after the broker holds what came of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from processors import metrics
from processors.intake.inbound import Inbound, Outcome, received_at
from processors.intake.intake import Intake
from processors.log import Decoder, LogReader, LogRecord
from processors.publisher import Publisher
from schemas.connection import KafkaConnection
from schemas.topics import topic_for

Log = structlog.get_logger
GROUP = "hub.intake.events"
"""Consumer group of the agencies' topics; the worker's other group is Faust's."""
_KINDS = ("incident", "tension")
_STANDING = ("hub.incident.v1", "hub.tension.v1")
_BATCH = 500
_WAIT_MILLISECONDS = 200
_COMMIT_SECONDS = 0.5


class IntakeAgent:
    """Takes in every agency that `hub.agency.v1` names, new ones while running."""

    def __init__(
        self,
        intake: Intake,
        connection: KafkaConnection,
        decoder: Decoder,
        publisher: Publisher,
        secret: bytes | None = None,
    ) -> None:
        """Nothing runs before `start`.

        Given the hub's log secret, agencies and what stands count only where they bear its stamp.
        """
        self._intake = intake
        self._publisher = publisher
        self._connection = connection
        self._agencies = LogReader(connection, ("hub.agency.v1",), decoder, secret)
        self._standing = LogReader(connection, _STANDING, decoder, secret)
        self._consumer: AIOKafkaConsumer | None = None
        self._listener = _Assignments()
        self._subscribed: list[str] = []
        self._done: dict[TopicPartition, int] = {}
        self._committed_at = 0.0

    async def start(self) -> None:
        """Read agencies and what stands already; join the group."""
        await self._agencies.start()
        await self._standing.start()
        await self._agencies.catch_up(self._learn)
        await self._standing.catch_up(self._restore)
        consumer = AIOKafkaConsumer(
            **self._connection.client(),
            group_id=GROUP,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=6000,
            rebalance_timeout_ms=6000,
            heartbeat_interval_ms=1000,
            fetch_max_wait_ms=50,
            max_partition_fetch_bytes=8 * 2**20,
        )
        await consumer.start()
        self._consumer = consumer

    async def watch(self) -> None:
        """Learn of agencies as they appear and change."""
        async for records in self._agencies.tail():
            for record in records:
                self._learn(record)

    async def run(self) -> None:
        """Take in what comes, until cancelled. Raises what the broker or the registry raises."""
        while True:
            await self._commit()
            if not self._subscribe():
                await asyncio.sleep(_WAIT_MILLISECONDS / 1000)
                continue
            assert self._consumer is not None
            found = await self._consumer.getmany(timeout_ms=_WAIT_MILLISECONDS, max_records=_BATCH)
            if found:
                await self._take([message for each in found.values() for message in each])

    async def stop(self) -> None:
        """Commit and disconnect."""
        await self._commit(at_once=True)
        if self._consumer is not None:
            await self._consumer.stop()
        await self._agencies.stop()
        await self._standing.stop()

    def _learn(self, record: LogRecord) -> None:
        if record.value is None:
            self._intake.agencies.pop(record.key, None)
        else:
            self._intake.agencies[record.key] = record.value  # type: ignore[assignment]

    def _restore(self, record: LogRecord) -> None:
        if record.value is not None:
            self._intake.restore(record.topic, record.value)

    def _subscribe(self) -> bool:
        """Subscribe to the topics of new agencies; tell whether there is any topic at all."""
        known = {topic_for(kind, a) for a in self._intake.agencies for kind in _KINDS}
        names = sorted(known.union(self._subscribed))
        if names != self._subscribed and self._consumer is not None:
            self._consumer.subscribe(names, listener=self._listener)
            self._subscribed = names
            Log().info("subscribed", topics=len(names))
        return bool(names)

    async def _take(self, messages: Iterable[Any]) -> None:
        await self._catch_up_after_rebalance()
        done: dict[TopicPartition, int] = {}
        for message in messages:
            await self._publish(
                self._intake.take(
                    Inbound(
                        message.topic,
                        message.partition,
                        message.offset,
                        message.key,
                        message.value,
                        list(message.headers or ()),
                        received_at(message.timestamp / 1000, datetime.now(UTC)),
                    )
                )
            )
            done[TopicPartition(message.topic, message.partition)] = message.offset + 1
        await self._publisher.flush()
        self._done |= done
        for place, position in done.items():
            metrics.POSITION.labels("intake", place.topic, str(place.partition)).set(position)

    async def _catch_up_after_rebalance(self) -> None:
        """Where another worker may have had a partition before, learn what it has accepted."""
        if self._listener.changed:
            self._listener.changed = False
            await self._standing.catch_up(self._restore)

    async def _commit(self, *, at_once: bool = False) -> None:
        """Commit now and then. A commit that fails costs nothing: the messages come again."""
        if not self._done or (monotonic() < self._committed_at + _COMMIT_SECONDS and not at_once):
            return
        assert self._consumer is not None
        self._committed_at = monotonic()
        ours = self._consumer.assignment()
        done = {place: position for place, position in self._done.items() if place in ours}
        self._done = {}
        if not done:
            return
        try:
            await self._consumer.commit(done)
        except KafkaError as error:
            Log().warning("not-committed", fault=type(error).__name__)

    async def _publish(self, outcome: Outcome) -> None:
        send = self._publisher.send
        if outcome.incident is not None:
            await send("hub.incident.v1", outcome.incident["incident_id"], outcome.incident)
        if outcome.tension_item is not None:
            await send("hub.tension.v1", outcome.tension_item["item_id"], outcome.tension_item)
        for entry in outcome.audit:
            await send("hub.audit.v1", entry["audit_id"], entry)
        if outcome.dead_letter is not None:
            await send("hub.dead-letter.v1", outcome.dead_letter["event_id"], outcome.dead_letter)
        receipt = outcome.receipt
        metrics.TAKEN.labels(receipt["agency"], receipt["status"]).inc()
        await send(topic_for("receipt", receipt["agency"]), receipt["event_id"], receipt)


class _Assignments(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types
    """Notes that partitions have been assigned anew."""

    def __init__(self) -> None:
        self.changed = False

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """What is not committed comes again, to whoever gets the partition."""

    async def on_partitions_assigned(self, assigned: Any) -> None:  # noqa: ARG002 (its signature)
        """Another worker may have had some of them."""
        self.changed = True
