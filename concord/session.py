"""A hub with agencies on it: publish as them, wait until all is digested, look at the outcome."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, starmap
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from concord.agencies import Agencies, new_key, new_row
from concord.stack.digested import wait_until_digested
from concord.stack.local import LocalHub
from processors import clock
from processors.log import Decoder, LogReader, LogRecord
from processors.publisher import Publisher
from producers import onboarding
from producers.client import HubClient
from producers.records import Event
from schemas import codec, envelope
from schemas.producing import Sendable, TopicProducer
from schemas.topics import topic_for

KINDS = {"incident.v1": "incident", "tension-report.v1": "tension"}


@dataclass(frozen=True, slots=True)
class Message:
    """One signed message of an agency, ready to send."""

    topic: str
    key: bytes
    value: bytes
    headers: list[envelope.Header]


@dataclass(slots=True)
class Outputs:
    """What stands on the hub's topics, by key."""

    incidents: dict[str, Any] = field(default_factory=dict)
    entities: dict[str, Any] = field(default_factory=dict)
    alerts: dict[str, Any] = field(default_factory=dict)
    signals: dict[str, Any] = field(default_factory=dict)
    dead_letters: dict[str, Any] = field(default_factory=dict)

    def live_entities(self) -> list[Any]:
        """Entities that have members."""
        return [entity for entity in self.entities.values() if entity["status"] == "live"]


_OUTPUTS = {
    "hub.incident.v1": "incidents",
    "hub.entity.v1": "entities",
    "hub.alert.v1": "alerts",
    "hub.tension-signal.v1": "signals",
    "hub.dead-letter.v1": "dead_letters",
}


class Session:
    """Works on a running hub as its operator and as its agencies."""

    def __init__(self, hub: LocalHub) -> None:
        """No agency is known yet."""
        self.hub = hub
        self.onboarding: dict[str, Mapping[str, Any]] = {}
        self._keys: dict[str, tuple[Ed25519PrivateKey, str]] = {}

    async def add_agencies(self, rows: Iterable[tuple[str, str, str]]) -> None:
        """Add agencies given as id, name and type."""
        now = datetime(2019, 1, 1, tzinfo=UTC)
        pairs = []
        for agency, name, type_ in rows:
            key, pem = new_key(agency, 1, now)
            pairs.append((new_row(agency, name, type_, key, now), pem))
            private = load_pem_private_key(pem.encode(), None)
            assert isinstance(private, Ed25519PrivateKey)
            self._keys[agency] = (private, key["key_id"])
        for added in await Agencies(self.hub.settings).add_all(pairs):
            self.onboarding[added.document["agency"]] = added.document

    def message(self, record: str, value: dict[str, Any]) -> Message:
        """Frame and sign a record as its agency would."""
        agency = value["agency"]
        body = codec.encode(record, codec.complete(record, value))
        framed = codec.frame(self.hub.settings.schema_ids().id_of(record), body)
        topic = topic_for(KINDS[record], agency)
        key = value["reference"].encode()
        raw = envelope.headers(
            id_=value["event_id"],
            source=f"/agency/{agency}",
            type_=record,
            time=value["recorded_at"],
        )
        private, key_id = self._keys[agency]
        return Message(topic, key, framed, envelope.sign(private, key_id, topic, key, raw, framed))

    async def send(self, messages: Sequence[Message]) -> None:
        """Send messages at once, as fast as the broker takes them."""
        producer = TopicProducer(self.hub.settings.connection, max_batch_size=2**18)
        await producer.start()
        try:
            by_topic: dict[str, list[Sendable]] = {}
            for m in messages:
                by_topic.setdefault(m.topic, []).append((m.key, m.value, m.headers))
            sent = await asyncio.gather(*starmap(producer.send_all, by_topic.items()))
            await asyncio.gather(*chain.from_iterable(sent))
        finally:
            await producer.stop()

    async def publish(self, events: Iterable[Event]) -> None:
        """Publish events with the partners' own SDK, each as its agency. Waits for no receipt."""
        batches: dict[str, list[Event]] = {}
        for event in events:
            batches.setdefault(event.value["agency"], []).append(event)
        spool = {"CONCORD_SPOOL": str(self.hub.folder / "spool")}
        for agency, batch in batches.items():
            way = onboarding.from_document(self.onboarding[agency], spool)
            async with HubClient(way) as hub:
                await hub.publish(batch)

    async def receipts(
        self, count: int, seconds: float = 300.0, progress: Callable[[int], None] | None = None
    ) -> dict[tuple[str, str], Any]:
        """Wait for receipts of `count` different events; by agency and event id.

        Raises TimeoutError, ChildFailed.
        """
        names = [topic_for("receipt", agency) for agency in self.onboarding]
        reader = self._reader(names)
        found: dict[tuple[str, str], Any] = {}

        def note(record: LogRecord) -> None:
            if record.value is not None:
                found[record.value["agency"], record.key] = record.value

        deadline = time.monotonic() + seconds
        await reader.start()
        try:
            while True:
                await reader.catch_up(note)
                if progress:
                    progress(len(found))
                if len(found) >= count:
                    return found
                self.hub.check()
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{len(found)} of {count} receipts came")
                await asyncio.sleep(0.1)
        finally:
            await reader.stop()

    async def taken(self, count: int, seconds: float = 300.0) -> None:
        """Wait until the log holds so many receipts, whatever they say. As `receipts` raises."""
        reader = self._reader([topic_for("receipt", agency) for agency in self.onboarding])
        found, deadline = 0, time.monotonic() + seconds
        await reader.start()
        try:
            while found < count:
                found += await reader.catch_up(lambda _record: None, decode=False)
                self.hub.check()
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{found} of {count} receipts came")
                await asyncio.sleep(0.1)
        finally:
            await reader.stop()

    async def tick(self, as_of: datetime) -> None:
        """Put a moment onto the log's clock."""
        settings = self.hub.settings
        publisher = Publisher(
            settings.connection, settings.schema_ids(), settings.keyring, "/hub/clock"
        )
        await publisher.start()
        try:
            await clock.tick(publisher, as_of)
        finally:
            await publisher.stop()

    async def digested(self, seconds: float = 300.0) -> None:
        """Wait until every processor and the store have taken everything in."""
        await wait_until_digested(self.hub, seconds)

    async def outputs(self) -> Outputs:
        """Read what stands on the hub's topics now."""
        out = Outputs()

        def note(record: LogRecord) -> None:
            into = getattr(out, _OUTPUTS[record.topic])
            if record.value is None:
                into.pop(record.key, None)
            else:
                into[record.key] = record.value

        reader = self._reader(list(_OUTPUTS))
        await reader.start()
        try:
            await reader.catch_up(note)
        finally:
            await reader.stop()
        return out

    def _reader(self, names: list[str]) -> LogReader:
        settings = self.hub.settings
        return LogReader(settings.connection, names, Decoder(settings.schema_ids()))
