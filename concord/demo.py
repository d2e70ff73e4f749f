"""`concord demo`: a made-up county on an embedded hub, asked by people with different rights."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from concord.askers import Client, Person
from concord.build_up import LEARNED_DAYS
from concord.narration import Narrator
from concord.replay import stay
from concord.scenario import Scenario, generate
from concord.session import Outputs, Session
from concord.stack.embedded import EmbeddedHub
from concord.stack.local import LocalHub
from concord.stack.process import ChildFailed
from concord.subscribers import NothingCame
from concord.watching import MONITOR, StepFailed, watch
from producers.records import Event
from schemas import codec

COORDINATOR = Person(
    "CMARAC coordinator",
    "hallowby-council",
    "council",
    "cmarac-coordinator",
    "cmarac-case",
    justification="case conference of the month",
)
HOUSING = Person(
    "Housing officer", "oakline-homes", "housing", "housing-officer", "tenancy-support"
)
SCHOOL = Person("School pastoral lead", "lantern-schools", "school", "pastoral-lead", "cmarac-case")


def run(*, incidents: int, seed: int, once: bool, as_json: bool) -> int:
    """Run the demo and tell it, or with `as_json` print one object; 1 where a step fails."""
    try:
        _run(incidents=incidents, seed=seed, once=once, as_json=as_json)
    except (StepFailed, NothingCame, TimeoutError, ChildFailed) as error:
        sys.stderr.write(f"concord: the demo failed: {error}\n")
        return 1
    return 0


def _run(*, incidents: int, seed: int, once: bool, as_json: bool) -> None:
    began = time.monotonic()
    narrator = Narrator(quiet=as_json)
    scenario = generate(incidents, seed)
    sessions: list[Session] = []

    def furnish(hub: LocalHub) -> None:
        session = Session(hub)
        asyncio.run(session.add_agencies((a.id, a.name, a.type) for a in scenario.agencies))
        sessions.append(session)

    narrator.begin(scenario)
    with EmbeddedHub(say=narrator.step, furnish=furnish) as hub:
        session = sessions[0]
        receipts = asyncio.run(_publish(session, scenario, narrator))
        outputs = asyncio.run(_settle(session, scenario, narrator))
        figures = _figures(session, scenario, receipts, outputs)
        alert = _example(outputs, hub)
        releases = [] if alert is None else list(_ask(hub, alert))
        _expect(figures, alert, releases)
        watched = _watch(session, scenario, narrator)
        figures["releases"] = [_brief(release) for release in releases]
        figures["tension"] = watched
        figures["seconds"] = round(time.monotonic() - began, 1)
        if as_json:
            sys.stdout.write(json.dumps(figures) + "\n")
            sys.stdout.flush()
        else:
            narrator.tell(scenario, figures, alert, releases)
        if not once:
            stay(hub)


async def _publish(
    session: Session, scenario: Scenario, narrator: Narrator
) -> dict[tuple[str, str], Any]:
    """Publish every agency's events with the partners' own SDK; wait for the receipts."""
    events = [
        Event(event.record, codec.complete(event.record, event.value)) for event in scenario.events
    ]
    await session.publish(events)
    narrator.step(f"{len(scenario.events)} events published; waiting for their receipts")
    return await session.receipts(
        len({(e.value["agency"], e.value["event_id"]) for e in scenario.events})
    )


async def _settle(session: Session, scenario: Scenario, narrator: Narrator) -> Outputs:
    midnight = datetime.combine(scenario.until, datetime.min.time(), UTC)
    await session.tick(midnight + timedelta(days=1))
    narrator.step("linking, judging and storing")
    await session.digested()
    return await session.outputs()


def _watch(session: Session, scenario: Scenario, narrator: Narrator) -> dict[str, Any] | None:
    """The build-up; None where the story is too short for the hub to know what is usual."""
    if (scenario.until - scenario.since).days < LEARNED_DAYS:
        return None
    narrator.step("something builds up in one district")
    return watch(session, scenario)


def _expect(
    figures: dict[str, Any], alert: dict[str, Any] | None, releases: list[dict[str, Any]]
) -> None:
    """Raise StepFailed where the story did not come out as it is told."""
    if figures["receipts"] != figures["published"] or figures["rejected"]:
        raise StepFailed(f"receipts: {figures['receipts']}, {figures['rejected']} of them rejected")
    if alert is None:
        if figures["truth"]["victims_repeat"]:
            raise StepFailed("alerts: no repeat victim was found")
        return
    answers = {(one["person"], one["question"] == "the alert"): one["permit"] for one in releases}
    wanted = {
        (COORDINATOR, True): True, (MONITOR, False): True,
        (SCHOOL, True): False, (MONITOR, True): False,
    }  # fmt: skip
    for asked, permit in wanted.items():
        if answers[asked] != permit:
            was = "refused" if permit else "answered"
            raise StepFailed(f"releases: {asked[0].title} was {was}")


def _figures(
    session: Session,
    scenario: Scenario,
    receipts: dict[tuple[str, str], Any],
    outputs: Outputs,
) -> dict[str, Any]:
    statuses = Counter(receipt["status"] for receipt in receipts.values())
    live = outputs.live_entities()
    raised = [alert for alert in outputs.alerts.values() if alert["status"] == "raised"]
    incident_id = session.hub.settings.keyring.pseudonyms.incident_id
    truth = scenario.truth.evaluate(live, outputs.alerts.values(), incident_id)
    return {
        "published": len(scenario.events),
        "accepted": statuses["accepted"],
        "rejected": statuses["rejected"],
        "receipts": len(receipts),
        "entities": len(live),
        "alerts": dict(sorted(Counter(alert["rule"] for alert in raised).items())),
        "truth": {
            "victims_repeat": truth.identifiable_victims,
            "found": truth.found,
            "false": truth.false,
            "alerts": truth.alerts,
            "victims_repeat_with_anonymous": truth.victims_repeat,
        },
    }


def _example(outputs: Outputs, hub: EmbeddedHub) -> dict[str, Any] | None:
    """Choose the alert to tell.

    Consent is recorded, the person is a tenant of the housing association, and of those it is the
    one that most agencies have a part in.
    """
    coordinator, housing = (Client(hub.settings.public_url, p) for p in (COORDINATOR, HOUSING))

    def rank(alert: dict[str, Any]) -> tuple[int, int, str]:
        return (-len(alert["agencies"]), -alert["incidents"], alert["alert_id"])

    chosen = None
    for alert in sorted(outputs.alerts.values(), key=rank):
        if alert["rule"] != "repeat-victim" or alert["status"] != "raised":
            continue
        chosen = chosen or alert
        path = f"/v1/alerts/{alert['alert_id']}"
        named = "victim_name" in coordinator.get(path).json().get("fields", {})
        if named and HOUSING.agency in alert["agencies"] and housing.get(path).is_success:
            chosen = alert
            break
    coordinator.close()
    housing.close()
    return chosen


def _ask(hub: EmbeddedHub, alert: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Let everybody ask about the alert; the tension monitor asks for the area as well."""
    path = f"/v1/alerts/{alert['alert_id']}"
    district = (alert["districts"] or ["county"])[0]
    questions: list[tuple[Person, str, dict[str, Any]]] = [
        (COORDINATOR, path, {}),
        (HOUSING, path, {}),
        (MONITOR, "/v1/tension/counts", {"area": district, "months": "total"}),
        (SCHOOL, path, {}),
        (MONITOR, path, {}),
    ]
    for person, where, parameters in questions:
        client = Client(hub.settings.public_url, person)
        answer = client.get(where, **parameters)
        client.close()
        yield {
            "person": person,
            "question": where if where != path else "the alert",
            "permit": answer.is_success,
            "answer": answer.json(),
        }


def _brief(release: dict[str, Any]) -> dict[str, Any]:
    """One asker's answer for the JSON form."""
    person, answer = release["person"], release["answer"]
    reasons = [r["code"] if isinstance(r, dict) else r for r in answer.get("reasons", [])]
    fields = answer.get("fields", {})
    if "items" in answer:
        fields = sorted({name for item in answer["items"] for name in item})
    return {
        "asker": f"{person.role}@{person.agency}",
        "purpose": person.purpose,
        "question": release["question"],
        "permit": release["permit"],
        "fields": sorted(fields) if release["permit"] else [],
        "reasons": reasons,
        "ledger_reference": answer.get("ledger_reference"),
        "policy_revision": answer.get("policy_revision"),
    }
