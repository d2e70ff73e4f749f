"""Officers draft, test, approve and withdraw over HTTP; policy, store and folder follow."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from sharing_api.agreements import desk, records, wording
from tests.integration.test_api.governed import (
    APPROVER,
    AUTHOR,
    GOVERNING,
    TENSION,
    Governed,
    governed,
    revised,
    seeded,
)
from tests.integration.test_api.world import MONITOR, PARTNER, TAKING_PART, signal
from tests.integration.test_api.world import TENSION as WATCHING

SIGNALS = "/v1/tension/signals"
LOOKING = {**GOVERNING, "Concord-Justification": "A look"}


@pytest.fixture
async def hub(tmp_path: Path, database_url: str) -> AsyncIterator[Governed]:
    """A hub with the packaged agreements and one signal."""
    async with governed(tmp_path, database_url) as made:
        await made.put("tension-signal.v1", signal("sig_1"))
        yield made


async def watched(hub: Governed) -> int:
    """How a monitor's question for signals is answered."""
    return (await hub.get(SIGNALS, MONITOR, WATCHING)).status_code


async def state(hub: Governed, number: int, name: str = TENSION) -> str:
    """The state of a version today."""
    path = f"/v1/agreements/{name}/versions/{number}"
    answer = await hub.get(path, APPROVER, LOOKING)
    return str(answer.json()["fields"]["state"])


async def test_a_version_goes_from_draft_to_live_and_ends_the_one_before(hub: Governed) -> None:
    """Each step is an event and an entry; participants see the new version, with its text."""
    later = revised(2, title="Tension monitoring, revised")
    assert await state(hub, 1) == "live"
    drafted = await hub.officer("drafts", AUTHOR, text=wording.write(later))
    assert (drafted.status_code, drafted.json()["state"]) == (201, "draft")
    digest = drafted.json()["digest"]
    path = f"{TENSION}/versions/2"
    early = await hub.officer(f"{path}/approve", APPROVER, digest=digest)
    assert early.status_code == 409
    assert (await hub.officer(f"{path}/test", AUTHOR)).json()["state"] == "tested"
    own = await hub.officer(f"{path}/approve", AUTHOR, digest=digest)
    assert (own.status_code, own.json()["reasons"][0]["code"]) == (403, "four-eyes")
    other = await hub.officer(f"{path}/approve", APPROVER, digest="0" * 64)
    assert other.status_code == 409
    done = await hub.officer(f"{path}/approve", APPROVER, digest=digest)
    assert (done.status_code, done.json()["state"]) == (200, "live"), done.text
    assert done.json()["effect"]["policy_revision"] == hub.folder.held().bundle.revision
    assert await state(hub, 1) == "superseded"
    shown = (await hub.get(f"/v1/agreements/{TENSION}", PARTNER, TAKING_PART)).json()["fields"]
    assert (shown["version"], shown["status"], shown["digest"]) == (2, "live", digest)
    assert wording.digest(shown["text"]) == digest
    history = await hub.get(
        f"/v1/agreements/{TENSION}/history",
        APPROVER,
        LOOKING,
    )
    happened = [e for item in history.json()["items"] for e in item["fields"]["history"]]
    assert {event["sequence"] for event in happened} == set(range(1, len(happened) + 1))
    told = [(event["event"], event["by"]) for event in happened]
    assert told == [
        ("seeded", None), ("live", None), ("superseded", None),
        ("drafted", "ada"), ("tested", "ada"), ("approved", "ben"), ("live", None),
    ]  # fmt: skip
    entries = await hub.services.ledger.read(limit=500)
    deeds = [e.detail["agreement"] for e in entries if "tension-monitoring@2" in e.record_ids
             and e.operation == "alteration"]  # fmt: skip
    assert deeds == ["drafted", "tested", "approved", "live"]


