"""An erasure needs two persons, can be called off, and leaves nothing of it in the store."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from schemas import codec
from schemas.identifiers import receipt_id
from sharing_api.recall.course import Recall
from sharing_api.rights.removing import Removing
from tests.integration.test_api.world import MOMENT, OFFICER, World, incident, receipt

ERASE = {"Concord-Purpose": "erasure", "Concord-Justification": "Asked for by the person"}
HUB_OFFICER = {"agency": "hub", "agency_type": "operator", "role": "hub-governance-officer"}
SECOND = {**HUB_OFFICER, "sub": "second.person"}
MARKER = "MARKER-REFERENCE-77120"
TOKEN = b"PLACETOKEN-77120"


async def asked(world: World, who: Any = OFFICER, **body: Any) -> Any:
    """Ask for the erasure of inc_a."""
    wish = {"incident_ids": ["inc_a"], "reason": "Request of the person", "wait_hours": 0, **body}
    return await world.post("/v1/erasures", who, ERASE, wish)


async def prepared(world: World) -> None:
    """An incident with a reference and a place that are to be found nowhere afterwards."""
    made = incident(world.ring, "inc_a", "Zebedee", place_token=TOKEN)
    await world.put("hub-incident.v1", made, incident(world.ring, "inc_b", "Other"))
    told = receipt("event-1", reference=MARKER, incident_id="inc_a")
    await world.put("receipt.v1", told, receipt("event-2", incident_id="inc_b"))


def withdrawn() -> dict[str, Any]:
    """What intake makes of the retraction."""
    blank = {"persons": [], "details": b"", "release_wrapped_key": b"", "retracted": True}
    empty: dict[str, Any] = {"ward": None, "district": None, "strands": [], "place_token": None}
    whole = codec.complete(
        "hub-incident.v1",
        {
            "incident_id": "inc_a",
            "agency": "north-council",
            "version": 0,
            "event_id": "erased",
            "content_digest": b"1" * 16,
            "recorded_at": MOMENT,
            "occurred": {"from": MOMENT},
            "kind": "",
            "recording_regime": "",
            "harm": {},
            "severity": 0,
            "gsc": "",
            "handling": {"code": "", "conditional": False},
            "consent": {"state": "not_asked"},
            "release_key_id": "",
            "linkage_key_id": "",
            "linkage_wrapped_key": b"",
        },
    )
    return {**whole, **blank, **empty}


def bytes_in(folder: Path) -> bytes:
    """All that the database's files hold."""
    return b"".join(file.read_bytes() for file in sorted(folder.glob("store.db*")))


async def test_two_persons_or_nothing(world: World) -> None:
    """Who asks cannot approve; another can; then it can still be called off."""
    await prepared(world)
    made = await asked(world, HUB_OFFICER)
    assert made.status_code == 201, made.text
    path = f"/v1/erasures/{made.json()['fields']['erasure_id']}"
    assert (await world.post(f"{path}/approval", HUB_OFFICER, ERASE, {})).status_code == 409
    approved = await world.post(f"{path}/approval", SECOND, ERASE, {})
    assert approved.json()["fields"]["status"] == "approved"
    assert (await world.post(f"{path}/cancellation", HUB_OFFICER, ERASE, {})).status_code == 201
    await Removing(world.services).once(datetime.now(UTC))
    assert world.publisher.sent == []


async def test_another_agencys_incident_and_none_are_answered_alike(world: World) -> None:
    """Nobody learns from asking for an erasure what the hub holds."""
    await prepared(world)
    other = {**OFFICER, "agency": "south-council"}
    foreign = await asked(world, other)
    missing = await asked(world, other, incident_ids=["inc_none"])
    assert foreign.status_code == missing.status_code == 422
    assert foreign.json()["errors"] == missing.json()["errors"]


async def test_nothing_of_it_stays_in_the_database(world: World, tmp_path: Path) -> None:
    """The retraction goes to the agency's topic; afterwards no byte of it is in any file."""
    await prepared(world)
    made = await asked(world)
    erasure = made.json()["fields"]["erasure_id"]
    await world.post(f"/v1/erasures/{erasure}/approval", SECOND, ERASE, {})
    now = datetime.now(UTC)
    removing, recall = Removing(world.services), Recall(world.services)
    await removing.once(now)
    (sent,) = world.publisher.sent
    assert (sent.topic, sent.key, sent.value) == (
        "agency.north-council.incident.v1",
        b"REF-inc_a",
        b"",
    )
    await world.put("hub-incident.v1", withdrawn())
    late = receipt(dict(sent.headers)["ce_id"].decode(), reference=MARKER, incident_id="inc_a")
    await removing.once(now)
    later = now + timedelta(minutes=1)
    await recall.once(later)
    await removing.once(later)
    await world.put("receipt.v1", {**late, "receipt_id": receipt_id("north-council", "late")})
    await removing.once(later)
    shown = await world.get(f"/v1/erasures/{erasure}", HUB_OFFICER, ERASE)
    fields = shown.json()["fields"]
    assert fields["status"] == "removed"
    assert any("release key release-1" in text for text in fields["remaining"])
    entries = await world.services.ledger.read(limit=1000)
    (entry,) = [each for each in entries if each.operation == "erasure"]
    assert entry.record_ids == ("inc_a",)
    if world.services.database.url.get_backend_name() == "sqlite":
        held = bytes_in(tmp_path)
        assert MARKER.encode() not in held
        assert TOKEN not in held
        assert b"REF-event-2" in held
        with sqlite3.connect(tmp_path / "store.db") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
