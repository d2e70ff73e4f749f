"""An information governance officer's year, on the real OPA and PostgreSQL.

She drafts an agreement from sentences, with a mistake; mends it; has it tested, put against past
decisions and compared with what is in force; a colleague of another agency approves it. It takes
effect on OPA, lapses on its day, is renewed, and is withdrawn; those who received something are
called back and answer; and whoever doubts any of it can check the ledger offline.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import uvicorn

import concord_verify
from concord.past import decisions
from concord.scenario.story import generate
from policies.agreements import Agreement
from policies.examination.replay import replay
from policies.examination.versions import with_draft
from policies.opa import OpaEngine
from sharing_api.agreements import wording
from sharing_api.agreements.desk import FOLLOWED, POLLED
from sharing_api.release import Asker, Gate
from sharing_api.release.answers import Batch, Subject
from sharing_api.release.question import STRICTEST
from sharing_api.store.engine import make_engine, make_sessions
from sharing_api.store.ledger import Ledger
from sharing_api.store.migrate import upgrade
from tests.integration.test_api.governed import (
    APPROVER,
    AUTHOR,
    GOVERNING,
    Clock,
    Governed,
    governed,
    revised,
    seeded,
)
from tests.integration.test_api.world import ACCOUNT, CASE, TAKING_PART, alert, incident
from tests.real.fixtures import API_BUNDLE_PATH
from tests.real.opa import OpaSecrets, RealOpa
from tests.real.postgres import RealPostgres
from tests.real.process import free_port

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

NAME: Final = "cmarac-partnership"
NURSE = {
    "sub": "nora",
    "agency": "vale-nhs",
    "agency_type": "nhs",
    "role": "safeguarding-nurse",
    "vetting": "bpss",
}
HUB_OFFICER = {
    "sub": "hana",
    "agency": "north-council",
    "agency_type": "council",
    "role": "hub-governance-officer",
}
DECISIONS: Final = 20_000
SINGLE: Final = 2_000
"""Decisions of which each was a request of its own, so many of them at once:"""
TOGETHER: Final = 20
LIST: Final = 1_000
LISTING: Final = (
    (Asker("c", "hallowby-council", "council", "cmarac-coordinator", "bpss"), "cmarac-case"),
    (Asker("h", "oakline-homes", "housing", "housing-officer", "bpss"), "tenancy-support"),
)
SINGLY: Final = (
    (Asker("n", "vale-nhs", "nhs", "safeguarding-nurse", "bpss"), "cmarac-case"),
    (Asker("t", "brook-school", "school", "teacher"), "cmarac-case"),
)
WITHIN: Final = (FOLLOWED + POLLED).total_seconds()
OPENED: Final = {"level": "release", "since": "generalise:month"}
"""The two fields that the draft opens to nurses on purpose."""


SHOWN: Final = {
    "name": "a nurse sees how grave an alert is, and not who it is about",
    "given": {"kind": "alert"},
    "when": {
        "agency_type": "nhs",
        "role": "safeguarding-nurse",
        "vetting": "bpss",
        "purpose": "cmarac-case",
        "justification": True,
    },
    "then": {"permit": True, "fields": OPENED, "withheld": ["victim_name"]},
}


@asynccontextmanager
async def served(hub: Governed, port: int) -> AsyncIterator[None]:
    """The hub on a socket, where OPA finds it."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await hub.app(scope, receive, send)

    config = uvicorn.Config(app, port=port, log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def hub(tmp_path: Path, real_database: str) -> AsyncIterator[Governed]:
    """A hub whose policy is OPA's and whose store is PostgreSQL's, on 10 January 2027."""
    keys = OpaSecrets(tmp_path / "opa-secrets")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    opa = RealOpa(tmp_path / "opa", keys, url, API_BUNDLE_PATH)
    clock = Clock(datetime(2027, 1, 10, 9, tzinfo=UTC))
    made = governed(
        tmp_path,
        real_database,
        clock=clock,
        engine=OpaEngine(opa.url, opa.token),
        signing_key=keys.signing_key,
        bundle_token=keys.bundle_token,
        recall_seconds=0.5,
    )
    async with made as started, served(started, port):
        try:
            await asyncio.to_thread(opa.start)
            await asyncio.to_thread(opa.wait_for_bundle)
            for name in ("inc_a", "inc_b"):
                await started.put("hub-incident.v1", incident(started.ring, name, "Perpetua"))
            await started.put("alert.v1", alert("alt_1", ["inc_a", "inc_b"]))
            yield started
        finally:
            await asyncio.to_thread(opa.stop)


async def asked(hub: Governed) -> httpx.Response:
    """The nurse asks for the alert."""
    return await hub.get("/v1/alerts/alt_1", NURSE, CASE)


async def until(
    ask: Callable[[], Awaitable[httpx.Response]],
    there: Callable[[httpx.Response], bool],
    seconds: float,
) -> float:
    """Ask until the answer is as wanted; gives the seconds that it took. Raises TimeoutError."""
    began = time.monotonic()
    while not there(await ask()):
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not within {seconds} seconds")
        await asyncio.sleep(0.05)
    return time.monotonic() - began


def with_nurses(number: int, first: str, review: str, last: str) -> Agreement:
    """The partnership's agreement with a clause more: nurses see two fields of an alert."""
    (clause, *_) = seeded(NAME)["clauses"]
    nurses: dict[str, Any] = {
        **clause,
        "text": "Safeguarding nurses of the NHS may see how grave an alert is, and since when.",
        "recipients": {
            "agencies": ["*"],
            "agency_types": ["nhs"],
            "roles": ["safeguarding-nurse"],
        },
        "items": {"alert": OPENED},
    }
    changed = {
        "clauses": [*seeded(NAME)["clauses"], nurses],
        "examples": [*map(_on_any_day, seeded(NAME)["examples"]), SHOWN],
    }
    return revised(number, NAME, starts=first, review=review, ends=last, **changed)


def _on_any_day(example: dict[str, Any]) -> dict[str, Any]:
    """An example of an earlier year, asked on the first day of the agreement."""
    when = {name: value for name, value in example["when"].items() if name != "on"}
    return {**example, "when": when}


async def lived(hub: Governed, url: str) -> None:
    """Months of questions about a scenario's incidents, through a gate, into a ledger of their own.

    The gate asks the hub's OPA; the ledger is PostgreSQL's. Askers whom an agreement covers ask for
    long lists, the others for one record at a time.
    """
    draw = random.Random(5)
    told = [facts(event) for event in generate(600, 5, date(2026, 12, 31)).incidents()]
    store = make_engine(url)
    await upgrade(store)
    services = hub.services
    gate = Gate(
        services.policy,
        Ledger(make_sessions(store)),
        services.parts.opener(),
        services.parts.pseudonyms,
        clock=hub.clock,
        agreements=services.parts.agreements,
    )
    ids = map("alt_{}".format, range(DECISIONS))

    def drawn(count: int) -> list[Subject]:
        return [Subject("alert", name, draw.choice(told), {}) for name in islice(ids, count)]

    for number in range((DECISIONS - SINGLE) // LIST):
        asker, purpose = LISTING[number % len(LISTING)]
        asked = await gate.release_all(
            asker, purpose, drawn(LIST), kind="alert", justification="panel"
        )
        assert isinstance(asked, Batch)
    for asker, purpose in SINGLY:
        for _ in range(SINGLE // len(SINGLY) // TOGETHER):
            await asyncio.gather(*(
                gate.release(asker, purpose, one, justification="panel") for one in drawn(TOGETHER)
            ))  # fmt: skip
    await store.dispose()


def facts(event: dict[str, Any]) -> dict[str, Any]:
    """What the policy would be told of an alert on one incident of the scenario."""
    consent = event["consent"]
    return {
        **STRICTEST,
        "entity_kind": "person",
        "originators": [event["agency"]],
        "subject_categories": ["victim"],
        "strands_present": sorted(event["strands"]),
        "child": False,
        "gsc": event["gsc"],
        "handling": event["handling"]["code"],
        "non_crime": event["kind"] != "crime",
        "about_subject": False,
        "consent": {"state": consent["state"], "scope": sorted(consent["scope"])},
        "victim_wishes": sorted(event["victim_wishes"]),
        "contains_possible_links": False,
    }


async def drafted(hub: Governed, agreement: Agreement) -> str:
    """Draft from a text with a mistake, which is named; mend it; gives the draft's digest."""
    text = wording.write(agreement)
    mistake = text.replace("For the purpose", "For the porpoise", 1)
    mistaken = await hub.officer("drafts", AUTHOR, text=mistake)
    assert mistaken.status_code == 422
    (error,) = mistaken.json()["errors"]
    assert (error["found"], error["suggestion"]) == ("porpoise", "For the purpose of")
    assert "purpose" in error["expected"]
    wrong = mistake.splitlines()[error["line"] - 1]
    assert wrong[error["column"] - 1 :].startswith("porpoise")
    mended = await hub.officer("drafts", AUTHOR, text=text)
    assert (mended.status_code, mended.json()["state"]) == (201, "draft"), mended.text
    assert (await asked(hub)).status_code == 403
    return str(mended.json()["digest"])


async def examined(hub: Governed, agreement: Agreement, url: str) -> None:
    """Its examples pass; it opens two fields, to nurses, and nothing else; past requests tell."""
    tested = await hub.officer(f"{NAME}/versions/2/test", AUTHOR)
    report = tested.json()["report"]
    assert (report["passed"], tested.json()["state"]) == (True, "tested"), report
    said = " ".join(report["openings"])
    assert report["examples"] == len(agreement["examples"])
    assert (report["engines"], report["missing"]) == (["embedded", "opa"], [])
    assert report["opened_cells"] > 0
    opened = ("safeguarding-nurse", "level", "start of the period")
    assert [word in said for word in (*opened, "name")] == [True, True, True, False], said
    foreseen = await hub.officer(f"{NAME}/versions/2/replay", AUTHOR)
    last = json.loads(foreseen.text.splitlines()[-1])
    assert last["result"]["fields"]["effects"]["start"] >= 1, last
    live = [dict(one) for one in hub.folder.held().agreements]
    await lived(hub, url)
    began = time.monotonic()
    replayed = await asyncio.to_thread(
        replay, decisions(url), live, with_draft(live, agreement), on=date(2027, 1, 10)
    )
    assert time.monotonic() - began < 60
    assert replayed.decisions == DECISIONS
    assert replayed.effects["start"] > 100
    assert replayed.effects["stop"] == 0
    assert f"{DECISIONS:,} past decisions" in replayed.summary()


async def approved(hub: Governed, digest: str) -> httpx.Response:
    """Four eyes; then in force on OPA within one poll. Gives what the nurse now receives."""
    path = f"{NAME}/versions/2/approve"
    own = await hub.officer(path, AUTHOR, digest=digest)
    assert own.json()["reasons"][0]["code"] == "four-eyes"
    done = await hub.officer(path, APPROVER, digest=digest)
    assert done.json()["state"] == "live", done.text
    await until(lambda: asked(hub), lambda answer: answer.is_success, WITHIN)
    first = await asked(hub)
    assert set(first.json()["fields"]) == set(OPENED)
    assert first.json()["policy_revision"] == done.json()["effect"]["policy_revision"]
    return first


async def lapsed(hub: Governed) -> None:
    """A reminder before the review; after the last day a refusal, though nobody did anything."""
    hub.clock.on(date(2027, 11, 1))
    await hub.look()
    stated = {**GOVERNING, "Concord-Justification": "Weekly look"}
    due = await hub.get("/v1/agreements/reminders", AUTHOR, stated, days=30)
    assert NAME in [one["fields"]["agreement_id"] for one in due.json()["items"]]
    assert (await asked(hub)).is_success
    hub.clock.on(date(2028, 1, 1))
    assert (await asked(hub)).json()["reasons"][0]["code"] == "agreement-not-live"


async def renewed_and_withdrawn(hub: Governed) -> httpx.Response:
    """For another year, used once; then withdrawn and refused. Gives what was received."""
    renewed = await hub.enacted(with_nurses(3, "2028-01-01", "2028-11-30", "2028-12-31"))
    assert renewed.json()["state"] == "live", renewed.text
    await until(lambda: asked(hub), lambda answer: answer.is_success, WITHIN)
    second = await asked(hub)
    withdrawn = await hub.officer(f"{NAME}/versions/3/withdraw", APPROVER)
    assert withdrawn.json()["state"] == "withdrawn"
    await until(lambda: asked(hub), lambda answer: answer.status_code == 403, WITHIN)
    return second


async def called_back(hub: Governed) -> None:
    """The nurse's agency finds a notice in its inbox, and says what it did."""

    async def inbox() -> httpx.Response:
        return await hub.get("/v1/notices", NURSE, TAKING_PART)

    await until(inbox, lambda answer: bool(answer.json().get("items")), 30)
    notice = (await inbox()).json()["items"][0]["fields"]
    # Recall may meet renewal and withdrawal together, and then calls the two one narrowing.
    assert notice["fact"] in {"agreement-withdrawn", "agreement-narrowed"}
    assert notice["record_kind"] == "alert"
    path = f"/v1/notices/{notice['notice_id']}/acknowledgement"
    answered = await hub.post(path, NURSE, TAKING_PART, {"done": "deleted"})
    assert answered.status_code == 201, answered.text


async def test_an_officers_year(
    hub: Governed,
    tmp_path: Path,
    real_postgres: RealPostgres,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From the draft to the regulator's question."""
    refused = await asked(hub)
    assert (refused.status_code, refused.json()["reasons"][0]["code"]) == (403, "no-agreement")
    lodged = await told(hub, "/v1/ledger/checkpoint")
    agreement = with_nurses(2, "2027-01-10", "2027-11-30", "2027-12-31")
    digest = await drafted(hub, agreement)
    await examined(hub, agreement, real_postgres.create_database("asked_before").url)
    first = await approved(hub, digest)
    await lapsed(hub)
    second = await renewed_and_withdrawn(hub)
    await called_back(hub)
    await proved(hub, tmp_path, lodged, [first, second])
    said = capsys.readouterr().out
    assert f"{NAME}@2" in said
    assert f"{NAME}@3" in said


async def told(hub: Governed, path: str, **query: Any) -> Any:
    """What the hub tells its officer of the ledger."""
    answer = await hub.get(path, HUB_OFFICER, ACCOUNT, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def proved(hub: Governed, folder: Path, lodged: Any, releases: list[httpx.Response]) -> None:
    """Check evidence of each release, and that today's ledger continues the one lodged before."""
    files = []
    for release in releases:
        reference = release.json()["ledger_reference"]
        pack = await told(hub, f"/v1/ledger/entries/{reference}/evidence")
        files.append(folder / f"evidence-{reference}.json")
        files[-1].write_bytes(concord_verify.canonical(pack) + b"\n")
    for file in files:
        assert concord_verify.main([str(file), "--key", lodged["key"]]) == 0
    proof = await told(hub, "/v1/ledger/proofs/consistency", old=lodged["size"])
    (folder / "proof.json").write_bytes(concord_verify.canonical(proof) + b"\n")
    (folder / "lodged.txt").write_text(lodged["checkpoint"], encoding="utf-8")
    checked = [str(folder / "proof.json"), str(folder / "lodged.txt"), "--key", lodged["key"]]
    assert concord_verify.main(checked) == 0
