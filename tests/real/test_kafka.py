"""The secured broker: who may write and read what, and what survives a crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from kafka.admin import ConfigResource, ConfigResourceType

from concord.broker import Broker, agency_user
from schemas.connection import KafkaConnection
from schemas.topics import agency_topics, hub_topics, topic_for
from tests.real.kafka import RealKafka

pytestmark = pytest.mark.real

PATIENCE = 20  # seconds for one answer of the broker
ALPHA, BETA = "smoke-alpha", "smoke-beta"


@dataclass
class Partners:
    """Two agencies on the broker, with the passwords that their onboarding files would hold."""

    kafka: RealKafka
    passwords: dict[str, str]

    @asynccontextmanager
    async def producer(self, agency: str, password: str = "") -> AsyncIterator[AIOKafkaProducer]:
        """Give a standard client's producer in an agency's name."""
        client = self.kafka.client(agency_user(agency), password or self.passwords[agency])
        producer = AIOKafkaProducer(**client)
        try:
            await producer.start()
            yield producer
        finally:
            await producer.stop()

    async def first_value(self, agency: str, topic: str) -> bytes:
        """Read the first value of a topic in an agency's name."""
        client = self.kafka.client(agency_user(agency), self.passwords[agency])
        consumer = AIOKafkaConsumer(topic, **client, auto_offset_reset="earliest")
        try:
            async with asyncio.timeout(PATIENCE):
                await consumer.start()
                record = await consumer.getone()
                return bytes(record.value)
        finally:
            await consumer.stop()


@pytest.fixture(scope="module")
def partners(real_kafka: RealKafka) -> Partners:
    """Two admitted agencies and the hub's topics."""
    connection = KafkaConnection(
        real_kafka.bootstrap,
        real_kafka.security_protocol,
        real_kafka.mechanism,
        real_kafka.admin_username,
        real_kafka.admin_password,
    )
    passwords = {ALPHA: "alpha-" * 4, BETA: "beta-" * 4}
    with Broker(connection) as broker:
        broker.ensure_topics(
            [*hub_topics(), *agency_topics(ALPHA), *agency_topics(BETA)],
        )
        for agency, password in passwords.items():
            broker.admit_agency(agency, password)
    for agency, password in passwords.items():
        own = [topic.name for topic in agency_topics(agency)]
        real_kafka.wait_for_user(agency_user(agency), password, own)
    return Partners(real_kafka, passwords)


async def hub_writes(kafka: RealKafka, topic: str, value: bytes) -> None:
    """Write one value with the administrator's rights."""
    producer = AIOKafkaProducer(**kafka.client())
    await producer.start()
    try:
        await producer.send_and_wait(topic, value, key=b"k", partition=0)
    finally:
        await producer.stop()


async def test_an_agency_writes_its_own_topic(partners: Partners) -> None:
    """An agency's standard client may publish on the agency's own topic."""
    async with partners.producer(ALPHA) as producer:
        sent = await producer.send_and_wait(topic_for("incident", ALPHA), b"event", key=b"1")
    assert sent.offset >= 0


@pytest.mark.parametrize(
    "topic",
    [topic_for("incident", BETA), topic_for("receipt", ALPHA), "hub.incident.v1", "hub.audit.v1"],
)
async def test_an_agency_writes_no_other_topic(partners: Partners, topic: str) -> None:
    """The broker itself refuses another agency's topic, the hub's, and forged receipts."""
    async with partners.producer(ALPHA) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(topic, b"event", key=b"1")


@pytest.mark.parametrize(
    "topic",
    [topic_for("receipt", BETA), topic_for("incident", BETA), "hub.incident.v1", "hub.entity.v1"],
)
async def test_an_agency_reads_no_other_topic(partners: Partners, topic: str) -> None:
    """The broker itself refuses to show another agency's receipts and everything of the hub's."""
    await hub_writes(partners.kafka, topic, b"not for alpha")
    with pytest.raises(TopicAuthorizationFailedError):
        await partners.first_value(ALPHA, topic)


async def test_an_agency_reads_its_receipts(partners: Partners) -> None:
    """An agency reads what the hub wrote for it."""
    topic = topic_for("receipt", ALPHA)
    await hub_writes(partners.kafka, topic, b"for alpha")
    assert await partners.first_value(ALPHA, topic) == b"for alpha"


async def test_a_wrong_password_is_refused(partners: Partners) -> None:
    """Nobody connects with a password that is not theirs."""
    with pytest.raises(KafkaError):
        async with partners.producer(ALPHA, "a wrong password"):
            pass


async def test_what_was_acknowledged_survives_a_killed_broker(real_kafka: RealKafka) -> None:
    """A broker that is killed and started again still has what it acknowledged, on its old port."""
    topic = "hub.dead-letter.v1"
    await hub_writes(real_kafka, topic, b"before the crash")
    real_kafka.program.kill()
    real_kafka.start()
    consumer = AIOKafkaConsumer(topic, **real_kafka.client(), auto_offset_reset="earliest")
    await consumer.start()
    try:
        assert (await consumer.getone()).value == b"before the crash"
    finally:
        await consumer.stop()


def test_a_topic_made_by_an_older_version_gets_todays_settings(partners: Partners) -> None:
    """Else a sender's own time stamps would go on counting after an upgrade."""
    kafka = partners.kafka
    (topic, *_) = agency_topics("smoke-older")
    connection = KafkaConnection(
        kafka.bootstrap,
        kafka.security_protocol,
        kafka.mechanism,
        kafka.admin_username,
        kafka.admin_password,
    )
    with Broker(connection) as broker:
        broker._admin.create_topics(
            {topic.name: {"num_partitions": 1, "replication_factor": 1}}, raise_errors=True
        )
        assert broker.ensure_topics([topic]) == []
        asked = [ConfigResource(ConfigResourceType.TOPIC, topic.name)]
        found = broker._admin.describe_configs(asked)["topic"][topic.name]
    assert found["message.timestamp.type"]["value"] == "LogAppendTime"
