"""One journey through everything: published two ways, linked, released to whom it may be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from concord.askers import Client, Person
from schemas import shape
from sharing_api.store.engine import make_engine
from tests.real.hub import (
    COORDINATOR,
    HOUSING,
    MONITOR,
    OFFICER,
    PATIENCE,
    TEACHER,
    RealHub,
    incident,
)

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

NAME = ("Perpetua", "Quillfeather")


@dataclass
class Journey:
    """One victim known to three agencies, and the alert that the hub made of it."""

    hub: RealHub
    police: str
    council: str
    housing: str
    http_receipt: dict[str, Any]
    alert: dict[str, Any]

    @property
    def coordinator(self) -> Person:
        """Who may see the name."""
        return replace(COORDINATOR, agency=self.council)


def victim() -> dict[str, Any]:
    """The same woman in every agency's records."""
    return {
        "role": "victim",
        "category": "victim",
        "basis": "fact",
        "given_names": NAME[0],
        "family_name": NAME[1],
        "date_of_birth": "1987-03-14",
        "sex": "female",
        "address": {"house": "7", "street": "Larch Row", "postcode": "CX25 8QQ"},
        "phones": ["07700 900417"],
        "emails": ["p.quillfeather@example.net"],
    }


def hers(agency: str, reference: str, days_ago: int) -> dict[str, Any]:
    """An incident against her."""
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days_ago)
    return incident(
        agency,
        reference,
        recorded_at=moment,
        occurred={"from": moment - timedelta(hours=3), "to": None, "precision": "exact"},
        persons=[victim()],
        victim_wishes=["support"],
    )


async def over_http(hub: RealHub, agency: str, event: dict[str, Any]) -> dict[str, Any]:
    """Publish an incident as an agency without Kafka; gives the receipt in the answer."""
    person = Person("clerk", agency, "council", "partner", "participation")
    client = Client(hub.local.settings.public_url, person)
    try:
        answer = client._http.post(
            "/v1/events?wait_seconds=20", json=shape.to_json("incident.v1", event)
        )
    finally:
        client.close()
    assert answer.status_code == httpx.codes.CREATED, answer.text
    receipt: dict[str, Any] = answer.json()["receipts"][0]
    return receipt


_MADE: list[Journey] = []


@pytest.fixture
async def journey(real_hub: RealHub) -> Journey:
    """Made once: published by two agencies over Kafka and one over HTTP, digested."""
    if _MADE:
        return _MADE[0]
    police = await real_hub.agency("police", "police")
    council = await real_hub.agency("council", "council")
    housing = await real_hub.agency("housing", "housing")
    events = [hers(police, "J-1", 40), hers(housing, "J-2", 20), hers(police, "J-3", 9)]
    session = real_hub.session
    await session.send([session.message("incident.v1", event) for event in events])
    for event in events:
        receipt = await real_hub.receipt(event["agency"], event["event_id"])
        assert receipt["status"] == "accepted", receipt
    receipt = await over_http(real_hub, council, hers(council, "J-4", 3))
    await session.digested()
    coordinator = replace(COORDINATOR, agency=council)
    alert = await alert_with(real_hub, coordinator, receipt["incident_id"])
    _MADE.append(Journey(real_hub, police, council, housing, receipt, alert))
    return _MADE[0]


async def alert_with(hub: RealHub, person: Person, incident_id: str) -> dict[str, Any]:
    """Wait until the API shows the person a victim's alert about this incident."""
    async with asyncio.timeout(PATIENCE):
        while True:
            page = await asyncio.to_thread(
                hub.ask, person, "/v1/alerts", rule="repeat-victim", limit=200
            )
            assert page.status_code == httpx.codes.OK, page.text
            for item in page.json()["items"]:
                fields: dict[str, Any] = item["fields"]
                if incident_id in fields["incident_ids"] and fields["incidents"] == 4:
                    return fields
            await asyncio.sleep(0.2)


async def test_both_ways_in_lead_to_one_alert(journey: Journey) -> None:
    """Four incidents of three agencies, by Kafka and by HTTP, are about one victim."""
    assert journey.http_receipt["status"] == "accepted"
    agencies = {journey.police, journey.council, journey.housing}
    assert set(journey.alert["agencies"]) == agencies


async def test_the_coordinator_sees_the_name_by_consent(journey: Journey) -> None:
    """The victim said yes; the agreement says the coordinator may know who she is."""
    answer = journey.hub.ask(journey.coordinator, f"/v1/alerts/{journey.alert['alert_id']}")
    assert all(part in json.dumps(answer.json()["fields"]) for part in NAME)


async def test_housing_sees_its_part(journey: Journey) -> None:
    """Its tenant's alert or incident without name and strand."""
    person = replace(HOUSING, agency=journey.housing)
    answer = journey.hub.ask(person, f"/v1/alerts/{journey.alert['alert_id']}")
    assert answer.status_code == httpx.codes.OK, answer.text
    fields = answer.json()["fields"]
    assert not {"strands", "victim_name", "agencies", "mention_ids"} & fields.keys()
    assert NAME[1] not in answer.text


