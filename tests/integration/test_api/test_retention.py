"""Nothing goes because time is up: one person decides, another approves; it can be undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sharing_api.rights.removing import Removing
from tests.integration.test_api.test_erasures import ERASE, SECOND
from tests.integration.test_api.world import OFFICER, World, incident, opened

KEPT = {"Concord-Purpose": "retention", "Concord-Justification": "Yearly review"}
LONG_AGO = datetime(2020, 5, 4, tzinfo=UTC)


async def prepared(world: World) -> None:
    """One incident whose time is up, and one of today."""
    old = {"from": LONG_AGO, "to": None, "precision": "exact"}
    today = {"from": datetime.now(UTC), "to": None, "precision": "exact"}
    await world.put(
        "hub-incident.v1",
        incident(world.ring, "inc_old", "Zebedee", occurred=old, recording_regime="council"),
        incident(world.ring, "inc_new", "Zebedee", occurred=today, recording_regime="council"),
    )


async def due(world: World, who: Any = OFFICER) -> list[dict[str, Any]]:
    """The queue as somebody sees it."""
    answer = await world.get("/v1/retention", who, KEPT)
    assert answer.status_code == 200, answer.text
    return [one["fields"] for one in answer.json()["items"]]


async def decided(world: World, **body: Any) -> Any:
    """Decide about the old one."""
    given = {"reason": "Reviewed", **body}
    return await world.post("/v1/retention/inc_old/decision", OFFICER, KEPT, given)


async def test_what_is_due_is_listed_to_its_own_agency(world: World) -> None:
    """With the rule and its legal basis; another agency sees none of it."""
    await prepared(world)
    (found,) = await due(world)
    assert (found["incident_id"], found["due"], found["status"]) == (
        "inc_old",
        "2022-05-04",
        "due",
    )
    assert "Article 5" in found["basis"]
    assert await due(world, {**OFFICER, "agency": "south-council"}) == []


async def test_to_keep_needs_a_day_and_can_be_undone(world: World) -> None:
    """Until then it is kept; the history keeps both decisions."""
    await prepared(world)
    assert (await decided(world, decision="keep")).status_code == 422
    day = (datetime.now(UTC) + timedelta(days=365)).date().isoformat()
    kept = await decided(world, decision="keep", until=day)
    assert kept.json()["fields"]["status"] == "kept"
    undone = await decided(world, decision="undo")
    assert undone.json()["fields"]["status"] == "due"
    assert [each["decision"] for each in undone.json()["fields"]["decisions"]] == ["keep", "undo"]
    assert (await decided(world, decision="undo")).status_code == 409


async def test_to_delete_is_an_erasure_that_another_approves(world: World) -> None:
    """Undone before it is carried out, nothing happens; approved, it goes."""
    await prepared(world)
    await decided(world, decision="delete", wait_hours=0)
    assert (await due(world))[0]["status"] == "deleting"
    await decided(world, decision="undo")
    now = datetime.now(UTC)
    await Removing(world.services).once(now)
    assert world.publisher.sent == []
    await decided(world, decision="delete", wait_hours=0)
    asked = await world.get("/v1/erasures", SECOND, ERASE)
    (waiting,) = [
        each["fields"] for each in asked.json()["items"] if each["fields"]["status"] == "requested"
    ]
    path = f"/v1/erasures/{waiting['erasure_id']}/approval"
    assert (await world.post(path, SECOND, ERASE, {})).status_code == 201
    await Removing(world.services).once(now + timedelta(seconds=5))
    assert [one.key for one in world.publisher.sent] == [b"REF-inc_old"]
    assert (await decided(world, decision="undo")).status_code == 409


@pytest.fixture
async def scheduled(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """A hub whose schedule deletes by itself."""
    file = tmp_path / "schedule.toml"
    file.write_text(
        "[[rule]]\nid='short'\nagency_types=['*']\nregimes=['*']\nfrom='occurred'\nmonths=1\n"
        "action='automatic'\nbasis='The agreement says so.'\n"
    )
    async with opened(tmp_path, database_url, retention_file=file) as world:
        yield world


async def test_what_the_schedule_calls_automatic_waits_a_day(scheduled: World) -> None:
    """Once asked for, whoever undoes it is not overruled."""
    await prepared(scheduled)
    removing, now = Removing(scheduled.services), datetime.now(UTC)
    await removing.once(now)
    assert scheduled.publisher.sent == []
    assert (await due(scheduled))[0]["status"] == "deleting"
    await decided(scheduled, decision="undo")
    await removing.once(now + timedelta(days=2))
    assert scheduled.publisher.sent == []