async def test_withdrawal_refuses_at_once_says_when_everywhere_and_survives_a_restart(
    tmp_path: Path, database_url: str
) -> None:
    """Of an agreement that came with the folder, whose file still stands there."""
    async with governed(tmp_path, database_url) as hub:
        assert await watched(hub) == 200
        before = hub.folder.held().bundle.revision
        done = await hub.officer(f"{TENSION}/versions/1/withdraw", APPROVER)
        assert (done.status_code, done.json()["state"]) == (200, "withdrawn")
        effect = done.json()["effect"]
        assert effect["policy_revision"] == hub.folder.held().bundle.revision != before
        assert effect["in_force_here"] < effect["in_force_everywhere_by"]
        served = await hub.client.get(
            "/v1/policy/bundle.tar.gz", headers={"Authorization": "Bearer opa"}
        )
        assert served.headers["ETag"] == f'"{effect["policy_revision"]}"'
        assert await watched(hub) == 403
        again = await hub.officer(f"{TENSION}/versions/1/withdraw", APPROVER)
        assert again.status_code == 409
    async with governed(tmp_path, database_url) as hub:
        assert await watched(hub) == 403
        assert await state(hub, 1) == "withdrawn"
        assert (await hub.enacted(revised(2))).json()["state"] == "live"
        assert await watched(hub) == 200


async def test_another_node_follows_what_this_one_did(tmp_path: Path, database_url: str) -> None:
    """Both serve the same bundle and refuse alike, one look later."""
    async with (
        governed(tmp_path / "a", database_url) as here,
        governed(tmp_path / "b", database_url, clock=here.clock) as there,
    ):
        assert await watched(there) == 200
        await here.officer(f"{TENSION}/versions/1/withdraw", APPROVER)
        await there.look()
        assert await watched(there) == 403
        revisions = {hub.folder.held().bundle.revision for hub in (here, there)}
        assert len(revisions) == 1


async def test_dates_act_by_themselves_and_nothing_that_ended_comes_back(hub: Governed) -> None:
    """Approved before its first day, live on it, lapsed after its last; the earlier stays ended."""
    days = {"starts": "2026-12-01", "review": "2026-12-10", "ends": "2026-12-20"}
    later = revised(2, examples=[], **days)
    assert (await hub.enacted(later)).json()["state"] == "approved"
    assert (await state(hub, 1), await watched(hub)) == ("live", 200)
    for day, found, answer in (
        (date(2026, 11, 30), ("live", "approved"), 200),
        (date(2026, 12, 1), ("superseded", "live"), 200),
        (date(2026, 12, 20), ("superseded", "live"), 200),
        (date(2026, 12, 21), ("superseded", "lapsed"), 403),
    ):
        hub.clock.on(day)
        await hub.look()
        assert (await state(hub, 1), await state(hub, 2)) == found
        assert await watched(hub) == answer
    async with hub.services.reading() as session:
        kinds = [event.kind for event in await records.events(session, 0) if event.version == 2]
    assert kinds == ["drafted", "tested", "approved", "live", "lapsed"]


async def test_reminders_come_before_the_day_and_stay_when_it_has_passed(hub: Governed) -> None:
    """For officers alone."""
    stated = {**GOVERNING, "Concord-Justification": "Weekly look"}
    await hub.enacted(revised(2, review="2026-12-10", ends="2027-06-30"))
    path = "/v1/agreements/reminders"
    for day, ahead, due in (
        (date(2026, 11, 20), 10, []),
        (date(2026, 11, 30), 10, [("review", 10)]),
        (date(2026, 12, 12), 10, [("review", -2)]),
        (date(2027, 6, 25), 10, [("review", -197), ("end", 5)]),
    ):
        hub.clock.on(day)
        await hub.look()
        answer = await hub.get(path, APPROVER, stated, days=ahead)
        told = [
            (item["fields"]["due"]["what"], item["fields"]["due"]["days"])
            for item in answer.json()["items"]
            if item["fields"]["agreement_id"] == TENSION
        ]
        assert told == due
    assert (await hub.get(path, MONITOR, stated)).status_code == 403


