"""Whoever received what is no longer true or permitted is told, until it says what it did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import AsyncMock

import pytest

from policies.engine import EngineUnavailable
from schemas import codec
from schemas.identifiers import stable_id
from schemas.topics import topic_for
from sharing_api.recall.course import Recall
from sharing_api.recall.finding import Finding
from sharing_api.services import PublisherAway
from tests.integration.test_api.world import (
    ACCOUNT,
    CASE,
    COORDINATOR,
    OFFICER,
    TAKING_PART,
    World,
    agency,
    alert,
    entity,
    incident,
)

HUB_OFFICER = {"agency": "hub", "agency_type": "operator", "role": "hub-governance-officer"}
SOUTH = {**COORDINATOR, "agency": "south-council"}
UNKNOWN = {**COORDINATOR, "agency": "west-council"}
"""The hub has no row of it, and so it has no topic."""
INCIDENTS = ("inc_a", "inc_b")


async def onboarded(world: World) -> None:
    """The two agencies that have topics."""
    await world.put("agency.v1", *(agency(who["agency"]) for who in (COORDINATOR, SOUTH)))


async def disclosed(world: World, *askers: Mapping[str, Any]) -> None:
    """An alert on two incidents, which these askers received."""
    await onboarded(world)
    for name in INCIDENTS:
        await world.put("hub-incident.v1", incident(world.ring, name, "Zebedee"))
    await world.put("alert.v1", alert("alt_1", INCIDENTS))
    for who in askers or (COORDINATOR,):
        answer = await world.get("/v1/alerts/alt_1", who, CASE)
        assert answer.status_code == 200, answer.text


def later(world: World, name: str, victim: str, version: int = 2, **other: Any) -> dict[str, Any]:
    """A later version of an incident."""
    digest = f"{version:016d}".encode()
    return incident(world.ring, name, victim, version=version, content_digest=digest, **other)


async def look(world: World, now: datetime | None = None) -> int:
    """Let recall look once."""
    return await Recall(world.services).once(now or datetime.now(UTC))


def sent(world: World) -> list[dict[str, Any]]:
    """Notices that were published."""
    return [
        codec.decode("notice.v1", codec.unframe(one.value)[1])
        for one in world.publisher.sent
        if one.topic.endswith(".notice.v1")
    ]


async def inbox(world: World, who: Any = COORDINATOR, **query: Any) -> list[dict[str, Any]]:
    """Notices as a recipient finds them in its inbox."""
    answer = await world.get("/v1/notices", who, TAKING_PART, **query)
    assert answer.status_code == 200, answer.text
    return [one["fields"] for one in answer.json()["items"]]


async def test_a_corrected_name_is_called_back_and_a_retold_one_is_not(world: World) -> None:
    """The sealed name changed once; a version with the same name, sealed anew, tells nobody."""
    await disclosed(world)
    await world.put("hub-incident.v1", later(world, "inc_a", "Zebedee"))
    assert await look(world) == 0
    await world.put("hub-incident.v1", later(world, "inc_a", "Zacharias", 3))
    assert await look(world) == 1
    assert await look(world) == 0
    (notice,) = sent(world)
    assert (notice["fact"], notice["action"], notice["agency"]) == (
        "correction",
        "correct",
        "north-council",
    )
    assert notice["fields"] == ["victim_name"]
    assert notice["record_ids"] == ["alt_1"]
    assert "Zacharias" not in str(notice)


async def test_a_retraction_asks_every_recipient_to_delete(world: World) -> None:
    """Each agency once, however often it asked; it is in the topic and in the inbox."""
    await disclosed(world, COORDINATOR, COORDINATOR, SOUTH)
    gone = {**later(world, "inc_a", "Zebedee", 9), "retracted": True, "persons": []}
    await world.put("hub-incident.v1", gone)
    assert await look(world) == 2
    assert {each["agency"] for each in sent(world)} == {"north-council", "south-council"}
    (mine,) = await inbox(world)
    assert (mine["fact"], mine["action"], mine["status"]) == ("retraction", "delete", "open")
    assert len(mine["ledger_references"]) == 2
    assert "recipient" not in mine


async def test_one_recipient_without_a_topic_holds_up_nobody(world: World) -> None:
    """Whom the hub does not know finds a notice in its inbox, and on its topic once it has one."""
    await disclosed(world, COORDINATOR, SOUTH, UNKNOWN)
    gone = {**later(world, "inc_a", "Zebedee", 9), "retracted": True, "persons": []}
    await world.put("hub-incident.v1", gone)
    world.publisher.missing = {topic_for("notice", COORDINATOR["agency"])}
    with pytest.raises(PublisherAway):
        await look(world)
    assert {each["agency"] for each in sent(world)} == {"south-council"}
    assert len(await inbox(world, UNKNOWN)) == 1
    world.publisher.missing = set()
    await look(world)
    assert {each["agency"] for each in sent(world)} == {"south-council", "north-council"}
    await world.put("agency.v1", agency(UNKNOWN["agency"]))
    await look(world)
    assert UNKNOWN["agency"] in {each["agency"] for each in sent(world)}


async def test_what_was_found_leaves_while_no_more_can_be_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A policy engine that is away keeps nobody from a notice that stands."""
    await disclosed(world)
    gone = {**later(world, "inc_a", "Zebedee", 9), "retracted": True, "persons": []}
    await world.put("hub-incident.v1", gone)
    world.publisher.away = True
    with pytest.raises(PublisherAway):
        await look(world)
    world.publisher.away = False
    monkeypatch.setattr(Finding, "look", AsyncMock(side_effect=EngineUnavailable("opa")))
    with pytest.raises(EngineUnavailable):
        await look(world)
    assert [each["fact"] for each in sent(world)] == ["retraction"]


