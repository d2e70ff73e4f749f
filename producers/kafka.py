"""The way to the hub over Kafka: framed Avro, CloudEvents headers, signed where there is a key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition, errors

from producers.onboarding import Onboarding
from producers.records import INCIDENT, TENSION_REPORT, Event
from producers.schema_ids import TopicSchemaIds
from producers.transport import HubAwayError, HubRefusesError
from schemas import codec, envelope, shape
from schemas.connection import KafkaConnection
from schemas.registry import RegistryError, SchemaIds, ShippedSchemaIds
from schemas.topics import topic_for

_KINDS = {INCIDENT: "incident", TENSION_REPORT: "tension"}
_BATCH_BYTES = 2**18
_LARGEST = 4 * 2**20
_TIMEOUT_MILLISECONDS = 10_000
_READING_SECONDS = 30.0
"""A topic that may not be read never says where it stands: it is not waited for for ever."""
_IDLE_POLLS = 4
_REFUSALS = (
    errors.TopicAuthorizationFailedError,
    errors.ClusterAuthorizationFailedError,
    errors.AuthenticationFailedError,
    errors.SaslAuthenticationFailed,
    errors.MessageSizeTooLargeError,
    errors.RecordTooLargeError,
    errors.RecordListTooLargeError,
    errors.UnknownTopicOrPartitionError,
)


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    """Say in the client's own terms what the Kafka library reports."""
    try:
        yield
    except _REFUSALS as error:
        raise HubRefusesError(f"{doing}: the broker refuses ({type(error).__name__})") from None
    except (errors.KafkaError, OSError, TimeoutError) as error:
        raise HubAwayError(f"{doing}: the broker is away ({type(error).__name__})") from None
    except RegistryError as error:
        raise HubAwayError(f"{doing}: {error}") from None


class KafkaTransport:
    """Sends to the agency's own topics and reads its receipts and notices."""

    def __init__(self, onboarding: Onboarding) -> None:
        """Nothing is connected yet. Raises ValueError if the onboarding names no broker."""
        if onboarding.kafka is None:
            raise ValueError("the onboarding names no broker")
        self._onboarding = onboarding
        self._connection: KafkaConnection = onboarding.kafka
        self._ids: SchemaIds = (
            TopicSchemaIds(onboarding.registry_url, onboarding.agency)
            if onboarding.registry_url
            else ShippedSchemaIds()
        )
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect."""
        producer = AIOKafkaProducer(
            **self._connection.client(),
            acks="all",
            enable_idempotence=self._connection.idempotent,
            linger_ms=5,
            max_batch_size=_BATCH_BYTES,
            max_request_size=_LARGEST,
            request_timeout_ms=_TIMEOUT_MILLISECONDS,
        )
        try:
            with _translated("connecting"):
                await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer

    async def stop(self) -> None:
        """Disconnect."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await producer.stop()

    async def send(self, events: Sequence[Event]) -> None:
        """Send and wait until the broker holds all of them."""
        assert self._producer is not None, "start first"
        with _translated("sending"):
            messages = await asyncio.to_thread(lambda: [self._message(one) for one in events])
            waiting = [
                await self._producer.send(topic, value, key=key, headers=headers)
                for topic, key, headers, value in messages
            ]
            outcomes = await asyncio.gather(*waiting, return_exceptions=True)
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome

    def _message(self, event: Event) -> tuple[str, bytes, list[envelope.Header], bytes]:
        agency = self._onboarding.agency
        topic = topic_for(_KINDS[event.record], agency)
        key = str(event.value["reference"]).encode()
        value = codec.frame(self._ids.id_of(event.record), codec.encode(event.record, event.value))
        headers = envelope.headers(
            id_=event.event_id,
            source=f"/agency/{agency}",
            type_=event.record,
            time=datetime.now(UTC),
        )
        signing = self._onboarding.signing_key
        if signing is not None and self._onboarding.key_id is not None:
            headers = envelope.sign(signing, self._onboarding.key_id, topic, key, headers, value)
        return topic, key, headers, value

    async def receipts(self, *, follow: bool) -> AsyncGenerator[dict[str, Any], None]:
        """Give the receipts that the broker still keeps, and with `follow` those to come."""
        async with aclosing(self._read("receipt", follow=follow)) as messages:
            async for one in messages:
                yield self._decoded("receipt.v1", one)

    async def notices(self, *, follow: bool) -> AsyncGenerator[dict[str, Any], None]:
        """Give the notices that the broker still keeps, as JSON, and with `follow` those to come.

        Where the onboarding names the hub's key, every signature is verified. Raises
        HubRefusesError for a notice that the hub has not signed.
        """
        topic, key = topic_for("notice", self._onboarding.agency), self._onboarding.hub_key
        async with aclosing(self._read("notice", follow=follow)) as messages:
            async for one in messages:
                headers = list(one.headers)
                if key is not None and not envelope.verify(key, topic, one.key, headers, one.value):
                    raise HubRefusesError("reading notices: one does not bear the hub's signature")
                yield shape.to_json("notice.v1", self._decoded("notice.v1", one))

    async def _read(self, kind: str, *, follow: bool) -> AsyncGenerator[Any, None]:
        """Messages of one of the agency's own topics that the hub writes."""
        doing = f"reading {kind}s"
        consumer = AIOKafkaConsumer(
            **self._connection.client(),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            request_timeout_ms=_TIMEOUT_MILLISECONDS,
        )
        partition = TopicPartition(topic_for(kind, self._onboarding.agency), 0)
        try:
            with _translated(doing):
                await consumer.start()
                consumer.assign([partition])
            idle = 0
            while follow or idle < _IDLE_POLLS:
                with _translated(doing):
                    async with asyncio.timeout(_READING_SECONDS):
                        found = await consumer.getmany(partition, timeout_ms=400)
                        position = await consumer.position(partition)
                for one in found.get(partition, ()):
                    yield one
                mark = consumer.highwater(partition)
                if not follow and mark is not None and position >= mark:
                    return
                idle = 0 if found else idle + 1
        finally:
            await consumer.stop()

    def _decoded(self, record: str, message: Any) -> dict[str, Any]:
        schema_id, body = codec.unframe(message.value)
        with _translated("reading a schema"):
            writer = self._ids.writer_of(schema_id)
        return codec.decode(record, body, writer)
