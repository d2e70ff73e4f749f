"""The gate: askers receive what their agreements allow, others nothing, and all is written."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from policies.agreements import load
from policies.bundle import assemble
from schemas.sealing import Opener, PrivateKey
from sharing_api.release import (
    Asker,
    Batch,
    Emergency,
    Gate,
    GateClosed,
    Missing,
    Refusal,
    Release,
    Subject,
)
from sharing_api.release.subjects import (
    agreement_subject,
    alert_subject,
    incident_subject,
    ledger_subject,
    receipt_subject,
    signal_subject,
)
from tests.unit.sharing_api.release.making import (
    COORDINATOR,
    ENGINE,
    KEY,
    LANDLORD,
    MONITOR,
    NOW,
    PSEUDONYMS,
    STRANGER,
    WHY,
    NullEngine,
    World,
    alert,
    incident,
    person,
    signal,
    world,
)


@pytest_asyncio.fixture
async def hub(tmp_path: Path) -> AsyncIterator[World]:
    """A gate that is open."""
    async with world(tmp_path) as opened:
        yield opened


def two_incidents() -> list[dict[str, Any]]:
    """Give one incident from the police and one from the victim's landlord."""
    other = person("inc_2", 0, "victim", given_names="Aminah", family_name="Okafor")
    return [incident(), incident("inc_2", "hill-homes", persons=[other])]


def an_alert(**values: Any) -> Subject:
    """Give an alert over both."""
    rows = two_incidents()
    return alert_subject(alert(rows, **values), rows)


def granted(answer: Release | Refusal) -> Release:
    """Insist on a release."""
    assert isinstance(answer, Release), answer
    return answer


async def test_the_coordinator_sees_the_alert_and_the_victims_names(hub: World) -> None:
    """With consent recorded, every spelling once; the suspect stays sealed."""
    answer = granted(
        await hub.gate.release(COORDINATOR, "cmarac-case", an_alert(), justification=WHY)
    )
    assert answer.fields["victim_name"] == ["Amina Okafor", "Aminah Okafor"]
    assert answer.fields["agencies"] == ["hill-homes", "north-police"]
    assert "Stone" not in json.dumps(answer.fields)
    assert answer.agreement == "cmarac-partnership@1"
    assert {"code": "marking", "marking": "OFFICIAL-SENSITIVE"} in answer.obligations


@pytest.mark.parametrize("state", ["refused", "withdrawn", "not_asked", "not_safe_to_ask"])
async def test_without_consent_the_name_is_not_there(hub: World, state: str) -> None:
    """The rest of the alert is."""
    rows = [incident(consent={"state": state, "scope": ["any"]})]
    subject = alert_subject(alert(rows), rows)
    answer = granted(await hub.gate.release(COORDINATOR, "cmarac-case", subject, justification=WHY))
    assert "victim_name" not in answer.fields
    assert answer.fields["level"] == "high"


async def test_only_persons_who_consented_are_opened(hub: World) -> None:
    """Of two incidents, the one where nobody was asked stays sealed."""
    rows = two_incidents()
    rows[1]["consent"] = {"state": "not_asked", "scope": []}
    subject = alert_subject(alert(rows), rows)
    answer = granted(await hub.gate.release(COORDINATOR, "cmarac-case", subject, justification=WHY))
    assert answer.fields["victim_name"] == ["Amina Okafor"]


async def test_the_landlord_sees_its_tenants_incident_without_strand(hub: World) -> None:
    """To the week and the ward, without anything that tells the strand or a person."""
    subject = incident_subject(incident(agency="north-police", tenant_of=["hill-homes"]))
    answer = granted(await hub.gate.release(LANDLORD, "tenancy-support", subject))
    assert answer.fields["occurred_from"] == "2026-W47"
    assert answer.fields["ward"] == "W01"
    assert answer.fields["reference"].startswith("psn_")
    hidden = {"strands", "perceived_target", "offence_code", "aggravated", "victim_name", "agency"}
    assert not hidden & answer.fields.keys()
    assert "race" not in json.dumps(answer.fields)


