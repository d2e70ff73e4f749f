"""A partner without any of our code: confluent-kafka, its own serialiser and registry client."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Self

from confluent_kafka import DeserializingConsumer, Message, Producer, SerializingProducer
from confluent_kafka.schema_registry import SchemaRegistryClient, topic_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import StringDeserializer, StringSerializer

LARGEST = 8 * 2**20
_SECONDS = 60.0
# The client's newer default asks for "associations", which only Confluent's own registry knows;
# Apicurio's 404 at times leaves its connection hanging.
_BY_TOPIC = {"subject.name.strategy": topic_subject_name_strategy}


class Stranger:
    """Publishes and reads as an agency, with what its onboarding document says and nothing more."""

    def __init__(self, onboarded: Mapping[str, Any]) -> None:
        """Connects to broker and registry with the document's addresses and credentials."""
        self._topics = onboarded["topics"]
        security = onboarded["security"]
        connection = {
            "bootstrap.servers": onboarded["bootstrap_servers"],
            "security.protocol": security["protocol"],
            "sasl.mechanisms": security["mechanism"],
            "sasl.username": security["username"],
            "sasl.password": security["password"],
        }
        registry = SchemaRegistryClient({"url": onboarded["registry_url"]})
        registered = registry.get_latest_version(f"{self._topics['incident']}-value")
        self._producer = SerializingProducer(
            connection
            | {
                "key.serializer": StringSerializer(),
                "value.serializer": AvroSerializer(
                    registry, registered.schema.schema_str, conf=_BY_TOPIC
                ),
            }
        )
        self._raw = Producer(connection | {"message.max.bytes": LARGEST})
        self._consumer = DeserializingConsumer(
            connection
            | {
                "group.id": f"{security['username']}.receipts",
                "auto.offset.reset": "earliest",
                "key.deserializer": StringDeserializer(),
                "value.deserializer": AvroDeserializer(registry, conf=_BY_TOPIC),
            }
        )
        self._consumer.subscribe([self._topics["receipt"]])
        self._receipts: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect."""
        self._consumer.close()

    def publish(self, incident: dict[str, Any], **headers: str) -> str:
        """Publish an incident as the serialiser writes it; gives its place on the log."""
        return self._delivered(
            self._producer,
            key=incident["reference"],
            value=incident,
            headers=list(headers.items()),
        )

    def publish_bytes(self, value: bytes, **headers: str) -> str:
        """Publish any bytes without a key; gives their place on the log."""
        return self._delivered(self._raw, value=value, headers=list(headers.items()))

    def _delivered(self, producer: Any, **message: Any) -> str:
        reports: list[tuple[Any, Message]] = []
        producer.produce(
            self._topics["incident"],
            on_delivery=lambda error, sent: reports.append((error, sent)),
            **message,
        )
        producer.flush(_SECONDS)
        error, sent = reports[0]
        if error is not None:
            raise RuntimeError(str(error))
        return f"{sent.topic()}/{sent.partition()}/{sent.offset()}"

    def receipt(self, event_id: str) -> dict[str, Any]:
        """Wait for the receipt of an event. Raises TimeoutError."""
        deadline = time.monotonic() + _SECONDS
        while event_id not in self._receipts:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no receipt came for {event_id}")
            message = self._consumer.poll(0.5)
            if message is not None and message.error() is None and message.key() is not None:
                receipt: Any = message.value()
                self._receipts[str(message.key())] = receipt
        return self._receipts[event_id]
