"""A person's report holds their own, counts others, and leaves out what an officer restricted."""

from __future__ import annotations

from typing import Any

from schemas.identifiers import stable_id
from schemas.sealing import identity_aad
from sharing_api.recall.course import Recall
from tests.integration.test_api.world import (
    CASE,
    COORDINATOR,
    MOMENT,
    OFFICER,
    World,
    alert,
    entity,
    incident,
)

ACCESS = {"Concord-Purpose": "subject-access", "Concord-Justification": "Request of the person"}
HUB_OFFICER = {"agency": "hub", "agency_type": "operator", "role": "hub-governance-officer"}
REFERENCE = "HC/2026/17"


async def person(world: World) -> str:
    """Somebody in two incidents, one of them with another person; the id of the entity."""
    first = world.ring.pseudonyms.incident_id("north-council", REFERENCE)
    one = incident(world.ring, first, "Zebedee")
    seal = world.ring.release_sealer().session()
    other = {
        **one["persons"][0],
        "position": 1,
        "role": "suspect",
        "identity": seal.seal(b'{"full_name": "Yolanda Other"}', identity_aad(first, 1)),
    }
    both = [*one["persons"], other]
    await world.put("hub-incident.v1", {**one, "persons": both})
    await world.put("hub-incident.v1", incident(world.ring, "inc_b", "Zebedee Again"))
    name = stable_id("ent", f"{first}#0")
    led = entity(stable_id("ent", "inc_b#0"), status="absorbed", heir=name)
    await world.put("entity.v1", entity(name, first, "inc_b"), led)
    await world.put("alert.v1", alert("alt_1", ("inc_b",)))
    assert (await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)).status_code == 200
    await Recall(world.services).once(MOMENT)
    return name


async def report(world: World, name: str) -> dict[str, Any]:
    """The report as the officer receives it."""
    answer = await world.get(f"/v1/subject-access/{name}", HUB_OFFICER, ACCESS)
    assert answer.status_code == 200, answer.text
    fields: dict[str, Any] = answer.json()["fields"]
    return fields


async def test_the_person_is_found_by_an_agencys_reference(world: World) -> None:
    """And confirmed by how many mentions they have; a wrong reference is nobody."""
    name = await person(world)
    query = {"agency": "north-council", "reference": REFERENCE}
    found = await world.get("/v1/subject-access", HUB_OFFICER, ACCESS, **query)
    told = {key: value for key, value in found.json()["fields"].items() if value is not None}
    assert told == {"entity_id": name, "mentions": 2}
    wrong = {"agency": "north-council", "reference": "HC/0"}
    assert (await world.get("/v1/subject-access", HUB_OFFICER, ACCESS, **wrong)).status_code == 403
    refused = await world.get(f"/v1/subject-access/{name}", OFFICER, ACCESS)
    assert refused.status_code == 403


async def test_the_report_is_theirs_alone(world: World) -> None:
    """Their identity from each incident and every disclosure; the other person is a number."""
    fields = await report(world, await person(world))
    assert {each["full_name"] for each in fields["identities"]} == {"Zebedee", "Zebedee Again"}
    assert sorted(each["other_persons"] for each in fields["incidents"]) == [0, 1]
    assert "Yolanda" not in str(fields)
    (told,) = fields["disclosures"]
    assert (told["to"], told["kind"]) == ("north-council", "alert")
    assert "victim_name" in told["fields"]


async def test_what_is_restricted_is_left_out(world: World) -> None:
    """Incident and disclosure, each by a recorded decision; what is no item is refused."""
    name = await person(world)
    path = f"/v1/subject-access/{name}/restrictions"
    body = {"item": "incident:inc_b", "section": "s45-4-b", "reason": "Open investigation"}
    assert (await world.post(path, HUB_OFFICER, ACCESS, body)).status_code == 201
    fields = await report(world, name)
    assert {each["full_name"] for each in fields["identities"]} == {"Zebedee"}
    assert "inc_b" not in {each["incident_id"] for each in fields["incidents"]}
    (withheld,) = fields["withheld"]
    assert "s.45(4)(b)" in withheld["ground"]
    number = fields["disclosures"][0]["ledger_sequence"]
    await world.post(path, HUB_OFFICER, ACCESS, {**body, "item": f"disclosure:{number}"})
    assert (await report(world, name))["disclosures"] == []
    nothing = await world.post(path, HUB_OFFICER, ACCESS, {**body, "item": "incident:inc_none"})
    assert nothing.status_code == 422
    entries = await world.services.ledger.read(limit=1000)
    assert sum("access-restricted" in each.reasons for each in entries) == 2
