"""What was disclosed and is no longer true is reported to those who received it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.identifiers import stable_id
from sharing_api.store import corrections
from tests.integration.test_api.world import (
    ACCOUNT,
    CASE,
    COORDINATOR,
    OFFICER,
    REVIEW,
    STRANGER,
    World,
    alert,
    entity,
    incident,
)

HUB_OFFICER = {"agency": "hub", "agency_type": "operator", "role": "hub-governance-officer"}
ELSEWHERE = {**OFFICER, "agency": "south-council"}
INCIDENTS = ("inc_a", "inc_b", "inc_c")


def own(name: str) -> str:
    """The id that an incident's only mention gives."""
    return stable_id("ent", f"{name}#0")


WHOLE = own("inc_a")


async def disclosed(world: World) -> str:
    """A person of three incidents, whose alert the coordinator received; its entry's reference."""
    for name in INCIDENTS:
        await world.put("hub-incident.v1", incident(world.ring, name, "Zebedee"))
    await world.put("alert.v1", alert("alt_1", INCIDENTS, entity_id=WHOLE))
    await world.put("entity.v1", *whole())
    answer = await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)
    assert answer.status_code == 200, answer.text
    return str(answer.headers["Concord-Ledger-Reference"])


def whole() -> list[dict[str, Any]]:
    """All three are one person."""
    led = [entity(own(name), status="absorbed", heir=WHOLE) for name in INCIDENTS[1:]]
    return [entity(WHOLE, *INCIDENTS), *led]


async def listed(world: World, who: Any, stated: Any = ACCOUNT) -> list[dict[str, Any]]:
    """Corrections as somebody sees them."""
    answer = await world.get("/v1/corrections", who, stated)
    assert answer.status_code == 200, answer.text
    return [one["fields"] for one in answer.json()["items"]]


async def test_a_split_after_a_disclosure_is_reported(world: World) -> None:
    """With the entry of the ledger, the alert, and where the mention is now; no identity."""
    reference = await disclosed(world)
    assert await listed(world, HUB_OFFICER) == []
    await world.put("entity.v1", entity(WHOLE, "inc_a", "inc_b"), entity(own("inc_c"), "inc_c"))
    (found,) = await listed(world, HUB_OFFICER)
    assert found["change"] == ["split"]
    assert found["withdrawn_mentions"] == ["inc_c#0"]
    assert found["now_in"] == [own("inc_c")]
    assert (found["entity_id"], found["alert_ids"]) == (WHOLE, ["alt_1"])
    assert (found["ledger_reference"], found["recipient"]) == (reference, "north-council")


async def test_the_recipient_learns_of_its_own_disclosures_alone(world: World) -> None:
    """A coordinator by the ids that it was given, an officer by pseudonyms, others not at all."""
    await disclosed(world)
    await world.put("entity.v1", entity(WHOLE, "inc_a", "inc_b"), entity(own("inc_c"), "inc_c"))
    (mine,) = await listed(world, COORDINATOR, CASE)
    assert mine["alert_ids"] == ["alt_1"]
    (officer,) = await listed(world, OFFICER)
    assert officer["alert_ids"][0].startswith("psn_")
    assert "withdrawn_mentions" not in officer
    assert await listed(world, ELSEWHERE) == []
    refused = await world.get("/v1/corrections", STRANGER, ACCOUNT)
    assert refused.status_code == 403


async def test_a_retraction_is_reported_as_such(world: World) -> None:
    """The mention is nowhere any more, even where it gave the person its name."""
    await disclosed(world)
    await world.put(
        "entity.v1",
        entity(WHOLE, status="dissolved"),
        entity(own("inc_b"), "inc_b", "inc_c"),
        entity(own("inc_c"), status="absorbed", heir=own("inc_b")),
    )
    (found,) = await listed(world, HUB_OFFICER)
    assert found["change"] == ["retracted"]
    assert found["withdrawn_mentions"] == ["inc_a#0"]
    assert found["now_in"] == []


async def test_growth_merges_and_new_names_correct_nothing(world: World) -> None:
    """All that were together still are."""
    await disclosed(world)
    older = "ent_older"
    await world.put(
        "entity.v1",
        entity(older, "inc_0", *INCIDENTS),
        *(entity(own(name), status="absorbed", heir=older) for name in INCIDENTS),
    )
    assert await listed(world, HUB_OFFICER) == []


async def test_what_nobody_received_needs_no_correction(world: World) -> None:
    """Neither before any disclosure nor for what was disclosed long afterwards."""
    for name in INCIDENTS:
        await world.put("hub-incident.v1", incident(world.ring, name, "Zebedee"))
    await world.put("alert.v1", alert("alt_1", INCIDENTS, entity_id=WHOLE))
    await world.put("entity.v1", *whole())
    await world.put("entity.v1", entity(WHOLE, "inc_a", "inc_b"), entity(own("inc_c"), "inc_c"))
    assert await listed(world, HUB_OFFICER) == []
    await world.get("/v1/link-reviews", COORDINATOR, REVIEW)  # other entries do not count
    later = datetime.now(UTC) + 2 * corrections.GRACE
    async with world.services.sessions.begin() as session:
        await corrections.settle(session, later)
    assert (await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)).status_code == 200
    async with world.services.sessions.begin() as session:
        await corrections.settle(session, later + timedelta(days=1))
    assert await listed(world, HUB_OFFICER) == []


async def test_several_disclosures_are_paged_in_order(world: World) -> None:
    """Each entry of the ledger is a correction of its own."""
    told = [await disclosed(world)]
    for _ in range(2):
        answer = await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)
        told.append(answer.headers["Concord-Ledger-Reference"])
    await world.put("entity.v1", entity(WHOLE, "inc_a"), entity(own("inc_c"), "inc_b", "inc_c"))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await world.get("/v1/corrections", HUB_OFFICER, ACCOUNT, limit=1, **cursor)
        seen += [one["fields"]["ledger_reference"] for one in answer.json()["items"]]
        if answer.json()["next"] is None:
            break
        cursor = {"cursor": answer.json()["next"]}
    assert seen == told