@pytest.mark.parametrize("who", [MONITOR, PARTNER, {**AUTHOR, "agency_type": "housing"}], ids=str)
async def test_only_officers_of_entitled_agencies_act(hub: Governed, who: Any) -> None:
    """Others are told that no agreement lets them; they neither draft nor read drafts."""
    await hub.officer("drafts", AUTHOR, text=wording.write(revised(2)))
    for path, body in (
        ("drafts", {"text": wording.write(revised(2))}),
        (f"{TENSION}/versions/2/test", {}),
        (f"{TENSION}/versions/2/approve", {"digest": "0" * 64}),
        (f"{TENSION}/versions/1/withdraw", {}),
    ):
        assert (await hub.officer(path, who, **body)).status_code == 403
    for path in (f"{TENSION}/versions", f"{TENSION}/versions/2", f"{TENSION}/history"):
        answer = await hub.get(f"/v1/agreements/{path}", who, LOOKING)
        assert answer.status_code == 403
    assert await state(hub, 1) == "live"


async def test_a_draft_says_what_is_wrong_and_permits_nothing(hub: Governed) -> None:
    """Unreadable, wrong number, over already, reserved id; and a text is one draft once."""
    broken = await hub.officer("drafts", AUTHOR, text="This is no agreement.")
    assert broken.status_code == 422
    first_error = broken.json()["errors"][1]
    assert (first_error["line"], first_error["column"], first_error["found"]) == (1, 9, "no")
    assert first_error["expected"] == ["version"]
    assert first_error["suggestion"] == "This is version"
    for made, field in (
        (revised(3), "text.version"),
        (revised(1, title="Another first"), "text.version"),
        (revised(2, starts="2025-01-01", review="2025-02-01", ends="2025-03-01"), "text.ends"),
        (revised(1, id="reminders"), "text.id"),
    ):
        answer = await hub.officer("drafts", AUTHOR, text=wording.write(made))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    first = await hub.officer("drafts", AUTHOR, text=wording.write(revised(2)))
    same = await hub.officer("drafts", APPROVER, text=wording.write(revised(2)))
    assert first.json()["digest"] == same.json()["digest"]
    other = await hub.officer("drafts", AUTHOR, text=wording.write(revised(2, title="Better")))
    assert other.status_code == 201
    back = await hub.officer("drafts", AUTHOR, text=wording.write(revised(2)))
    assert back.status_code == 409
    assert await state(hub, 1) == "live"


async def test_reasons_in_welsh_reach_history_and_ledger_as_they_were_written(
    hub: Governed,
) -> None:
    """In the body and, as bytes of UTF-8, in the header; what hides is refused in words."""
    why = "Cais y bwrdd: tŷ, £5"
    stated: dict[str, Any] = {**GOVERNING, "Concord-Justification": why.encode()}
    body = {"text": wording.write(revised(2)), "reason": why}
    drafted = await hub.post("/v1/agreements/drafts", AUTHOR, stated, body)
    assert drafted.status_code == 201, drafted.text
    history = await hub.get(f"/v1/agreements/{TENSION}/history", AUTHOR, stated)
    happened = [e for item in history.json()["items"] for e in item["fields"]["history"]]
    assert why in [event["reason"] for event in happened]
    entries = await hub.services.ledger.read(limit=500)
    assert {e.justification for e in entries if e.actor == "ada"} == {why}
    hidden = await hub.post(
        "/v1/agreements/drafts", AUTHOR, GOVERNING, {**body, "reason": "a\u202eb"}
    )
    assert hidden.status_code == 422
    assert hidden.json()["errors"] == [
        {"field": "body.reason", "rule": "a sentence of 1 to 500 characters on one line"}
    ]


