"""Intake on Faust: agencies' topics in, hub topics and receipts out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import faust
import structlog

from processors import metrics
from processors.intake.inbound import Inbound, received_at
from processors.intake.intake import Intake
from processors.log import Decoder, LogReader, LogRecord
from processors.publisher import Publisher
from processors.streams import consume, raw_topic
from schemas.connection import KafkaConnection
from schemas.topics import topic_for

Log = structlog.get_logger
_KINDS = ("incident", "tension")
_STANDING = ("hub.incident.v1", "hub.tension.v1")
_INSIST_SECONDS = 1.0


class IntakeAgent:
    """Takes in every agency that `hub.agency.v1` names, new ones while running."""

    def __init__(
        self,
        app: faust.App,
        intake: Intake,
        connection: KafkaConnection,
        decoder: Decoder,
        publisher: Publisher,
    ) -> None:
        """Nothing runs before `start`."""
        self._app = app
        self._intake = intake
        self._publisher = publisher
        self._agencies = LogReader(connection, ("hub.agency.v1",), decoder)
        self._standing = LogReader(connection, _STANDING, decoder)
        self._rebalanced = False
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._insisting: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        app.on_partitions_assigned.connect(self._note_rebalance)

    async def _note_rebalance(self, *_: Any, **__: Any) -> None:
        self._rebalanced = True

    async def start(self) -> None:
        """Read agencies and what stands already; subscribe to the agencies' topics."""
        await self._agencies.start()
        await self._standing.start()
        await self._agencies.catch_up(self._learn)
        await self._standing.catch_up(self._restore)
        self._subscribe()
        self._insisting = asyncio.create_task(self._insist())

    async def watch(self) -> None:
        """Take in agencies as they appear."""
        async for records in self._agencies.tail():
            for record in records:
                self._learn(record)
            self._subscribe()

    async def stop(self) -> None:
        """Disconnect."""
        for task in (*self._tasks.values(), self._insisting):
            if task is not None:
                task.cancel()
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

    def _subscribe(self) -> None:
        names = [topic_for(kind, a) for a in sorted(self._intake.agencies) for kind in _KINDS]
        for name in names:
            if name not in self._tasks:
                stream = self._app.stream(raw_topic(self._app, name))
                self._tasks[name] = asyncio.create_task(consume(self._app, stream, self._take))
                Log().info("subscribed", topic=name)

    async def _insist(self) -> None:
        """Ask Faust again for topics that it has forgotten to subscribe to.

        It drops a change of subscription that comes while partitions are being assigned: an agency
        added right after another would wait until the next one is.
        """
        topics: Any = self._app.topics
        while True:
            await asyncio.sleep(_INSIST_SECONDS)
            subscribed = topics._topic_name_index  # noqa: SLF001
            if not self._app.rebalancing and not self._tasks.keys() <= subscribed.keys():
                topics._flag_changes()  # noqa: SLF001

    async def _take(self, events: list[Any]) -> None:
        async with self._lock:
            await self._catch_up_after_rebalance()
            for event in events:
                message = event.message
                await self._publish(
                    self._intake.take(
                        Inbound(
                            message.topic,
                            message.partition,
                            message.offset,
                            message.key,
                            message.value,
                            list(message.headers or ()),
                            received_at(message.timestamp, datetime.now(UTC)),
                        )
                    )
                )
            await self._publisher.flush()
            for event in events:
                message = event.message
                place = metrics.POSITION.labels("intake", message.topic, str(message.partition))
                place.set(message.offset + 1)

    async def _catch_up_after_rebalance(self) -> None:
        """Where another worker may have had a partition before, learn what it has accepted."""
        if self._rebalanced:
            self._rebalanced = False
            await self._standing.catch_up(self._restore)

    async def _publish(self, outcome: Any) -> None:
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
