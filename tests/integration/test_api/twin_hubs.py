"""Two hubs with the same keys, agreements and askers, whose records differ where nothing shows."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from policies.agreements import Agreement
from policies.bundle import assemble
from policies.embedded import RegorusEngine
from policies.engine import Decision
from schemas.sealing import details_aad, identity_aad
from sharing_api.release import Asker, Subject
from sharing_api.release.question import Question, facts
from sharing_api.release.subjects import alert_subject, incident_subject, signal_subject
from sharing_api.services import utc_now
from sharing_api.store.ledger import LedgerEntry
from sharing_api.store.ledger_entries import UNASKED
from sharing_api.store.upsert import draw as draw_number
from sharing_api.store.upsert import in_session
from tests.integration.test_api.world import (
    MOMENT,
    World,
    alert,
    incident,
    opened,
    signal,
)
from tests.unit.policies import corpus

HIDDEN = ("withhold", "mask")
KINDS = {"incident": "hub-incident.v1", "alert": "alert.v1", "signal": "tension-signal.v1"}
ELSE = "_else"
"""Ends the id of an alert that stands in another's place."""
Record = dict[str, Any]
Said = tuple[int, list[tuple[str, str]], bytes]
"""Everything of an answer but its date and the name of the request."""


@dataclass(frozen=True)
class Scene:
    """Agreements, an asker with what they state, and the records of a hub, by kind.

    `tag` is in every id, so that no record has a history in a hub that has seen other scenes.
    """

    tag: str
    agreements: Sequence[Agreement]
    who: Mapping[str, str]
    stated: Mapping[str, str]
    records: Mapping[str, list[Record]]