async def test_the_landlord_sees_nobody_elses_tenants(hub: World) -> None:
    """The refusal is that for an incident that does not exist."""
    foreign = await hub.gate.release(LANDLORD, "tenancy-support", incident_subject(incident()))
    absent = await hub.gate.release(LANDLORD, "tenancy-support", Missing("incident", "inc_1"))
    assert isinstance(foreign, Refusal)
    assert isinstance(absent, Refusal)
    assert replace(foreign, ledger_reference="") == replace(absent, ledger_reference="")
    assert foreign.reasons == ("record-not-available",)


async def test_the_monitor_sees_areas_and_counts(hub: World) -> None:
    """Not who reported, no incident, no alert about a person."""
    answer = granted(
        await hub.gate.release(MONITOR, "tension-monitoring", signal_subject(signal()))
    )
    assert answer.fields["observed"] == 7
    assert answer.fields["area"] == "W01"
    assert "agencies" not in answer.fields
    for subject in (incident_subject(incident()), an_alert()):
        assert isinstance(await hub.gate.release(MONITOR, "tension-monitoring", subject), Refusal)


async def test_the_monitor_sees_a_repeated_place_as_a_district_and_a_number(hub: World) -> None:
    """The place itself is a pseudonym."""
    rows = two_incidents()
    place = alert(rows, entity_kind="place", rule="repeat-location", mention_ids=["inc_1#-1"])
    subject = alert_subject(place, rows)
    answer = granted(await hub.gate.release(MONITOR, "tension-monitoring", subject))
    assert set(answer.fields) == {
        "alert_id", "rule", "status", "incidents", "districts", "since", "until",
    }  # fmt: skip
    assert answer.fields["alert_id"] == PSEUDONYMS.pseudonym("watch", "alt_1")


@pytest.mark.parametrize(
    ("asker", "purpose", "why", "reason"),
    [
        (STRANGER, "cmarac-case", WHY, "no-agreement"),
        (COORDINATOR, "", WHY, "purpose-missing"),
        (COORDINATOR, "curiosity", WHY, "purpose-unknown"),
        (COORDINATOR, "cmarac-case", None, "justification-missing"),
        (COORDINATOR, "cmarac-case", "  ", "justification-missing"),
        (replace(COORDINATOR, vetting="none"), "cmarac-case", WHY, "vetting-insufficient"),
    ],
)
async def test_an_asker_who_is_not_covered_is_told_why(
    hub: World, asker: Asker, purpose: str, why: str | None, reason: str
) -> None:
    """And told the same of a record that is not there, and of a whole collection."""
    there = await hub.gate.release(asker, purpose, an_alert(), justification=why)
    gone = await hub.gate.release(asker, purpose, Missing("alert", "x"), justification=why)
    many = await hub.gate.release_all(asker, purpose, [an_alert()], kind="alert", justification=why)
    for answer in (there, gone, many):
        assert isinstance(answer, Refusal)
        assert answer.reasons == (reason,)
        assert answer.policy_revision == ENGINE.revision


async def test_a_withdrawn_incident_is_gone_for_everybody(hub: World) -> None:
    """A retraction is a denial."""
    subject = incident_subject(incident(retracted=True))
    answer = await hub.gate.release(COORDINATOR, "cmarac-case", subject, justification=WHY)
    assert isinstance(answer, Refusal)


async def test_handling_conditions_travel_with_the_data(hub: World) -> None:
    """The originator's words are an obligation of the release."""
    subject = incident_subject(incident(handling={"code": "C", "conditional": True}))
    answer = granted(await hub.gate.release(COORDINATOR, "cmarac-case", subject, justification=WHY))
    (row,) = [row for row in answer.obligations if row["code"] == "handling-conditions"]
    assert row["conditions"] == "RECIPIENTS ONLY"


async def test_an_emergency_opens_the_name_with_two_pairs_of_eyes(hub: World) -> None:
    """It says so, and asks for a review afterwards; one pair is refused."""
    rows = [incident(consent={"state": "not_safe_to_ask", "scope": []})]
    subject = alert_subject(alert(rows), rows)
    answer = granted(
        await hub.gate.release(
            COORDINATOR, "cmarac-case", subject, justification=WHY, emergency=Emergency("u-2")
        )
    )
    assert answer.fields["victim_name"] == ["Amina Okafor"]
    assert "emergency-consent-set-aside" in answer.reasons
    assert {"code": "after-review"} in answer.obligations
    alone = await hub.gate.release(
        COORDINATOR, "cmarac-case", subject, justification=WHY,
        emergency=Emergency(COORDINATOR.subject),
    )  # fmt: skip
    assert isinstance(alone, Refusal)
    assert alone.reasons == ("second-approver-missing",)
    first, second = await hub.ledger.read()
    assert first.detail == {"second_approver": "u-2"}
    assert second.detail == {"second_approver": COORDINATOR.subject}


