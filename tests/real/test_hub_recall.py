"""A recipient that was offline while something was retracted, on Kafka, OPA and PostgreSQL.

It comes back, reads its own topic with its own password, checks the hub's signature, does what it
is asked, and says so; the hub's officer sees it outstanding until then.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from concord.askers import Client, Person
from concord.cli import app
from producers import onboarding
from producers.client import HubClient
from producers.transport import HubAwayError, HubRefusesError
from schemas.topics import topic_for
from tests.real.hub import COORDINATOR, PATIENCE, RealHub, incident

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

OFFICER = Person("officer", "hub", "operator", "hub-governance-officer", "accountability")
PARTNER = Person("partner", "", "council", "partner", "participation")


def person() -> dict[str, Any]:
    """Somebody whom linkage knows again."""
    return {
        "role": "victim",
        "category": "victim",
        "basis": "fact",
        "given_names": "Perpetua",
        "family_name": "Ottershaw",
        "date_of_birth": "1979-05-02",
        "address": {"house": "3", "street": "Mill Lane", "postcode": "CX25 8QQ"},
        "phones": ["07700 900733"],
    }


async def answered(
    hub: RealHub, who: Person, path: str, body: Any = None, **query: Any
) -> dict[str, Any]:
    """Ask or tell the API as somebody."""

    def ask() -> dict[str, Any]:
        client = Client(hub.local.settings.public_url, who)
        try:
            if body is None:
                answer = client.get(path, **query)
            else:
                answer = client._http.post(path, json=body)
        finally:
            client.close()
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return await asyncio.to_thread(ask)


async def outstanding(hub: RealHub, recipient: str) -> list[dict[str, Any]]:
    """What a recipient has not acknowledged, as the hub's officer sees it."""
    listed = await answered(hub, OFFICER, "/v1/notices", status="open", limit=200)
    fields = [one["fields"] for one in listed["items"]]
    return [one for one in fields if one["recipient"] == recipient]


async def once(found: Callable[[], Awaitable[list[Any]]]) -> list[Any]:
    """Wait until there is something. Raises TimeoutError."""
    deadline = time.monotonic() + PATIENCE
    while not (there := await found()):
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.5)
    return there


async def test_a_recipient_that_was_offline_reads_its_topic_and_answers(
    real_hub: RealHub, tmp_path: Path
) -> None:
    """From the disclosure over the retraction to the acknowledgement."""
    session = real_hub.session
    police = await real_hub.agency("recall-police", "police")
    council = await real_hub.agency("recall-council")
    for owner in (police, council):
        event = incident(owner, "RC-1", persons=[person()])
        await session.send([session.message("incident.v1", event)])
        assert (await real_hub.receipt(owner, event["event_id"]))["status"] == "accepted"
    await session.digested()
    coordinator = replace(COORDINATOR, agency=council)

    async def alerts() -> list[Any]:
        listed = await answered(real_hub, coordinator, "/v1/alerts", limit=200)
        items: list[Any] = listed["items"]
        return items

    (alert, *_) = await once(alerts)
    assert await outstanding(real_hub, council) == []
    gone = incident(police, "RC-1", persons=[], event_id=f"{police}:RC-1:2", version=2)
    gone |= {"retracted": True}
    await session.send([session.message("incident.v1", gone)])
    assert (await real_hub.receipt(police, gone["event_id"]))["status"] == "accepted"

    async def called_back() -> list[Any]:
        return await outstanding(real_hub, council)

    waiting = await once(called_back)
    assert {one["fact"] for one in waiting} == {"retraction"}
    await real_hub.records(topic_for("notice", council), until=waiting[0]["notice_id"])

    read = await back_again(real_hub, council, tmp_path)
    assert {one["notice_id"] for one in read} == {one["notice_id"] for one in waiting}
    assert alert["fields"]["alert_id"] in {name for one in read for name in one["record_ids"]}
    partner = replace(PARTNER, agency=council)
    for one in read:
        path = f"/v1/notices/{one['notice_id']}/acknowledgement"
        await answered(real_hub, partner, path, {"done": "deleted"})
    assert await outstanding(real_hub, council) == []


async def back_again(hub: RealHub, agency: str, folder: Path) -> list[dict[str, Any]]:
    """What the agency's own program reads, with its own password; another agency's is refused."""
    own = {**hub.onboarded(agency)}
    file = folder / "onboarding.json"
    file.write_text(json.dumps(own), "utf-8")
    arguments = ["notices", "--agency", agency, "--onboarding", str(file), "--json"]
    done = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert done.exit_code == 0, done.output
    stranger = {**own, "security": hub.onboarded(await hub.agency("recall-stranger"))["security"]}
    async with HubClient(onboarding.from_document(stranger)) as client:
        with pytest.raises((HubRefusesError, HubAwayError)):
            _ = [one async for one in client.notices()]
    forged = {**own, "hub_public_key": "00" * 32}
    async with HubClient(onboarding.from_document(forged)) as client:
        with pytest.raises(HubRefusesError, match="signature"):
            _ = [one async for one in client.notices()]
    return [json.loads(line) for line in done.stdout.splitlines()]
