"""Publishing over HTTP, and receipts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from schemas import codec, envelope
from tests.integration.test_api.world import (
    IDS,
    MONITOR,
    PARTNER,
    TAKING_PART,
    World,
    agency,
    event,
    receipt,
)

OTHER = {"agency": "wyp", "agency_type": "police", "role": "partner"}


@pytest.fixture(autouse=True)
async def agencies(world: World) -> None:
    """Two agencies are registered, one of them suspended."""
    await world.put(
        "agency.v1", agency("north-council"), agency("wyp"), agency("gone", status="suspended")
    )


async def post(
    world: World, body: Any, who: Mapping[str, Any] = PARTNER, **query: Any
) -> httpx.Response:
    """Publish as somebody."""
    return await world.client.post(
        "/v1/events",
        json=body,
        params={"wait_seconds": 0, **query},
        headers={**world.token(who), **TAKING_PART},
    )


async def test_an_event_goes_to_the_agencys_own_topic_as_avro(world: World) -> None:
    """Framed with the schema's id, keyed by reference, named by CloudEvents headers."""
    answer = await post(world, event("e1"))
    (sent,) = world.publisher.sent
    schema_id, body = codec.unframe(sent.value)
    record = codec.decode("incident.v1", body)
    named = envelope.parse(sent.headers)
    assert answer.status_code == 202
    assert answer.headers["Location"] == "/v1/receipts/e1"
    assert (sent.topic, sent.key) == ("agency.north-council.incident.v1", b"REF-e1")
    assert schema_id == IDS.id_of("incident.v1")
    assert (record["agency"], record["event_id"]) == ("north-council", "e1")
    assert (named.id, named.source) == ("e1", "/agency/north-council")


async def test_waiting_brings_the_receipt(world: World) -> None:
    """The answer is 201 as soon as the receipt is projected."""
    waiting = asyncio.ensure_future(post(world, event("e1"), wait_seconds=10))
    await world.publisher.published.wait()
    await world.put("receipt.v1", receipt("e1"))
    answer = await waiting
    assert answer.status_code == 201, answer.text
    assert [(r["event_id"], r["status"]) for r in answer.json()["receipts"]] == [("e1", "accepted")]


async def test_an_event_without_its_shape_is_rejected_with_every_fault(world: World) -> None:
    """The faults are those that intake gives, and no value is repeated."""
    answer = await post(world, {"event_id": "e1", "reference": 7, "Zebedee Q": 1})
    (rejected,) = answer.json()["receipts"]
    codes = {fault["code"] for fault in rejected["faults"]}
    assert (answer.status_code, rejected["status"]) == (422, "rejected")
    assert {"wrong-type", "unknown-field", "missing"} <= codes
    assert "Zebedee" not in answer.text
    assert not world.publisher.sent


async def test_good_events_of_a_mixed_request_are_taken(world: World) -> None:
    """One line of NDJSON that is wrong does not hold up the others."""
    answer = await world.client.post(
        "/v1/events?wait_seconds=0",
        content=b'{"event_id": "bad"}\n\n'
        + httpx.Request("POST", "http://x", json=event("ok")).content,
        headers={
            **world.token(PARTNER),
            **TAKING_PART,
            "Content-Type": "application/x-ndjson",
        },
    )
    assert answer.status_code == 202
    assert answer.json()["pending"] == ["ok"]
    assert [r["event_id"] for r in answer.json()["receipts"]] == ["bad"]


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (MONITOR, "role-may-not-publish"),
        (PARTNER | {"agency": "nobody"}, "agency-unknown"),
        (PARTNER | {"agency": "gone"}, "agency-suspended"),
    ],
)
async def test_only_a_registered_agencys_partner_system_publishes(
    world: World, who: dict[str, Any], code: str
) -> None:
    """Role, registration and suspension each stand in the way."""
    answer = await post(world, event("e1"), who)
    assert (answer.status_code, answer.json()["type"]) == (403, f"urn:concord:problem:{code}")
    assert not world.publisher.sent


async def test_nobody_publishes_for_another_agency(world: World) -> None:
    """The token's agency and the event's must be one."""
    answer = await post(world, event("e1", agency="wyp"))
    assert (answer.status_code, world.publisher.sent) == (403, [])


async def test_a_broker_that_is_away_is_a_503_with_retry_after(world: World) -> None:
    """Nothing is pretended; the client may send again without doubling."""
    world.publisher.away = True
    answer = await post(world, event("e1"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


async def test_receipts_are_the_agencys_alone(world: World) -> None:
    """Each agency's list and addresses show its own receipts."""
    await world.put("receipt.v1", receipt("mine"))
    await world.put("receipt.v1", receipt("theirs", owner="wyp"))
    mine = await world.get("/v1/receipts", PARTNER, TAKING_PART)
    theirs = await world.get("/v1/receipts", OTHER, TAKING_PART)
    foreign = await world.get("/v1/receipts/theirs", PARTNER, TAKING_PART)
    missing = await world.get("/v1/receipts/never", PARTNER, TAKING_PART)
    assert [i["fields"]["event_id"] for i in mine.json()["items"]] == ["mine"]
    assert [i["fields"]["event_id"] for i in theirs.json()["items"]] == ["theirs"]
    assert foreign.status_code == missing.status_code == 403
    assert foreign.json() | {"ledger_reference": ""} == missing.json() | {"ledger_reference": ""}


async def test_resuming_brings_what_has_come_since(world: World) -> None:
    """A client reads to the end, waits, and gets the next receipt once."""
    await world.put("receipt.v1", receipt("first"))
    start = (await world.get("/v1/receipts", PARTNER, TAKING_PART)).json()
    assert start["next"] is None
    waiting = asyncio.ensure_future(
        world.get("/v1/receipts", PARTNER, TAKING_PART, cursor=start["resume"], wait=10)
    )
    await asyncio.sleep(0.05)
    await world.put("receipt.v1", receipt("second"))
    answer = await waiting
    assert [i["fields"]["event_id"] for i in answer.json()["items"]] == ["second"]


async def test_odd_event_ids_have_receipts_too(world: World) -> None:
    """Slashes, zero bytes and great length are the sender's choice."""
    for name in ("a/b c", "nul\x00", "x" * 900):
        await world.put("receipt.v1", receipt(name))
        path = httpx.URL("http://hub/").copy_with(raw_path=b"/v1/receipts/" + quoted(name))
        answer = await world.client.get(path, headers={**world.token(PARTNER), **TAKING_PART})
        assert answer.status_code == 200, name[:10]


def quoted(name: str) -> bytes:
    """Percent-encode everything."""
    return "".join(f"%{byte:02X}" for byte in name.encode()).encode()
