"""Possible links over HTTP: looked at, decided, taken back, and never settled in silence."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import codec
from schemas.identifiers import stable_id
from sharing_api.reviews import review_id
from tests.integration.test_api.world import (
    CASE,
    COORDINATOR,
    MONITOR,
    OFFICER,
    REVIEW,
    STRANGER,
    TENSION,
    World,
    entity,
    incident,
    link,
)

NAMES = ("Zebedee Quillfeather", "Zeb Quillfether")
PAIR = ("inc_a#0", "inc_b#0")
EVIDENCE = (
    ("prior", "rarity_of_matches", -14.0),
    ("given_name", "same", 5.0),
    ("family_name", "same", 6.5),
    ("date_of_birth", "different", -3.0),
    ("caution", "known_dates_differ", 0.0),
)
ONE = review_id(*PAIR)
REASON = "Confirmed by both agencies at the meeting"


async def doubtful(world: World, **other: Any) -> None:
    """Two persons who might be one."""
    for name, victim in zip(("inc_a", "inc_b"), NAMES, strict=True):
        await world.put("hub-incident.v1", incident(world.ring, name, victim, **other))
    seen = link(*PAIR, *EVIDENCE)
    await world.put(
        "entity.v1",
        entity("ent_a", "inc_a", review=[seen]),
        entity("ent_b", "inc_b", review=[seen]),
    )


async def decide(world: World, decision: str, who: Any = COORDINATOR) -> Any:
    """Decide about the pair, and let the decision come back from its topic."""
    body = {"decision": decision, "reason": REASON}
    answer = await world.post(f"/v1/link-reviews/{ONE}/decision", who, REVIEW, body)
    await world.echo()
    return answer


async def shown(world: World) -> Any:
    """The pair as the coordinator sees it."""
    answer = await world.get(f"/v1/link-reviews/{ONE}", COORDINATOR, REVIEW)
    assert answer.status_code == 200, answer.text
    return answer.json()["fields"]


async def test_a_coordinator_sees_both_sides_the_evidence_and_why(world: World) -> None:
    """With consent recorded the names stand side by side; the list counts the pair once."""
    await doubtful(world)
    fields = await shown(world)
    assert fields["why"] == ["could-be-parent-and-child", "dates-of-birth-contradict"]
    assert [fields["left_name"], fields["right_name"]] == [[NAMES[0]], [NAMES[1]]]
    assert fields["entity_ids"] == ["ent_a", "ent_b"]
    assert sum(each["weight"] for each in fields["evidence"]) == pytest.approx(fields["weight"])
    listed = await world.get("/v1/link-reviews", COORDINATOR, REVIEW, status="open")
    assert [one["fields"]["review_id"] for one in listed.json()["items"]] == [ONE]


async def test_without_consent_the_names_stay_sealed(world: World) -> None:
    """The evidence is shown all the same: it holds no value."""
    await doubtful(world, consent={"state": "refused", "scope": []})
    answer = await world.get(f"/v1/link-reviews/{ONE}", COORDINATOR, REVIEW)
    assert answer.status_code == 200
    assert "left_name" not in answer.json()["fields"]
    assert "Quill" not in answer.text


@pytest.mark.parametrize(
    ("who", "stated"), [(STRANGER, REVIEW), (MONITOR, TENSION), (COORDINATOR, CASE)]
)
async def test_nobody_else_looks_or_decides(world: World, who: Any, stated: Any) -> None:
    """Neither another role nor another purpose; and a missing pair looks the same."""
    await doubtful(world)
    there = await world.get(f"/v1/link-reviews/{ONE}", who, stated)
    missing = await world.get("/v1/link-reviews/rvw_nothing", who, stated)
    body = {"decision": "same", "reason": REASON}
    decided = await world.post(f"/v1/link-reviews/{ONE}/decision", who, stated, body)
    assert [there.status_code, missing.status_code, decided.status_code] == [403] * 3
    assert there.json() | {"ledger_reference": ""} == missing.json() | {"ledger_reference": ""}
    assert world.publisher.sent == []


async def test_a_missing_pair_is_refused_as_one_that_is_not_for_you(world: World) -> None:
    """Also to somebody who may decide."""
    answer = await decide(world, "same")
    assert answer.status_code == 403
    assert answer.json()["reasons"][0]["code"] == "record-not-available"


async def test_a_decision_is_published_with_what_was_seen_and_stands_in_the_ledger(
    world: World,
) -> None:
    """Who decided is a pseudonym on the topic and a name in the ledger."""
    await doubtful(world)
    body = {"decision": "same", "reason": REASON}
    answer = await world.post(f"/v1/link-reviews/{ONE}/decision", COORDINATOR, REVIEW, body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["fields"]["decision"] == "same"
    (sent,) = world.publisher.sent
    assert sent.topic == "hub.link-review.v1"
    record = codec.decode("link-review.v1", codec.unframe(sent.value)[1])
    assert (record["left"], record["right"]) == PAIR
    assert [record["decision"], record["reason"]] == ["same", REASON]
    assert [record["agency"], record["purpose"]] == ["north-council", "link-review"]
    assert record["by"].startswith("psn_")
    assert len(record["evidence"]) == len(EVIDENCE)
    *_, entry = await world.services.ledger.read()
    assert (entry.operation, entry.actor, entry.justification) == ("alteration", "a.person", REASON)
    assert ONE in entry.record_ids
    assert entry.detail == {"decision": "same"}


async def test_a_decision_stands_until_it_is_taken_back_and_history_is_kept(world: World) -> None:
    """Nobody overrides it in silence; taken back, the pair is open again."""
    await doubtful(world)
    assert (await decide(world, "different")).status_code == 201
    assert (await decide(world, "same")).status_code == 409
    undone = await world.post(
        f"/v1/link-reviews/{ONE}/undo", COORDINATOR, REVIEW, {"reason": "Mistaken"}
    )
    assert undone.status_code == 201, undone.text
    await world.echo()
    again = await world.post(
        f"/v1/link-reviews/{ONE}/undo", COORDINATOR, REVIEW, {"reason": "Twice"}
    )
    assert again.status_code == 409
    fields = await shown(world)
    assert [fields["status"], fields["decision"]] == ["open", None]
    assert [each["decision"] for each in fields["decisions"]] == ["different", "open"]


async def test_a_decided_pair_stays_though_no_entity_lists_it_any_more(world: World) -> None:
    """Linkage merges the two and relinks; the decision and its history can still be found."""
    await doubtful(world)
    await decide(world, "same")
    await world.put(
        "entity.v1",
        entity("ent_a", "inc_a", "inc_b"),
        entity("ent_b", status="absorbed", heir="ent_a"),
    )
    fields = await shown(world)
    assert [fields["status"], fields["decision"]] == ["decided", "same"]
    listed = await world.get("/v1/link-reviews", COORDINATOR, REVIEW, status="decided")
    assert len(listed.json()["items"]) == 1


async def test_every_decision_about_a_person_can_be_found(world: World) -> None:
    """By where its mentions are now, also when no entity lists the pair any more."""
    await doubtful(world)
    await decide(world, "same")
    named = stable_id("ent", "inc_a#0")
    led = stable_id("ent", "inc_b#0")
    await world.put(
        "entity.v1",
        entity("ent_a", status="dissolved"),
        entity("ent_b", status="dissolved"),
        entity(named, "inc_a", "inc_b"),
        entity(led, status="absorbed", heir=named),
    )
    assert (await shown(world))["entity_ids"] == [named]
    found = await world.get("/v1/link-reviews", COORDINATOR, REVIEW, entity=named)
    assert [one["fields"]["review_id"] for one in found.json()["items"]] == [ONE]
    none = await world.get("/v1/link-reviews", COORDINATOR, REVIEW, entity="ent_other")
    assert none.json()["items"] == []


async def test_a_pair_that_nobody_lists_or_decided_is_gone(world: World) -> None:
    """New evidence settled it."""
    await doubtful(world)
    await world.put("entity.v1", entity("ent_a", "inc_a"), entity("ent_b", "inc_b"))
    answer = await world.get(f"/v1/link-reviews/{ONE}", COORDINATOR, REVIEW)
    assert answer.status_code == 403


async def test_two_people_who_decide_at_once_are_shown_as_contested(world: World) -> None:
    """Both decisions were sent before either came back."""
    await doubtful(world)
    for decision in ("same", "different"):
        body = {"decision": decision, "reason": REASON}
        answer = await world.post(f"/v1/link-reviews/{ONE}/decision", COORDINATOR, REVIEW, body)
        assert answer.status_code == 201
    await world.echo()
    fields = await shown(world)
    assert fields["status"] == "contested"
    assert "decided-both-ways" in fields["why"]


async def test_a_decision_that_comes_before_its_pair_counts(world: World) -> None:
    """The store is rebuilt from topics in any order."""
    await doubtful(world)
    body = {"decision": "different", "reason": REASON}
    await world.post(f"/v1/link-reviews/{ONE}/decision", COORDINATOR, REVIEW, body)
    await world.put("entity.v1", entity("ent_a", "inc_a"), entity("ent_b", "inc_b"))
    await world.echo()
    fields = await shown(world)
    assert fields["decision"] == "different"
    assert len(fields["evidence"]) == len(EVIDENCE)


async def test_without_a_broker_no_decision_is_claimed(world: World) -> None:
    """503; the ledger says too much, never too little."""
    await doubtful(world)
    world.publisher.away = True
    body = {"decision": "same", "reason": REASON}
    answer = await world.post(f"/v1/link-reviews/{ONE}/decision", COORDINATOR, REVIEW, body)
    assert answer.status_code == 503


async def test_a_decision_needs_a_reason(world: World) -> None:
    """An empty or a blank one is no reason."""
    await doubtful(world)
    for reason in ({}, {"reason": ""}, {"reason": "  "}):
        body = {"decision": "same", **reason}
        answer = await world.post(f"/v1/link-reviews/{ONE}/decision", COORDINATOR, REVIEW, body)
        assert answer.status_code == 422
        assert "reason" in str(answer.json()["errors"])


async def test_paging_and_filtering(world: World) -> None:
    """Each pair once, in the order of arrival; a filter on reasons narrows."""
    await doubtful(world)
    await world.put("hub-incident.v1", incident(world.ring, "inc_c", "Third"))
    seen = [link(f"inc_{left}#0", "inc_c#0", ("prior", "none", 1.0)) for left in "ab"]
    await world.put("entity.v1", entity("ent_c", "inc_c", review=seen))
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await world.get("/v1/link-reviews", COORDINATOR, REVIEW, limit=1, **cursor)
        found += [one["fields"]["review_id"] for one in answer.json()["items"]]
        if answer.json()["next"] is None:
            break
        cursor = {"cursor": answer.json()["next"]}
    assert len(found) == len(set(found)) == 3
    narrowed = await world.get(
        "/v1/link-reviews", COORDINATOR, REVIEW, why="could-be-parent-and-child"
    )
    assert [one["fields"]["review_id"] for one in narrowed.json()["items"]] == [ONE]


async def test_an_officer_without_the_role_gets_nothing(world: World) -> None:
    """Answering for data is not deciding about it."""
    await doubtful(world)
    assert (await world.get("/v1/link-reviews", OFFICER, REVIEW)).status_code == 403


async def test_the_weakest_links_of_a_large_group_are_looked_at(world: World) -> None:
    """A person with too many mentions to compare all is an item itself."""
    for name in ("inc_a", "inc_b", "inc_c"):
        await world.put("hub-incident.v1", incident(world.ring, name, "One"))
    weak = link("inc_a#0", "inc_b#0", ("prior", "none", 2.5), band="link")
    strong = link("inc_b#0", "inc_c#0", ("prior", "none", 9.0), band="link")
    grouped = entity("ent_a", "inc_a", "inc_b", "inc_c", links=[weak, strong], flags=["oversize"])
    await world.put("entity.v1", grouped)
    answer = await world.get("/v1/link-reviews", COORDINATOR, REVIEW, why="too-many-to-compare")
    assert len(answer.json()["items"]) == 2
