"""Pointer lookup: agencies that may be named, and nothing by which the rest could be told apart."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest

from policies import agreements, bundle
from policies.embedded import RegorusEngine
from schemas.encoding import decode
from schemas.identifiers import stable_id
from schemas.sealing import encoding_aad
from sharing_api.lookup.correspondence import LookupAway
from sharing_api.lookup.identifiers import sealing
from sharing_api.recall.course import Recall
from sharing_api.services import LookupParts
from tests.integration.test_api.world import (
    COORDINATOR,
    STRANGER,
    World,
    agency,
    entity,
    incident,
    opened,
)

ASKING = {"Concord-Purpose": "pointer-lookup", "Concord-Justification": "She came to our desk"}
PERSON = {"full_name": "Ada Brindle", "date_of_birth": "1984-03-12"}
HOUSING = {**COORDINATOR, "agency": "home", "agency_type": "housing"}
OWN = {"Concord-Purpose": "participation", "Concord-Justification": "Weekly look"}
OWNER = {**COORDINATOR, "role": "partner"}
TIDE = 0.12


@dataclass
class Linkage:
    """Linkage as the API sees it: it holds these mentions for the person, or is away."""

    mentions: list[str] = field(default_factory=list)
    away: bool = False
    asked: list[Any] = field(default_factory=list)

    async def ask(self, lookup: Any, _seconds: float) -> list[str]:
        """Answer as told."""
        self.asked.append(lookup)
        if self.away:
            raise LookupAway
        return self.mentions


def _agreements() -> list[Any]:
    """The packaged ones, and one that lets coordinators look persons up who consented."""
    shipped = [deepcopy(each) for each in agreements.load()]
    made = deepcopy(next(each for each in shipped if each["id"] == "cmarac-partnership"))
    clause = deepcopy(made["clauses"][0])
    clause |= {
        "purposes": ["pointer-lookup"],
        "items": {"pointer": {"agency": "release", "contact": "release"}},
        "consent": ["any", "partners"],
        "handling": ["P"],
        "entity_kinds": ["person"],
        "recipients": {**clause["recipients"], "agency_types": ["council", "housing", "police"]},
    }
    seen = deepcopy(clause)
    seen |= {
        "purposes": ["participation"],
        "items": {"lookup": dict.fromkeys(("lookup_id", "at", "agency", "purpose"), "release")},
        "consent": [],
        "relation": "own",
        "entity_kinds": ["none"],
        "relevant_authority": False,
        "recipients": {**clause["recipients"], "roles": ["partner"]},
    }
    made |= {"id": "pointers", "clauses": [clause, seen]}
    return [*shipped, made]


BUNDLE = bundle.assemble(_agreements())


@pytest.fixture(scope="module")
def engine() -> RegorusEngine:
    """The policies with such an agreement."""
    return RegorusEngine(BUNDLE)


@pytest.fixture
async def world(tmp_path: Path, database_url: str, engine: RegorusEngine) -> AsyncIterator[World]:
    """A hub whose linkage is a stand-in, quick to answer and generous with questions."""
    settings: Any = {"lookup_seconds": TIDE, "lookups_per_hour": 1000}
    async with opened(tmp_path, database_url, engine=engine, **settings) as made:
        means = LookupParts(
            log=None,  # type: ignore[arg-type]
            seal=sealing(made.ring.linkage_sealer(), made.ring.encoding_secret),
        )
        made.services.parts = replace(made.services.parts, lookups=means, bundle=lambda: BUNDLE)
        made.services.lookups = Linkage()
        yield made


def linkage(world: World) -> Linkage:
    """The stand-in."""
    found = world.services.lookups
    assert isinstance(found, Linkage)
    return found


async def ask(world: World, who: Any = COORDINATOR, **person: Any) -> httpx.Response:
    """Look a person up."""
    return await world.post("/v1/lookups", who, ASKING, {"person": person or PERSON})


async def test_the_agency_and_its_contact_are_named_and_nothing_else(world: World) -> None:
    """One pointer for an agency, however many incidents it holds."""
    await world.put("agency.v1", agency("north-council", contact="team@north.example"))
    await world.put(
        "hub-incident.v1",
        incident(world.ring, "inc1", "Ada Brindle"),
        incident(world.ring, "inc2", "Ada Brindle"),
    )
    linkage(world).mentions = ["inc1#0", "inc2#0"]
    answer = await ask(world)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"agencies", "ledger_reference", "policy_revision"}
    (told,) = body["agencies"]
    assert (told["agency"], told["contact"]) == ("north-council", "team@north.example")
    assert set(told) == {"agency", "contact", "obligations"}
    assert "inc1" not in answer.text


async def test_the_question_travels_as_a_sealed_encoding(world: World) -> None:
    """Only the linkage key opens it, and what is inside holds no value."""
    await ask(world)
    (lookup,) = linkage(world).asked
    assert b"Brindle" not in repr(lookup).encode()
    opened_ = world.ring.linkage_opener().open(
        lookup["linkage_key_id"],
        lookup["linkage_wrapped_key"],
        lookup["encoding"],
        encoding_aad(lookup["lookup_id"], 0),
    )
    assert decode(opened_).field("family")[0]


async def test_owners_see_that_they_were_asked(world: World) -> None:
    """Whether or not anything could be told; only their own, never who was asked about."""
    await world.put("agency.v1", agency("north-council"))
    secret = incident(world.ring, "inc1", "Ada Brindle", consent=_consent("refused"))
    await world.put("hub-incident.v1", secret)
    linkage(world).mentions = ["inc1#0"]
    assert (await ask(world, HOUSING)).json()["agencies"] == []
    mine = await world.get("/v1/lookups", OWNER, OWN)
    assert [one["fields"]["agency"] for one in mine.json()["items"]] == ["home"]
    others = await world.get("/v1/lookups", {**OWNER, "agency": "south"}, OWN)
    assert others.json()["items"] == []


async def test_a_person_who_may_not_be_told_of_is_like_a_stranger(world: World) -> None:
    """Content, size, headers and time, over many ways of not being permitted."""
    await world.put("agency.v1", agency("north-council", contact="team@north.example"))
    unknown = await ask(world, HOUSING)
    draw = random.Random(11)
    for number in range(40):
        name = f"inc{number}"
        facts: dict[str, Any] = draw.choice(
            [
                {"consent": _consent(draw.choice(["refused", "withdrawn", "not_asked"]))},
                {"consent": {**_consent("given"), "scope": ["police"]}},
                {"handling": {"code": "C", "conditional": True}},
                {"victim_wishes": ["no_landlord", "anonymous"]},
                {"retracted": True},
            ]
        )
        made = incident(world.ring, name, "Ada Brindle", **facts)
        made["agency"] = draw.choice(["north-council", "wyp"])
        await world.put("hub-incident.v1", made)
        linkage(world).mentions = [f"{name}#0", *([f"inc{number - 1}#0"] if number else [])]
        begun = monotonic()
        refused = await ask(world, HOUSING)
        spent = monotonic() - begun
        assert _plain(refused) == _plain(unknown)
        assert _headers(refused) == _headers(unknown)
        assert spent >= TIDE


async def test_the_ledger_counts_one_entry_whatever_was_found(world: World) -> None:
    """So that numbers of entries tell nothing."""
    await world.put(
        "hub-incident.v1", incident(world.ring, "inc1", "x", consent=_consent("refused"))
    )
    numbers = []
    for mentions in ([], ["inc1#0"], []):
        linkage(world).mentions = mentions
        numbers.append(await world.place(await ask(world, HOUSING)))
    assert [b - a for a, b in pairwise(numbers)] == [1, 1]


async def test_without_linkage_nobody_is_told_that_nobody_is_known(world: World) -> None:
    """A silence would be believed."""
    linkage(world).away = True
    answer = await ask(world)
    assert answer.status_code == 503
    assert "linkage" in answer.json()["detail"]


async def test_an_asker_whom_no_agreement_covers_asks_nothing(world: World) -> None:
    """Refused before linkage hears of it."""
    assert (await ask(world, STRANGER)).status_code == 403
    assert linkage(world).asked == []


@pytest.mark.parametrize(
    ("person", "where"),
    [
        ({"full_name": "Ada Brindle"}, "body.person"),
        ({"date_of_birth": "1984-03-12"}, "body.person"),
        ({**PERSON, "date_of_birth": "12/03/84"}, "body.person.date_of_birth"),
        ({**PERSON, "emails": ["no mail"]}, "body.person.emails[0]"),
        ({**PERSON, "role": "suspect"}, "body.person"),
        ({**PERSON, "phones": 7}, "body.person.phones"),
    ],
)
async def test_too_little_or_wrong_is_named(world: World, person: Any, where: str) -> None:
    """The field and what would be accepted, never the value."""
    answer = await ask(world, **person)
    assert answer.status_code == 422
    assert where in [fault["field"] for fault in answer.json()["errors"]]
    assert "Ada" not in answer.text


async def test_questions_are_limited(
    tmp_path: Path, database_url: str, engine: RegorusEngine
) -> None:
    """Whoever it is about, the third of two is refused."""
    settings: Any = {"lookup_seconds": 0.01, "lookups_per_hour": 2}
    async with opened(tmp_path, database_url, engine=engine, **settings) as world:
        statuses = [(await ask(world)).status_code for _ in range(3)]
    assert statuses == [503, 503, 429]


def _consent(state: str) -> dict[str, Any]:
    return {"state": state, "scope": ["any"], "asked_at": None, "withdrawn_at": None}


def _plain(answer: httpx.Response) -> tuple[int, dict[str, Any]]:
    body = answer.json()
    return answer.status_code, {**body, "ledger_reference": ""}


def _headers(answer: httpx.Response) -> dict[str, str]:
    own = {"date", "concord-request-id", "concord-ledger-reference", "content-length"}
    return {name: value for name, value in answer.headers.items() if name not in own}


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"retracted": True, "persons": []}, "retraction"),
        ({"consent": {"state": "withdrawn", "scope": []}}, "consent-withdrawn"),
        ({}, "correction"),
    ],
)
async def test_who_was_pointed_at_a_person_is_called_back(
    world: World, change: dict[str, Any], fact: str
) -> None:
    """Told by a lookup that an agency knows her: told when that is no longer so or permitted.

    By the reference of the lookup's answer; which incident it was, the asker never knew.
    """
    await world.put("agency.v1", agency("north-council"))
    await world.put("hub-incident.v1", incident(world.ring, "inc1", "Ada Brindle"))
    linkage(world).mentions = ["inc1#0"]
    told = await ask(world)
    assert [one["agency"] for one in told.json()["agencies"]] == ["north-council"]
    later = incident(world.ring, "inc1", "Zenobia Other" if not change else "Ada Brindle")
    consent = {"asked_at": None, "withdrawn_at": None, **change.pop("consent", later["consent"])}
    later |= {"version": 2, "content_digest": b"2" * 16, **change, "consent": consent}
    await world.put("hub-incident.v1", later)
    assert await Recall(world.services).once(datetime.now(UTC)) == 1
    inbox = await world.get("/v1/notices", OWNER, OWN)
    (notice,) = [one["fields"] for one in inbox.json()["items"]]
    assert (notice["fact"], notice["record_kind"], notice["known_as"]) == (fact, "pointer", None)
    assert notice["ledger_references"] == [told.json()["ledger_reference"]]
    assert "inc1" not in inbox.text


ACCESS = {"Concord-Purpose": "subject-access", "Concord-Justification": "Request of the person"}
HUB_OFFICER = {"agency": "hub", "agency_type": "operator", "role": "hub-governance-officer"}


async def test_an_officer_finds_a_person_by_what_they_say_of_themselves(world: World) -> None:
    """Which agency recorded what when, no identity; the report only while that stands confirmed."""
    await world.put("hub-incident.v1", incident(world.ring, "inc1", "Ada Brindle"))
    await world.put("hub-incident.v1", incident(world.ring, "inc2", "Ada Brindle"))
    await world.put("hub-incident.v1", incident(world.ring, "inc3", "Somebody Else"))
    name = stable_id("ent", "inc1#0")
    led = entity(stable_id("ent", "inc2#0"), status="absorbed", heir=name)
    await world.put("entity.v1", entity(name, "inc1", "inc2"), led)
    linkage(world).mentions = ["inc1#0", "inc2#0"]
    body = {"person": PERSON}
    answer = await world.post("/v1/subject-access-searches", HUB_OFFICER, ACCESS, body)
    assert answer.status_code == 200, answer.text
    (found,) = [one["fields"] for one in answer.json()["items"]]
    assert (found["entity_id"], found["mentions"]) == (name, 2)
    assert {one["incident_id"] for one in found["incidents"]} == {"inc1", "inc2"}
    assert "Brindle" not in answer.text
    path = f"/v1/subject-access/{name}"
    report = await world.get(path, HUB_OFFICER, ACCESS, mentions=2)
    assert {one["full_name"] for one in report.json()["fields"]["identities"]} == {"Ada Brindle"}
    assert "Somebody" not in report.text
    assert (await world.get(path, HUB_OFFICER, ACCESS, mentions=3)).status_code == 409
    entries = await world.services.ledger.read(after=0, limit=100)
    assert any(each.record_ids == (name,) for each in entries)
    assert "Brindle" not in str(entries)


async def test_a_search_is_for_who_may_have_the_report_and_says_so_where_nobody_is_found(
    world: World,
) -> None:
    """Others are refused before linkage is asked; silence of linkage is no answer."""
    path, body = "/v1/subject-access-searches", {"person": PERSON}
    assert (await world.post(path, COORDINATOR, ACCESS, body)).status_code == 403
    assert linkage(world).asked == []
    nobody = await world.post(path, HUB_OFFICER, ACCESS, body)
    assert (nobody.status_code, nobody.json()["items"]) == (200, [])
    linkage(world).away = True
    assert (await world.post(path, HUB_OFFICER, ACCESS, body)).status_code == 503
    vague = {"person": {"full_name": "Ada Brindle"}}
    assert (await world.post(path, HUB_OFFICER, ACCESS, vague)).status_code == 422
