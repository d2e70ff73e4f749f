"""Who can see a record, for officers; why a request was refused, for whoever asked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.test_api.world import (
    ACCOUNT,
    CASE,
    COORDINATOR,
    MONITOR,
    OFFICER,
    STRANGER,
    World,
    agency,
    alert,
    incident,
)

HUB_OFFICER = {**OFFICER, "role": "hub-governance-officer"}


@pytest.fixture
async def held(world: World) -> World:
    """A hub with one alert."""
    await world.put("agency.v1", agency("north-council"))
    await world.put("hub-incident.v1", incident(world.ring, "inc_a", "Zebedee"))
    await world.put("alert.v1", alert("alt_1", ["inc_a"]))
    return world


@pytest.mark.parametrize("path", ["/v1/alerts/alt_1", "/v1/incidents/inc_a"])
async def test_an_officer_learns_who_could_see_a_record_and_under_which_clause(
    held: World, path: str
) -> None:
    """By class of askers and field; no value of the record is in it."""
    for who in (OFFICER, HUB_OFFICER):
        answer = await held.get(f"{path}/who-can-see", who, ACCOUNT)
        assert answer.status_code == 200, answer.text
        assert "Zebedee" not in answer.text
        classes = answer.json()["fields"]["classes"]
        offers = [
            one["fields"]["victim_name"][0]
            for one in classes
            if one["purpose"] == "cmarac-case" and "coordinator" in one["askers"]
        ]
        assert offers
        for offer in offers:
            assert (offer["agreement"], offer["treatment"]) == ("cmarac-partnership", "release")
            assert offer["clause"] >= 1


async def test_nobody_else_learns_it_and_a_missing_record_is_like_anothers(held: World) -> None:
    """An officer of another agency, a coordinator; and an id that is not there."""
    await held.put(
        "hub-incident.v1", incident(held.ring, "inc_b", "Yorick", agency="south-council")
    )
    other = await held.get("/v1/incidents/inc_b/who-can-see", OFFICER, ACCOUNT)
    missing = await held.get("/v1/incidents/inc_c/who-can-see", OFFICER, ACCOUNT)
    assert (other.status_code, missing.status_code) == (403, 403)
    assert other.json()["reasons"] == missing.json()["reasons"]
    asked = await held.get("/v1/incidents/inc_a/who-can-see", COORDINATOR, CASE)
    assert asked.status_code == 403


async def why(world: World, who: Any, stated: Any) -> dict[str, Any]:
    """Ask why alerts are refused."""
    answer = await world.get("/v1/why-refused", who, stated, kind="alert")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return {name: found[name] for name in ("reasons", "lacks")}


async def test_an_asker_learns_what_a_clause_would_need(held: World) -> None:
    """Vetting and justification, of the clause that names them; where nothing does, that."""
    refused = await held.get("/v1/alerts/alt_1", {**COORDINATOR, "vetting": "none"}, CASE)
    assert refused.json()["why"] == "/v1/why-refused?kind=alert"
    said = await why(held, {**COORDINATOR, "vetting": "none"}, CASE)
    assert [one["code"] for one in said["reasons"]] == ["vetting-insufficient"]
    assert said["lacks"][0]["agreement"] == "cmarac-partnership"
    assert "you hold none" in said["lacks"][0]["lacking"][0]
    assert (await why(held, STRANGER, CASE))["lacks"] == []
    unjustified = {"Concord-Purpose": "cmarac-case"}
    said = await why(held, COORDINATOR, unjustified)
    assert [one["code"] for one in said["reasons"]] == ["justification-missing"]


async def test_the_answer_does_not_depend_on_what_the_hub_holds(world: World) -> None:
    """The same before and after there are records, for those who are covered and those who not."""
    askers = (COORDINATOR, MONITOR, STRANGER)
    before = [await why(world, who, CASE) for who in askers]
    assert before[0]["reasons"][0]["code"] == "record-not-available"
    await world.put("hub-incident.v1", incident(world.ring, "inc_a", "Zebedee"))
    await world.put("alert.v1", alert("alt_1", ["inc_a"]))
    assert [await why(world, who, CASE) for who in askers] == before