async def test_every_answer_has_its_entry(hub: World) -> None:
    """What was released, refused and to whom; never a value."""
    released = await hub.gate.release(COORDINATOR, "cmarac-case", an_alert(), justification=WHY)
    refused = await hub.gate.release(STRANGER, "cmarac-case", an_alert())
    first, second = await hub.ledger.read()
    assert first.reference == released.ledger_reference
    assert (first.operation, first.decision) == ("disclosure", "permit")
    assert first.record_ids == ("alt_1",)
    assert "victim_name" in first.fields
    assert first.at == NOW
    assert (second.operation, second.decision) == ("consultation", "refuse")
    assert second.reference == refused.ledger_reference
    assert second.reasons == ("no-agreement",)
    assert b"Amina" not in hub.database.read_bytes()


async def test_a_collection_is_filtered_before_it_is_counted(hub: World) -> None:
    """Refused records leave no gap, and the page says whether more follow."""
    mine = [incident_subject(incident(f"inc_{n}", "hill-homes")) for n in range(4)]
    foreign = [incident_subject(incident(f"inc_x{n}")) for n in range(4)]
    mixed = [row for pair in zip(foreign, mine, strict=True) for row in pair]
    page = await hub.gate.release_all(LANDLORD, "tenancy-support", mixed, kind="incident", limit=3)
    assert isinstance(page, Batch)
    assert [one.record_id for one in page.releases] == ["inc_0", "inc_1", "inc_2"]
    assert page.next_after == "inc_2"
    (entry,) = await hub.ledger.read()
    assert entry.record_ids == ("inc_0", "inc_1", "inc_2")
    whole = await hub.gate.release_all(LANDLORD, "tenancy-support", mixed, kind="incident")
    assert isinstance(whole, Batch)
    assert len(whole.releases) == 4
    assert whole.next_after is None


async def test_a_stream_of_rows_is_read_no_further_than_needed(hub: World) -> None:
    """The gate stops once it knows that more would follow."""
    read: list[str] = []

    async def rows() -> AsyncIterator[Subject]:
        for number in range(100):
            read.append(str(number))
            yield signal_subject(signal(signal_id=f"sig_{number}"))

    page = await hub.gate.release_all(MONITOR, "tension-monitoring", rows(), kind="signal", limit=2)
    assert isinstance(page, Batch)
    assert len(page.releases) == 2
    assert len(read) == 3


async def test_participants_see_their_own_receipts_and_all_agreements(hub: World) -> None:
    """And nobody else's receipts."""
    receipt = {"receipt_id": "rcp_1", "agency": "watch", "status": "accepted", "event_id": "e"}
    mine = granted(await hub.gate.release(MONITOR, "participation", receipt_subject(receipt)))
    assert mine.fields["status"] == "accepted"
    foreign = await hub.gate.release(LANDLORD, "participation", receipt_subject(receipt))
    assert isinstance(foreign, Refusal)
    page = await hub.gate.release_all(
        STRANGER, "participation", [agreement_subject(one) for one in load()], kind="agreement"
    )
    assert isinstance(page, Batch)
    assert len(page.releases) == len(load())


async def test_an_agencys_officer_cannot_learn_from_the_ledger_why_records_were_refused(
    hub: World,
) -> None:
    """Reasons, digests and hashes of entries would tell; the hub's own officer sees them."""
    await hub.gate.release(LANDLORD, "tenancy-support", incident_subject(incident()))
    rows = [ledger_subject(row) for row in await hub.ledger.read()]
    officer = replace(LANDLORD, role="governance-officer")
    page = await hub.gate.release_all(
        officer, "accountability", rows, kind="ledger", justification="audit"
    )
    assert isinstance(page, Batch)
    (entry,) = page.releases
    assert entry.fields["decision"] == "refuse"
    assert not {"reasons", "input_digest", "hash", "previous_hash"} & entry.fields.keys()
    chief = replace(STRANGER, role="hub-governance-officer")
    page = await hub.gate.release_all(
        chief, "accountability", rows, kind="ledger", justification="audit"
    )
    assert isinstance(page, Batch)
    assert page.releases[0].fields["reasons"] == ["not-related"]