@asynccontextmanager
async def twins(
    folder: Path, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[tuple[World, World, RegorusEngine]]:
    """Open two hubs on stores of their own and one engine, which both ask."""
    engine = RegorusEngine(assemble([]))
    first, second = folder / "first", folder / "second"
    async with opened(first, f"sqlite:///{folder}/first.db", engine=engine, clock=clock) as one:
        shutil.copytree(first / "keys", second / "keys")
        made = opened(second, f"sqlite:///{folder}/second.db", engine=engine, clock=clock)
        async with made as other:
            yield one, other, engine


def scene(draw: random.Random, world: World) -> Scene:
    """Draw agreements, an asker whom some clause is likely to name, and records."""
    agreements = [corpus.agreement(draw, f"drawn-{n}") for n in range(draw.randint(1, 3))]
    clauses = [clause for one in agreements for clause in one["clauses"]]
    question = corpus.question(draw, clauses)
    asker = question["requester"]
    who = {name: asker[name] for name in ("agency", "agency_type", "role", "vetting")}
    stated = {"Concord-Purpose": question["purpose"] or "cmarac-case"}
    if question["justification"]:
        stated["Concord-Justification"] = question["justification"]
    tag = f"{draw.randrange(16**8):08x}"
    incidents = [_incident(draw, world, f"inc_{tag}_{n}", who["agency"]) for n in range(3)]
    alerts = [_alert(draw, f"alt_{tag}_{n}", incidents) for n in range(4)]
    signals = [_signal(draw, f"sig_{tag}_{n}") for n in range(3)]
    records = {"incident": incidents, "alert": alerts, "signal": signals}
    return Scene(tag, agreements, who, stated, records)


def _incident(draw: random.Random, world: World, name: str, agency: str) -> Record:
    facts_ = corpus.record(draw, agency)
    made = incident(world.ring, name, _word(draw))
    made["agency"] = draw.choice((agency, "north-police", "hill-homes"))
    made["strands"] = facts_["strands_present"]
    made["recording_regime"] = draw.choice(("police-crime", "police-nchi", "partner-report"))
    made["handling"] = {"code": facts_["handling"], "conditional": False}
    made["consent"] = facts_["consent"]
    made["victim_wishes"] = facts_["victim_wishes"]
    made["persons"][0]["child"] = facts_["child"]
    return made


def _alert(draw: random.Random, name: str, incidents: Sequence[Record]) -> Record:
    chosen = draw.sample([one["incident_id"] for one in incidents], draw.randint(1, 2))
    made = alert(name, sorted(chosen), level=draw.choice(("high", "medium")))
    made["rule"] = draw.choice(("repeat-victim", "repeat-location"))
    return {**made, "entity_kind": draw.choice(("person", "place"))}


def _signal(draw: random.Random, name: str) -> Record:
    return signal(name, area=draw.choice(("D1", "D2")), status=draw.choice(("raised", "cleared")))


def _word(draw: random.Random) -> str:
    return "".join(draw.choice("abcdefgh") for _ in range(draw.randint(3, 12)))


def shown(scene_: Scene, engine: RegorusEngine) -> dict[tuple[str, str], Decision]:
    """Say what is decided about each record for the asker, by kind and id."""
    by_id = {one["incident_id"]: one for one in scene_.records["incident"]}
    subjects: list[Subject] = [incident_subject(one) for one in by_id.values()]
    subjects += [
        alert_subject(one, [by_id[each] for each in one["incident_ids"]])
        for one in scene_.records["alert"]
    ]
    subjects += [signal_subject(one) for one in scene_.records["signal"]]
    asker = Asker(
        "a.person", scene_.who["agency"], scene_.who["agency_type"], scene_.who["role"],
        scene_.who["vetting"],
    )  # fmt: skip
    asked = Question.of(
        asker, scene_.stated["Concord-Purpose"], scene_.stated.get("Concord-Justification", ""),
        None, datetime.now(UTC),
    )  # fmt: skip
    return {(one.kind, one.id): engine.answer(asked.about(facts(one), one.id)) for one in subjects}


FREE: Mapping[str, Mapping[str, Any]] = {
    "alert": {
        "level": "low", "rule": "cmarac-candidate", "status": "lowered", "score": 13,
        "score_upper": 77, "reasons": ["something else"], "incidents": 9, "households": ["hh_x"],
        "entity_id": "ent_other", "since": MOMENT - timedelta(days=90), "districts": ["D9"],
        "until": MOMENT - timedelta(days=40), "rules_version": "other", "heir": "ent_heir",
    },
    "signal": {
        "colour": "red", "proposed_level": 1, "observed": 99, "expected": 7.5, "method": "other/1",
        "probability": 0.5, "grades": {"9Z": 1}, "status": "watched", "area": "D7",
        "observed_weight_milli": 12, "as_of": MOMENT - timedelta(days=9), "area_level": "ward",
        "reasons": [{"code": "else", "text": "something else"}],
    },
    "incident": {
        "incident_type": "assault", "offence_code": "8X", "severity": 5, "place_type": "street",
        "outcome_code": "closed", "kind": "incident", "perceived_target": ["other"],
        "recorded_at": MOMENT - timedelta(days=3), "version": 7, "aggravated": True,
        "review_by": None, "referred_at": MOMENT, "online": True,
    },
}  # fmt: skip
"""Another value for each clear field that is no fact by which the policy decides."""


def changed(
    draw: random.Random,
    scene_: Scene,
    world: World,
    visible: Mapping[tuple[str, str], Decision],
) -> Scene:
    """Change whatever the asker is not shown; in the place of a refused alert stands another.

    Of an alert that is permitted the asker may know that it is there, even where no field is left.
    """
    names = {one["incident_id"]: _names_shown(scene_, one, visible) for one in _incidents(scene_)}
    records: dict[str, list[Record]] = {}
    for kind, listed in scene_.records.items():
        records[kind] = []
        for one in listed:
            record_id = one[f"{kind}_id"]
            decision = visible[kind, record_id]
            other = {
                name: value
                for name, value in FREE[kind].items()
                if decision.fields.get(name, "withhold") in HIDDEN and name in one
            }
            made = {**one, **other}
            if kind == "incident" and not names[record_id]:
                made["persons"] = [_renamed(draw, world, made)]
            if kind == "alert" and not decision.permit and draw.random() < 0.5:
                made["alert_id"] = f"{record_id}{ELSE}"
            records[kind].append(made)
    return replace(scene_, records=records)


def _incidents(scene_: Scene) -> list[Record]:
    return scene_.records["incident"]


def _names_shown(scene_: Scene, one: Record, visible: Mapping[tuple[str, str], Decision]) -> bool:
    """Tell whether any answer to this asker may say who the victim of an incident is."""
    alerts = [
        ("alert", each["alert_id"])
        for each in scene_.records["alert"]
        if one["incident_id"] in each["incident_ids"]
    ]
    return (
        any(
            name.startswith("victim_") and treatment not in HIDDEN
            for key in [("incident", one["incident_id"]), *alerts]
            for name, treatment in visible[key].fields.items()
            if name not in {"victim_consent", "victim_wishes"}
        )
        or visible["incident", one["incident_id"]].fields.get("narrative", "withhold") not in HIDDEN
    )


def _renamed(draw: random.Random, world: World, one: Record) -> Record:
    """Seal another person and another story in the place of the victim's."""
    seal = world.ring.release_sealer().session()
    person = json.dumps({"full_name": _word(draw), "given_names": None, "family_name": None})
    told = json.dumps({"reference": f"REF-{one['incident_id']}", "narrative": _word(draw)})
    one["release_key_id"], one["release_wrapped_key"] = seal.key_id, seal.wrapped_key
    one["details"] = seal.seal(told.encode(), details_aad(one["incident_id"]))
    identity = seal.seal(person.encode(), identity_aad(one["incident_id"], 0))
    return {**one["persons"][0], "identity": identity}


async def stir(world: World, count: int) -> None:
    """Let something change so often of which nobody here is told at all."""
    async with world.services.sessions.begin() as session:
        await in_session(session, draw_number, count)


async def bustle(world: World, draw: random.Random, agency: str) -> None:
    """Let others act: somebody elsewhere, the hub itself, a colleague at `agency`, its feed."""
    mark = f"{draw.randrange(16**8):08x}"
    acts = (
        LedgerEntry("consultation", f"u-{mark}", "a-school", "cmarac-case", decision="refuse"),
        LedgerEntry("disclosure", "somebody", "vale-nhs", "cmarac-case", record_ids=("alt_x",)),
        LedgerEntry("collection", "intake", "hub", record_ids=(f"inc_{mark}",), key=mark),
        LedgerEntry("consultation", "a.colleague", agency, "cmarac-case", decision="refuse"),
        LedgerEntry(
            "disclosure", "a.person", agency, "tension-monitoring", detail={UNASKED: "feed"}
        ),
        LedgerEntry("erasure", "a.person", agency, "erasure", key=f"ers_{mark}"),
    )
    await world.services.ledger.append_all(draw.choices(acts, k=draw.randint(1, 5)))


async def stage(world: World, scene_: Scene) -> None:
    """Add the records of a scene to a hub."""
    for kind, record in KINDS.items():
        await world.put(record, *scene_.records[kind])


async def strike(world: World, scene_: Scene) -> None:
    """Take the records of a scene away again."""
    for kind, record in KINDS.items():
        await world.put(record, removed=[one[f"{kind}_id"] for one in scene_.records[kind]])


REQUESTS: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("/v1/alerts", {}),
    ("/v1/alerts", {"limit": 1}),
    ("/v1/alerts", {"limit": 2, "order": "oldest"}),
    ("/v1/alerts", {"level": "high"}),
    ("/v1/alerts", {"rule": "repeat-victim", "status": "raised"}),
    ("/v1/alerts", {"district": "D1", "limit": 1}),
    ("/v1/alerts", {"cursor": "rubbish"}),
    ("/v1/alerts/alt_{tag}_0", {}),
    ("/v1/alerts/alt_{tag}_3", {}),
    ("/v1/alerts/alt_missing", {}),
    ("/v1/incidents/inc_{tag}_0", {}),
    ("/v1/incidents/inc_{tag}_2", {}),
    ("/v1/tension/signals", {}),
    ("/v1/tension/signals", {"limit": 1}),
    ("/v1/tension/signals", {"area": "D1", "status": "raised"}),
)


def said(answer: httpx.Response) -> Said:
    """Keep of an answer what must not depend on what is not released."""
    apart = {"date", "concord-request-id", "x-request-id"}
    headers = [(name, value) for name, value in answer.headers.items() if name not in apart]
    return answer.status_code, headers, answer.content


async def heard(
    world: World, scene_: Scene, asked: Sequence[int], among: random.Random | None = None
) -> list[Said]:
    """Put some requests, each list being followed to its next page; `among` others who act."""
    answers = []
    for number in asked:
        if among is not None:
            await bustle(world, among, scene_.who["agency"])
        path, query = REQUESTS[number][0].format(tag=scene_.tag), REQUESTS[number][1]
        answer = await world.get(path, scene_.who, scene_.stated, **query)
        answers.append(said(answer))
        next_ = answer.json().get("next") if answer.status_code == 200 else None
        if next_:
            more = await world.get(path, scene_.who, scene_.stated, **{**query, "cursor": next_})
            answers.append(said(more))
    return answers