async def test_the_test_of_a_draft_names_agencies_that_the_hub_does_not_know(
    hub: Governed,
) -> None:
    """A clause for somebody who is not there permits nothing, and looks as if it did."""
    later = revised(2)
    later["clauses"][0]["recipients"]["agencies"] = ["nowhere-watch"]
    await hub.officer("drafts", AUTHOR, text=wording.write(later))
    tested = await hub.officer(f"{TENSION}/versions/2/test", AUTHOR)
    warned = tested.json()["report"]["warnings"]
    assert "clause 1: It names nowhere-watch, which is no agency of this hub." in warned


async def test_a_missing_version_is_answered_like_one_that_is_not_for_you(hub: Governed) -> None:
    """403, with the same reason."""
    answer = await hub.officer(f"{TENSION}/versions/9/withdraw", APPROVER)
    assert answer.status_code == 403
    assert answer.json()["reasons"][0]["code"] == "record-not-available"


async def test_nobody_takes_away_what_lets_officers_act(hub: Governed) -> None:
    """Neither by withdrawal nor by a version without that clause; one that keeps it is fine."""
    gone = await hub.officer("hub-terms/versions/1/withdraw", APPROVER)
    assert (gone.status_code, gone.json()["type"].rpartition(":")[2]) == (409, "nobody-left")
    kept = seeded("hub-terms")["clauses"]
    without = [clause for clause in kept if "governance" not in clause["purposes"]]
    assert (await hub.enacted(revised(2, "hub-terms", clauses=without))).status_code == 409
    fine = await hub.enacted(revised(2, "hub-terms", title="Terms, revised"))
    assert fine.json()["state"] == "live"


FORGED = (
    "INSERT INTO agreement_events SELECT 999999, digest, agreement_id, version, 'approved', {by}, "
    "'x', '', '{{}}', written_at FROM agreement_versions WHERE author <> ''"
)
DEEDS = (
    "UPDATE agreement_versions SET content = ''",
    "DELETE FROM agreement_versions",
    "UPDATE agreement_events SET kind = 'approved'",
    "DELETE FROM agreement_events",
    FORGED.format(by="author"),
    FORGED.format(by="''"),
)


@pytest.mark.parametrize("deed", DEEDS)
async def test_the_database_itself_refuses(hub: Governed, deed: str) -> None:
    """Change, deletion, an author's approval, an approval by nobody; whoever writes."""
    await hub.officer("drafts", AUTHOR, text=wording.write(revised(2)))
    with pytest.raises(DBAPIError, match=r"append-only|four eyes"):
        async with hub.services.database.begin() as connection:
            await connection.execute(text(deed))


async def test_of_two_approvals_of_one_version_the_second_is_told(hub: Governed) -> None:
    """Nothing is approved twice."""
    done = await hub.enacted(revised(2))
    digest = done.json()["digest"]
    again = await hub.officer(f"{TENSION}/versions/2/approve", {**APPROVER, "sub": "cleo"},
                              digest=digest)  # fmt: skip
    assert again.status_code == 409
    assert desk.POLLED.total_seconds() >= 2


async def test_the_folder_no_longer_decides_once_officers_have(
    tmp_path: Path, database_url: str
) -> None:
    """Before, an edited file is in force; after, an edit changes nothing."""
    folder = tmp_path / "agreements"
    folder.mkdir()
    for name in (TENSION, "hub-terms"):
        (folder / f"{name}.agreement").write_text(wording.write(seeded(name)), "utf-8")
    file = folder / f"{TENSION}.agreement"
    async with governed(tmp_path, database_url, folder) as hub:
        hub.folder._looked = -10.0
        file.write_text(file.read_text().replace("It is called: ", "It is called: Edited: "))
        await hub.look()
        assert hub.folder.held().agreements[-1]["title"].startswith("Edited: ")
        await hub.officer(f"{TENSION}/versions/1/withdraw", APPROVER)
        assert await watched(hub) == 403
        file.write_text(file.read_text().replace("version 1 of", "version 7 of"))
        hub.folder._looked = -10.0
        await hub.look()
        assert await watched(hub) == 403
