"""The HTTP transport posts events and reads receipts as the hub's API wants it."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from concord.scenario import generate
from producers.http import HttpTransport
from producers.onboarding import Onboarding
from producers.records import Event
from producers.transport import HubAwayError, HubRefusesError
from schemas import shape

EVENTS = [Event(one.record, one.value) for one in generate(300, 1).events][:250]
NORTH = Onboarding("north", api_url="http://hub.example/", token="t0ken", transport="http")


def transport(answer: Any) -> HttpTransport:
    """A transport whose hub answers like this."""
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return HttpTransport(NORTH, client)


async def test_events_are_posted_in_batches_of_one_record_in_order() -> None:
    """With token and purpose, one a line."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(202, json={"receipts": [], "pending": []})

    await transport(answer).send(EVENTS)
    sent = [json.loads(line) for one in asked for line in one.content.decode().splitlines()]
    assert [one["event_id"] for one in sent] == [event.event_id for event in EVENTS]
    assert all(one.headers["authorization"] == "Bearer t0ken" for one in asked)
    assert all(one.headers["concord-purpose"] == "participation" for one in asked)
    assert all(one.content.count(b"\n") < 200 for one in asked)
    assert {one.url.params["record"] for one in asked} == {"incident.v1", "tension-report.v1"}


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_a_hub_that_is_not_ready_is_away(status: int) -> None:
    """So the events are spooled."""
    with pytest.raises(HubAwayError):
        await transport(lambda _request: httpx.Response(status)).send(EVENTS[:1])


async def test_a_hub_that_does_not_answer_is_away() -> None:
    """Whatever the network says."""

    def answer(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    with pytest.raises(HubAwayError, match="ConnectError"):
        await transport(answer).start()


@pytest.mark.parametrize("status", [400, 401, 403, 413, 422])
async def test_a_refusal_is_told_by_status_and_title(status: int) -> None:
    """Never by a detail, which could repeat an event."""
    problem = {"title": "Not authenticated", "detail": "Xanthippe"}
    with pytest.raises(HubRefusesError, match=f"{status} Not authenticated") as error:
        await transport(lambda _request: httpx.Response(status, json=problem)).send(EVENTS[:1])
    assert "Xanthippe" not in str(error.value)


async def test_an_event_of_the_wrong_shape_has_its_receipt_at_once() -> None:
    """The hub does not keep that one."""
    receipt = {"event_id": "e1", "status": "rejected", "faults": []}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(422, json={"receipts": [receipt], "pending": []})
        return httpx.Response(200, json={"items": [], "next": None, "resume": None})

    hub = transport(answer)
    await hub.send(EVENTS[:1])
    assert [one async for one in hub.receipts(follow=False)] == [receipt]


async def test_receipts_are_read_page_by_page() -> None:
    """Until there is no next one."""
    pages = {
        None: {"items": [{"fields": {"event_id": "a"}}], "next": "c1", "resume": "c1"},
        "c1": {"items": [{"fields": {"event_id": "b"}}], "next": None, "resume": "c2"},
    }

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=pages[request.url.params.get("cursor")])

    found = [one["event_id"] async for one in transport(answer).receipts(follow=False)]
    assert found == ["a", "b"]


async def test_notices_are_read_from_the_inbox_in_the_shape_of_the_topic() -> None:
    """Page by page; every field of `notice.v1` and no other."""
    fields = {
        "notice_id": "ntc_1", "fact": "retraction", "issued_at": "2026-03-01T00:00:00.000Z",
        "acknowledge_by": None, "record_kind": "alert", "action": "delete", "reminders": 2,
        "known_as": "alt_1", "fields": ["level"], "status": "open", "instruction": "Delete it.",
        "ledger_references": ["north.5f3a91c0.4", "north.5f3a91c0.9"],
    }  # fmt: skip
    pages = {
        None: {"items": [{"fields": fields}], "next": "c1"},
        "c1": {"items": [{"fields": {**fields, "notice_id": "ntc_2"}}], "next": None},
    }

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.path == "/v1/notices"
        return httpx.Response(200, json=pages[request.url.params.get("cursor")])

    first, second = [one async for one in transport(answer).notices(follow=False)]
    assert (first["notice_id"], second["notice_id"]) == ("ntc_1", "ntc_2")
    assert (first["record_ids"], first["reminder"]) == (["alt_1"], 2)
    assert first["ledger_references"] == ["north.5f3a91c0.4", "north.5f3a91c0.9"]
    assert first["disclosure_id"] == "north.5f3a91c0.9"
    assert shape.check("notice.v1", first) == []
