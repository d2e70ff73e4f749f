"""A standard client speaks to the hub, and nothing it can send stops the next good message."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from schemas import codec
from tests.real.hub import RealHub, incident
from tests.real.stranger import Stranger

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


class Partner:
    """An agency of this test module, and its unmodified client."""

    def __init__(self, hub: RealHub, agency: str) -> None:
        """Connects with the onboarding document."""
        self.hub = hub
        self.agency = agency
        self.client = Stranger(hub.onboarded(agency))
        self._count = 0

    def event(self, **fields: Any) -> dict[str, Any]:
        """The agency's next incident."""
        self._count += 1
        return incident(self.agency, f"S-{self._count}", **fields)

    def framed(self, event: dict[str, Any], schema_id: int | None = None) -> bytes:
        """An incident as bytes, under its own schema id or another."""
        ids = self.hub.local.settings.schema_ids()
        body = codec.encode("incident.v1", event)
        return codec.frame(ids.id_of("incident.v1") if schema_id is None else schema_id, body)

    def next_good_message_flows(self) -> None:
        """Publish a good incident and see it accepted."""
        event = self.event()
        self.client.publish(event)
        assert self.client.receipt(event["event_id"])["status"] == "accepted"

    def rejected_for(self, event_id: str) -> set[str]:
        """Reasons of a rejection receipt."""
        receipt = self.client.receipt(event_id)
        assert receipt["status"] == "rejected"
        return {fault["code"] for fault in receipt["faults"]}

    async def dead_letter(self, event_id: str) -> dict[str, Any]:
        """What the hub kept of an unreadable message."""
        return (await self.hub.records("hub.dead-letter.v1", until=event_id))[event_id]


@pytest.fixture(scope="module")
def names() -> list[str]:
    """Agencies made so far in this module."""
    return []


@pytest.fixture
async def partner(real_hub: RealHub, names: list[str]) -> Any:
    """One agency for the whole module, with a client for each test."""
    if not names:
        names.append(await real_hub.agency("stranger"))
    made = Partner(real_hub, names[0])
    made._count = 100 * len(names)
    names.append("")
    with made.client:
        yield made


async def test_its_incident_gets_an_accepted_receipt(partner: Partner) -> None:
    """No header, no signature: the broker's user says who it is, the serialiser frames it."""
    event = partner.event()
    partner.client.publish(event)
    receipt = partner.client.receipt(event["event_id"])
    assert (receipt["status"], receipt["reference"]) == ("accepted", event["reference"])
    assert receipt["incident_id"].startswith("inc_")


async def test_a_signature_that_does_not_verify_is_rejected(partner: Partner) -> None:
    """A signature that is present must be right."""
    event = partner.event()
    forged = base64.b64encode(bytes(64)).decode()
    partner.client.publish(
        event,
        ce_id=event["event_id"],
        concord_key_id=partner.hub.onboarded(partner.agency)["key_id"],
        concord_signature=forged,
    )
    assert partner.rejected_for(event["event_id"]) == {"signature-invalid"}
    partner.next_good_message_flows()


async def test_another_agencys_id_is_rejected(partner: Partner) -> None:
    """The topic says who sends; a record that names somebody else is refused."""
    event = partner.event() | {"agency": "somebody-else"}
    partner.client.publish(event)
    assert "agency-mismatch" in partner.rejected_for(event["event_id"])
    partner.next_good_message_flows()


async def test_an_unknown_schema_id_is_rejected_and_kept(partner: Partner) -> None:
    """Bytes under a schema that the registry does not know are kept as a dead letter."""
    event = partner.event()
    value = partner.framed(event, schema_id=2_000_000_000)
    place = partner.client.publish_bytes(value, ce_id=event["event_id"])
    assert partner.rejected_for(event["event_id"]) == {"unknown-schema"}
    letter = await partner.dead_letter(event["event_id"])
    assert (letter["reason"], letter["size"]) == ("unknown-schema", len(value))
    assert letter["source"] == place
    partner.next_good_message_flows()


async def test_truncated_avro_is_rejected_and_kept(partner: Partner) -> None:
    """Avro that ends too early is kept as a dead letter."""
    event = partner.event()
    partner.client.publish_bytes(partner.framed(event)[:-9], ce_id=event["event_id"])
    assert partner.rejected_for(event["event_id"]) == {"undecodable"}
    assert (await partner.dead_letter(event["event_id"]))["reason"] == "undecodable"
    partner.next_good_message_flows()


async def test_five_megabytes_of_garbage_are_rejected_by_their_place(partner: Partner) -> None:
    """Garbage without an id is answered under its place on the log; only its beginning is kept."""
    garbage = bytes(range(256)) * (5 * 2**20 // 256)
    place = partner.client.publish_bytes(garbage)
    assert partner.rejected_for(place) == {"oversize"}
    letter = await partner.dead_letter(place)
    assert (letter["reason"], letter["size"]) == ("oversize", len(garbage))
    assert len(letter["payload"]) < 2**17
    partner.next_good_message_flows()