async def test_no_engine_no_release(tmp_path: Path) -> None:
    """And nothing in the ledger."""
    async with world(tmp_path, engine=NullEngine()) as hub:
        for asked in (
            hub.gate.release(COORDINATOR, "cmarac-case", an_alert(), justification=WHY),
            hub.gate.release(COORDINATOR, "cmarac-case", Missing("alert", "x" * 300)),
            hub.gate.release_all(COORDINATOR, "cmarac-case", [an_alert()], kind="alert"),
        ):
            with pytest.raises(GateClosed) as caught:
                await asked
            assert caught.value.part == "engine"
        assert not await hub.ledger.read()


async def test_no_ledger_no_release(hub: World) -> None:
    """A table that is gone closes the gate, for refusals too."""
    import sqlite3

    with sqlite3.connect(hub.database) as connection:
        connection.execute("DROP TABLE ledger")
    connection.close()
    for asker in (COORDINATOR, STRANGER):
        with pytest.raises(GateClosed) as caught:
            await hub.gate.release(asker, "cmarac-case", an_alert(), justification=WHY)
        assert caught.value.part == "ledger"


async def test_no_key_no_release_of_anything(tmp_path: Path) -> None:
    """Not even of what needs no key."""
    async with world(tmp_path, opener=None) as hub:
        for asker, purpose, subject in (
            (COORDINATOR, "cmarac-case", an_alert()),
            (MONITOR, "tension-monitoring", signal_subject(signal())),
        ):
            with pytest.raises(GateClosed) as caught:
                await hub.gate.release(asker, purpose, subject, justification=WHY)
            assert caught.value.part == "key"
        assert not await hub.ledger.read()


async def test_a_seal_that_does_not_open_closes_the_gate(tmp_path: Path) -> None:
    """Another key under the same name is no key."""
    stranger = PrivateKey.generate(KEY.key_id)
    async with world(tmp_path, opener=Opener({KEY.key_id: stranger})) as hub:
        with pytest.raises(GateClosed) as caught:
            await hub.gate.release(COORDINATOR, "cmarac-case", an_alert(), justification=WHY)
        assert caught.value.part == "key"


async def test_a_malformed_question_is_refused_like_any_other(hub: World) -> None:
    """An id that cannot be one, and facts that are not facts, tell nothing of the record."""
    long = await hub.gate.release(
        COORDINATOR, "cmarac-case", Missing("alert", "x" * 300), justification=WHY
    )
    odd = await hub.gate.release(
        COORDINATOR,
        "cmarac-case",
        replace(an_alert(), facts={"originators": "north-police"}),
        justification=WHY,
    )
    for answer in (long, odd):
        assert isinstance(answer, Refusal)
        assert answer.reasons == ("record-not-available",)
    nobody = await hub.gate.release(
        replace(COORDINATOR, agency=""), "cmarac-case", an_alert(), justification=WHY
    )
    assert isinstance(nobody, Refusal)
    assert nobody.reasons == ("malformed-input",)


@pytest.mark.parametrize("days", [-1000, 5000])
async def test_an_agreement_that_is_not_in_force_releases_nothing(hub: World, days: int) -> None:
    """Before its first day and after its last."""
    gate = Gate(
        ENGINE, hub.ledger, Opener({KEY.key_id: KEY}), PSEUDONYMS,
        clock=lambda: NOW + timedelta(days=days),
    )  # fmt: skip
    answer = await gate.release(COORDINATOR, "cmarac-case", an_alert(), justification=WHY)
    assert isinstance(answer, Refusal)
    assert answer.reasons == ("agreement-not-live",)


async def test_a_suspended_agreement_releases_nothing(tmp_path: Path) -> None:
    """Whatever its dates."""
    suspended = assemble([{**one, "status": "suspended"} for one in load()])
    async with world(tmp_path, bundle=suspended) as hub:
        answer = await hub.gate.release(COORDINATOR, "cmarac-case", an_alert(), justification=WHY)
        assert isinstance(answer, Refusal)
        assert answer.reasons == ("agreement-not-live",)
