"""Alerts over HTTP: released, withheld, paged and filtered."""

from __future__ import annotations

import json
import re

from schemas.sealing import details_aad
from tests.integration.test_api.world import (
    CASE,
    COORDINATOR,
    MONITOR,
    STRANGER,
    TENSION,
    World,
    alert,
    incident,
)

NAME = "Zebedee Quillfeather"


async def two_incidents(world: World) -> None:
    """An alert over two incidents of one victim."""
    await world.put(
        "hub-incident.v1", incident(world.ring, "inc_a", NAME), incident(world.ring, "inc_b", NAME)
    )
    await world.put("alert.v1", alert("alt_1", ["inc_a", "inc_b"]))


async def test_a_coordinator_gets_the_name_the_evidence_and_a_ledger_entry(world: World) -> None:
    """With consent recorded, purpose and justification stated, the name is opened."""
    await two_incidents(world)
    answer = await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert NAME in str(body["fields"]["victim_name"])
    assert body["fields"]["rule"] == "repeat-victim"
    assert answer.headers["Concord-Ledger-Reference"] == body["ledger_reference"]
    assert answer.headers["Cache-Control"] == "no-store"
    codes = answer.headers.get_list("Concord-Obligation")
    assert codes == [one["code"] for one in body["obligations"]]


async def test_a_stranger_is_refused_with_reasons(world: World) -> None:
    """No agreement, no data: a problem with codes and sentences."""
    await two_incidents(world)
    answer = await world.get("/v1/alerts/alt_1", STRANGER, CASE)
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["reasons"][0]["text"]
    assert NAME not in answer.text


async def test_what_is_not_there_and_what_is_not_for_you_look_alike(world: World) -> None:
    """The bodies differ in the ledger's number alone."""
    await two_incidents(world)
    there = await world.get("/v1/alerts/alt_1", MONITOR, TENSION)
    missing = await world.get("/v1/alerts/alt_2", MONITOR, TENSION)
    assert there.status_code == missing.status_code == 403
    assert there.json() | {"ledger_reference": ""} == missing.json() | {"ledger_reference": ""}


async def test_paging_is_stable_while_alerts_change_and_come(world: World) -> None:
    """Each of the alerts that were there at the start is seen exactly once."""
    await world.put("hub-incident.v1", incident(world.ring, "inc_a", NAME))
    names = [f"alt_{n:02}" for n in range(7)]
    for name in names:
        await world.put("alert.v1", alert(name, ["inc_a"]))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for turn in range(10):
        answer = await world.get("/v1/alerts", COORDINATOR, CASE, limit=2, **cursor)
        assert answer.status_code == 200, answer.text
        seen += [one["fields"]["alert_id"] for one in answer.json()["items"]]
        if answer.json()["next"] is None:
            break
        cursor = {"cursor": answer.json()["next"]}
        await world.put("alert.v1", alert(names[turn], ["inc_a"], level="high"))
        await world.put("alert.v1", alert(f"alt_new{turn}", ["inc_a"]))
    assert seen == names[::-1]


async def test_a_filter_on_a_withheld_field_finds_nothing(world: World) -> None:
    """A monitor sees places without their level, so the level cannot be found by filtering."""
    await world.put("hub-incident.v1", incident(world.ring, "inc_a", NAME))
    await world.put("alert.v1", alert("alt_p", ["inc_a"], entity_kind="place", level="high"))
    everything = await world.get("/v1/alerts", MONITOR, TENSION)
    by_district = await world.get("/v1/alerts", MONITOR, TENSION, district="D1")
    by_level = await world.get("/v1/alerts", MONITOR, TENSION, level="high")
    assert [len(a.json()["items"]) for a in (everything, by_district, by_level)] == [1, 1, 0]


async def test_a_removed_alert_is_gone_from_list_and_address(world: World) -> None:
    """A tombstone on the topic takes the alert away."""
    await two_incidents(world)
    await world.put("alert.v1", removed=["alt_1"])
    listed = await world.get("/v1/alerts", COORDINATOR, CASE)
    shown = await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)
    assert (listed.json()["items"], shown.status_code) == ([], 403)


async def test_a_foreign_cursor_is_refused(world: World) -> None:
    """Cursors cannot be made up or carried from one list to another."""
    for cursor in ("AAAA", world.services.cursors.write("receipts", "rcp_1")):
        answer = await world.get("/v1/alerts", COORDINATOR, CASE, cursor=cursor)
        assert (answer.status_code, answer.json()["type"]) == (
            404,
            "urn:concord:problem:cursor-unknown",
        )


async def test_an_incident_is_shown_as_far_as_the_agreement_goes(world: World) -> None:
    """The same incident: fields for the coordinator, a refusal for the stranger."""
    await two_incidents(world)
    known = await world.get("/v1/incidents/inc_a", COORDINATOR, CASE)
    refused = await world.get("/v1/incidents/inc_a", STRANGER, CASE)
    assert (known.status_code, refused.status_code) == (200, 403), known.text
    assert "narrative" not in refused.text


async def test_a_landlord_sees_what_others_report_of_its_tenants(world: World) -> None:
    """Through store and route; of nobody else's tenants does it learn even that they are there."""
    await world.put(
        "hub-incident.v1",
        incident(world.ring, "inc_a", NAME, tenant_of=["hill-homes"]),
        incident(world.ring, "inc_b", NAME, tenant_of=["oak-homes"]),
    )
    landlord = {"agency": "hill-homes", "agency_type": "housing", "role": "housing-officer"}
    support = {"Concord-Purpose": "tenancy-support"}
    own = await world.get("/v1/incidents/inc_a", landlord, support)
    other = await world.get("/v1/incidents/inc_b", landlord, support)
    assert (own.status_code, other.status_code) == (200, 403), own.text
    assert own.json()["fields"]["ward"] == "W01"
    assert NAME not in own.text
    assert "race" not in own.text


async def test_conditions_of_handling_are_in_the_body_and_never_in_a_header(world: World) -> None:
    """Free text of an agency may say who somebody is, and proxies write headers into logs."""
    words = "Only to be read at Zebedee's house"
    made = incident(world.ring, "inc_c", NAME, handling={"code": "C", "conditional": True})
    seal = world.ring.release_sealer().session()
    details = json.dumps({"reference": "R", "handling_conditions": words})
    made |= {"details": seal.seal(details.encode(), details_aad("inc_c"))}
    made["release_key_id"], made["release_wrapped_key"] = seal.key_id, seal.wrapped_key
    made["persons"] = []
    await world.put("hub-incident.v1", made)
    answer = await world.get("/v1/incidents/inc_c", COORDINATOR, CASE)
    assert answer.status_code == 200, answer.text
    assert words in answer.text
    codes = answer.headers.get_list("Concord-Obligation")
    assert "handling-conditions" in codes
    assert all(re.fullmatch("[a-z-]+", code) for code in codes)
    assert not any(words in value for value in answer.headers.values())