async def test_the_monitor_sees_areas_and_no_person(journey: Journey) -> None:
    """Signals are open to the monitor; the alert about a person is not."""
    monitor = replace(MONITOR, agency=journey.council)
    signals = journey.hub.ask(monitor, "/v1/tension/signals")
    assert signals.status_code == httpx.codes.OK
    assert NAME[1] not in signals.text
    alert = journey.hub.ask(monitor, f"/v1/alerts/{journey.alert['alert_id']}")
    assert alert.status_code == httpx.codes.FORBIDDEN


async def test_a_fourth_is_refused_and_told_why(journey: Journey) -> None:
    """A teacher with the coordinator's purpose gets reasons and no data."""
    answer = journey.hub.ask(TEACHER, f"/v1/alerts/{journey.alert['alert_id']}")
    assert answer.status_code == httpx.codes.FORBIDDEN
    problem = answer.json()
    assert problem["reasons"]
    assert "fields" not in problem
    assert NAME[1] not in answer.text


async def test_the_ledger_knows_all_of_it_and_verifies(journey: Journey) -> None:
    """The release and the refusal are entries; the chain of hashes holds."""
    ask = journey.hub.ask
    released = ask(journey.coordinator, f"/v1/alerts/{journey.alert['alert_id']}").json()
    refused = ask(TEACHER, f"/v1/alerts/{journey.alert['alert_id']}").json()
    page = ask(OFFICER, "/v1/ledger", after=released["ledger_reference"], limit=200).json()
    entries = {e["fields"]["reference"]: e["fields"] for e in page["items"]}
    last = entries[refused["ledger_reference"]]
    assert last["decision"] == "refuse"
    pack = ask(OFFICER, f"/v1/ledger/entries/{released['ledger_reference']}/evidence").json()
    assert json.loads(pack["entry"])["decision"] == "permit"
    verification = await verified(journey.hub.local.settings.store_url)
    assert verification.fault is None
    assert verification.entries >= last["sequence"]


async def verified(url: str) -> Any:
    """Check the chain of the ledger in the database itself."""
    from sqlalchemy.ext.asyncio import async_sessionmaker

    from sharing_api.store.ledger import Ledger

    engine = make_engine(url)
    try:
        return await Ledger(async_sessionmaker(engine)).verify()
    finally:
        await engine.dispose()


async def test_both_engines_release_the_same_fields(journey: Journey) -> None:
    """The hub decided by OPA; a second API of the same hub decides by the embedded engine."""
    from concord.stack.process import free_port

    local = journey.hub.local
    port = free_port()
    second = local.start_part(
        "api-embedded",
        "api",
        environment={
            "CONCORD_API_PORT": str(port),
            "CONCORD_API_URL": f"http://127.0.0.1:{port}",
            "CONCORD_OPA_URL": "",
        },
    )
    path = f"/v1/alerts/{journey.alert['alert_id']}"
    people = [
        journey.coordinator,
        replace(HOUSING, agency=journey.housing),
        replace(MONITOR, agency=journey.council),
        TEACHER,
    ]
    try:
        await ready(f"http://127.0.0.1:{port}")
        for person in people:
            by_opa = journey.hub.ask(person, path)
            client = Client(f"http://127.0.0.1:{port}", person)
            embedded = client.get(path)
            client.close()
            assert outcome(by_opa) == outcome(embedded), person.title
    finally:
        second.stop()
        local._children.pop("api-embedded")


def outcome(answer: httpx.Response) -> Mapping[str, Any]:
    """What a decision comes to, without the number of its ledger entry."""
    body = answer.json()
    kept = ("fields", "obligations", "reasons", "agreement", "policy_revision")
    return {"status": answer.status_code} | {name: body.get(name) for name in kept}


async def ready(url: str) -> None:
    """Wait until an API is ready."""
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient() as client:
        while True:
            try:
                if (await client.get(f"{url}/readyz")).is_success:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)


def test_the_registry_guards_every_subject(real_hub: RealHub) -> None:
    """FULL_TRANSITIVE, a subject for each topic, and 409 for a schema that would break readers."""
    url = real_hub.stack.registry.url
    level = httpx.get(f"{url}/config").json()["compatibilityLevel"]
    assert level == "FULL_TRANSITIVE"
    subjects = set(httpx.get(f"{url}/subjects").json())
    topics = real_hub.onboarded(next(iter(real_hub.session.onboarding)))["topics"].values()
    from schemas.topics import hub_topics

    wanted = {f"{topic.name}-value" for topic in hub_topics()} | {f"{t}-value" for t in topics}
    assert wanted <= subjects
    other = {"type": "record", "name": "Incident", "fields": [{"name": "x", "type": "int"}]}
    refused = httpx.post(
        f"{url}/subjects/{min(topics)}-value/versions", json={"schema": json.dumps(other)}
    )
    assert refused.status_code == httpx.codes.CONFLICT
