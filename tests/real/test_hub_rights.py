"""Who may write and read what, on a hub whose broker knows its users."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from concord.agencies import Agencies
from schemas.topics import hub_topics, topic_for
from tests.real.hub import PATIENCE, RealHub, incident

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


@pytest.fixture
async def pair(real_hub: RealHub) -> tuple[str, str]:
    """Two agencies, alpha and beta, each with one accepted incident."""
    agencies = (await real_hub.agency("alpha"), await real_hub.agency("beta"))
    for agency in agencies:
        assert (await published(real_hub, agency, "R-1"))["status"] == "accepted"
    return agencies


async def published(hub: RealHub, agency: str, reference: str) -> dict[str, Any]:
    """Publish an incident in the agency's name; gives its receipt."""
    event = incident(agency, reference)
    await hub.session.send([hub.session.message("incident.v1", event)])
    return await hub.receipt(agency, event["event_id"])


def as_agency(hub: RealHub, agency: str) -> dict[str, Any]:
    """How the agency's own client connects."""
    security = hub.onboarded(agency)["security"]
    return hub.kafka.client(security["username"], security["password"])


async def write(hub: RealHub, agency: str, topic: str) -> None:
    """Write to a topic as the agency's broker user. Raises what the broker answers."""
    producer = AIOKafkaProducer(**as_agency(hub, agency))
    await started(producer)
    try:
        await producer.send_and_wait(topic, b"anything", key=b"R-2")
    finally:
        await producer.stop()


async def wait_for_refusal(hub: RealHub, agency: str) -> None:
    """Return when the broker refuses the agency its own topic, a moment after it said so."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await write(hub, agency, topic_for("incident", agency))
            except TopicAuthorizationFailedError:
                return


async def started(client: Any) -> None:
    """Connect; a broker needs a moment before it knows a user that was made just now."""
    for _attempt in range(40):
        try:
            await client.start()
        except TopicAuthorizationFailedError:
            raise
        except KafkaError:
            await asyncio.sleep(0.25)
        else:
            return
    raise TimeoutError("the broker does not let the agency in")


async def first(hub: RealHub, agency: str, topic: str) -> Any:
    """Read a topic's first message as the agency's broker user. Raises what the broker answers."""
    consumer = AIOKafkaConsumer(topic, **as_agency(hub, agency), auto_offset_reset="earliest")
    try:
        async with asyncio.timeout(PATIENCE):
            await started(consumer)
            return await consumer.getone()
    finally:
        await consumer.stop()


async def test_an_agency_writes_neither_anothers_topic_nor_the_hubs(
    real_hub: RealHub, pair: tuple[str, str]
) -> None:
    """The broker refuses; the hub need not even look."""
    alpha, beta = pair
    for topic in (topic_for("incident", beta), topic_for("receipt", alpha), "hub.alert.v1"):
        with pytest.raises(TopicAuthorizationFailedError):
            await write(real_hub, alpha, topic)


async def test_an_agency_reads_nothing_of_the_hubs(
    real_hub: RealHub, pair: tuple[str, str]
) -> None:
    """Every topic of the hub's own is closed to agencies."""
    for topic in hub_topics():
        with pytest.raises(TopicAuthorizationFailedError):
            await first(real_hub, pair[0], topic.name)


async def test_receipts_are_their_agencys_alone(real_hub: RealHub, pair: tuple[str, str]) -> None:
    """Beta reads its receipts, all of them its own; the broker refuses them to alpha."""
    alpha, beta = pair
    topic = topic_for("receipt", beta)
    with pytest.raises(TopicAuthorizationFailedError):
        await first(real_hub, alpha, topic)
    assert (await first(real_hub, beta, topic)).key == f"{beta}:R-1:1".encode()
    receipts = await real_hub.records(topic)
    assert {receipt["agency"] for receipt in receipts.values()} == {beta}


async def test_a_new_agency_is_taken_in_without_a_restart(real_hub: RealHub) -> None:
    """The worker that ran before the agency was added answers its first event."""
    before = real_hub.local.child("worker-intake").pid
    agency = await real_hub.agency("newcomer")
    assert (await published(real_hub, agency, "R-1"))["status"] == "accepted"
    assert real_hub.local.child("worker-intake").pid == before


async def test_a_suspended_agency_is_refused_by_the_broker_until_it_is_resumed(
    real_hub: RealHub,
) -> None:
    """Suspended: it can write no more, and still reads its receipts. Resumed: its events flow."""
    agency = await real_hub.agency("suspended")
    assert (await published(real_hub, agency, "R-1"))["status"] == "accepted"
    desk = Agencies(real_hub.local.settings)
    await desk.suspend(agency)
    await wait_for_refusal(real_hub, agency)
    assert (await first(real_hub, agency, topic_for("receipt", agency))).key is not None
    await desk.resume(agency)
    assert (await published(real_hub, agency, "R-3"))["status"] == "accepted"