async def test_consent_withdrawn_stops_what_it_covered(world: World) -> None:
    """Decided again with the facts of now, the record is refused: all that was shown goes."""
    await disclosed(world)
    withdrawn: dict[str, Any] = {
        "state": "withdrawn",
        "scope": [],
        "asked_at": None,
        "withdrawn_at": None,
    }
    await world.put("hub-incident.v1", later(world, "inc_a", "Zebedee", consent=withdrawn))
    await look(world)
    facts = {each["fact"]: each for each in sent(world)}
    assert facts["consent-withdrawn"]["action"] == "stop-use"
    assert "victim_name" in facts["consent-withdrawn"]["fields"]


async def test_a_split_person_is_looked_up_again(world: World) -> None:
    """The recipient of the alert learns that its incidents are not those of one person."""
    await onboarded(world)
    whole = stable_id("ent", "inc_a#0")
    for name in INCIDENTS:
        await world.put("hub-incident.v1", incident(world.ring, name, "Zebedee"))
    await world.put("alert.v1", alert("alt_1", INCIDENTS, entity_id=whole))
    other = stable_id("ent", "inc_b#0")
    led = entity(other, status="absorbed", heir=whole)
    await world.put("entity.v1", entity(whole, *INCIDENTS), led)
    assert (await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)).status_code == 200
    await world.put("entity.v1", entity(whole, "inc_a"), entity(other, "inc_b"))
    assert await look(world) == 1
    assert [each["fact"] for each in sent(world)] == ["split"]


async def test_a_recipient_that_was_away_finds_its_notices_and_answers(world: World) -> None:
    """Reminded while away; back after weeks it reads, acknowledges once, and the hub sees it."""
    await disclosed(world)
    gone = {**later(world, "inc_a", "Zebedee", 9), "retracted": True, "persons": []}
    world.publisher.away = True
    await world.put("hub-incident.v1", gone)
    with pytest.raises(PublisherAway):
        await look(world)
    world.publisher.away = False
    weeks = datetime.now(UTC) + timedelta(weeks=3)
    await look(world, weeks)
    await look(world, weeks)
    assert [each["reminder"] for each in sent(world)] == [1]
    (mine,) = await inbox(world, status="open")
    path = f"/v1/notices/{mine['notice_id']}"
    done = await world.post(
        f"{path}/acknowledgement", COORDINATOR, TAKING_PART, {"done": "deleted"}
    )
    assert done.status_code == 201, done.text
    again = await world.post(
        f"{path}/acknowledgement", COORDINATOR, TAKING_PART, {"done": "deleted"}
    )
    assert again.status_code == 409
    assert await inbox(world, status="open") == []
    told = await world.get(path, HUB_OFFICER, ACCOUNT)
    history = {each["event"] for each in told.json()["fields"]["history"]}
    assert history == {"issued", "reminded", "published", "acknowledged"}
    entries = await world.services.ledger.read(after=0, limit=1000)
    (entry,) = [each for each in entries if "recall-acknowledged" in each.reasons]
    assert entry.detail["done"] == "deleted"


async def test_notices_are_their_recipients_own(world: World) -> None:
    """Another agency neither sees nor answers them; the hub's officer sees all and reminds."""
    await disclosed(world)
    gone = {**later(world, "inc_a", "Zebedee", 9), "retracted": True, "persons": []}
    await world.put("hub-incident.v1", gone)
    await look(world)
    (mine,) = await inbox(world)
    path = f"/v1/notices/{mine['notice_id']}"
    assert await inbox(world, SOUTH) == []
    assert (await world.get(path, SOUTH, TAKING_PART)).status_code == 403
    refused = await world.post(f"{path}/acknowledgement", SOUTH, TAKING_PART, {"done": "deleted"})
    assert refused.status_code == 403
    assert (await world.post(f"{path}/reminder", OFFICER, ACCOUNT, {})).status_code == 403
    assert (await world.post(f"{path}/reminder", HUB_OFFICER, ACCOUNT, {})).status_code == 201
    await look(world)
    assert [each["reminder"] for each in sent(world)] == [0, 1]
    seen = await world.get("/v1/notices", HUB_OFFICER, ACCOUNT, status="open")
    assert [each["fields"]["recipient"] for each in seen.json()["items"]] == ["north-council"]


async def test_a_split_of_what_was_received_often_is_one_notice(world: World) -> None:
    """Four answers with the same alert: one notice that names all four, told once."""
    await onboarded(world)
    whole, other = stable_id("ent", "inc_a#0"), stable_id("ent", "inc_b#0")
    for name in INCIDENTS:
        await world.put("hub-incident.v1", incident(world.ring, name, "Zebedee"))
    await world.put("alert.v1", alert("alt_1", INCIDENTS, entity_id=whole))
    led = entity(other, status="absorbed", heir=whole)
    await world.put("entity.v1", entity(whole, *INCIDENTS), led)
    for _ in range(4):
        assert (await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)).status_code == 200
    await world.put("entity.v1", entity(whole, "inc_a"), entity(other, "inc_b"))
    assert await look(world) == 1
    (notice,) = sent(world)
    assert (notice["fact"], len(notice["ledger_references"])) == ("split", 4)
    assert await look(world) == 0
