"""Values left out of linkage over HTTP: listed without the value, restored with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import codec
from tests.integration.test_api.world import (
    COORDINATOR,
    MOMENT,
    MONITOR,
    OFFICER,
    REVIEW,
    TENSION,
    World,
    entity,
)

OPERATOR = {"agency": "hub", "agency_type": "operator", "role": "hub-operator"}
OPERATION = {"Concord-Purpose": "operation", "Concord-Justification": "Looking after the hub"}
LIST = "/v1/linkage/exclusions"
WHY = {"reason": "The hostel has closed"}


def value(name: str, kind: str = "mobile", status: str = "excluded") -> dict[str, Any]:
    """A value that many share."""
    told = {"kind": kind, "count": 60, "cap": 60, "since": MOMENT}
    return entity(name, kind="value", status=status, exclusion=told)


async def test_what_is_left_out_is_listed_with_the_reason(world: World) -> None:
    """For coordinator and operator; persons are not among it."""
    await world.put("entity.v1", value("exc_a"), value("exc_b", "address"), entity("ent_a"))
    for who, stated in ((COORDINATOR, REVIEW), (OPERATOR, OPERATION)):
        answer = await world.get(LIST, who, stated)
        assert answer.status_code == 200, answer.text
        first, second = (one["fields"] for one in answer.json()["items"])
        assert (first["kind"], second["kind"]) == ("mobile", "address")
        assert first["reason"] == "At least 60 records share one value (mobile); 60 may."
    narrowed = await world.get(LIST, COORDINATOR, REVIEW, kind="address")
    assert len(narrowed.json()["items"]) == 1


@pytest.mark.parametrize(("who", "stated"), [(MONITOR, TENSION), (OFFICER, REVIEW)])
async def test_nobody_else_sees_or_restores(world: World, who: Any, stated: Any) -> None:
    """And an operator looks, but does not decide."""
    await world.put("entity.v1", value("exc_a"))
    assert (await world.get(LIST, who, stated)).status_code == 403
    for asker, purpose in ((who, stated), (OPERATOR, OPERATION)):
        answer = await world.post(f"{LIST}/exc_a/restore", asker, purpose, WHY)
        assert answer.status_code == 403
    assert world.publisher.sent == []


async def test_a_value_is_restored_and_left_out_again(world: World) -> None:
    """Both are on the topic and in the ledger; doing either twice is in conflict."""
    await world.put("entity.v1", value("exc_a"))
    for verb, decision in (("restore", "restore"), ("undo", "open")):
        answer = await world.post(f"{LIST}/exc_a/{verb}", COORDINATOR, REVIEW, WHY)
        assert answer.status_code == 201, answer.text
        record = codec.decode("link-review.v1", codec.unframe(world.publisher.sent[0].value)[1])
        assert (record["left"], record["right"]) == ("exc_a", "")
        assert record["decision"] == decision
        await world.echo()
        again = await world.post(f"{LIST}/exc_a/{verb}", COORDINATOR, REVIEW, WHY)
        assert again.status_code == 409
    listed = await world.get(LIST, COORDINATOR, REVIEW)
    history = listed.json()["items"][0]["fields"]["decisions"]
    assert [each["decision"] for each in history] == ["restore", "open"]
    entries = await world.services.ledger.read(limit=50)
    assert [e.detail for e in entries if e.operation == "alteration"] == [
        {"decision": "restore"},
        {"decision": "open"},
    ]


async def test_what_is_not_left_out_cannot_be_restored(world: World) -> None:
    """A person's id is no value's, and an unknown one is answered alike."""
    await world.put("entity.v1", entity("ent_a"))
    for name in ("ent_a", "exc_nothing"):
        answer = await world.post(f"{LIST}/{name}/restore", COORDINATOR, REVIEW, WHY)
        assert answer.status_code == 403
