"""What was asked is kept with the entry that it led to, and can be asked again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from policies.decided import Decided
from policies.decision_input import validate
from sharing_api.release import Asker, Batch, Missing, Release, Subject, keeping
from sharing_api.release.subjects import alert_subject, signal_subject
from sharing_api.store.decision_inputs import decided, inputs_of, part_digest
from sharing_api.store.engine import make_engine, make_sessions
from tests.unit.sharing_api.release.making import (
    COORDINATOR,
    ENGINE,
    MONITOR,
    STRANGER,
    WHY,
    World,
    alert,
    incident,
    signal,
    world,
)


@pytest_asyncio.fixture
async def hub(tmp_path: Path) -> AsyncIterator[World]:
    """A gate that is open."""
    async with world(tmp_path) as opened:
        yield opened


def an_alert(name: str = "alt_1", **values: Any) -> Subject:
    """Give an alert over one incident."""
    rows = [incident(**values)]
    return alert_subject(alert(rows, alert_id=name), rows)


async def kept(hub: World, **asked: Any) -> list[Decided]:
    """Read the decisions that the hub kept."""
    engine = make_engine(f"sqlite:///{hub.database}")
    async with make_sessions(engine)() as session:
        found = await decided(session, **asked)
    await engine.dispose()
    return found


async def test_a_release_is_kept_as_it_was_asked_and_answers_the_same_again(hub: World) -> None:
    """The document is valid, and the engine gives the fields that stood in the answer."""
    answer = await hub.gate.release(COORDINATOR, "cmarac-case", an_alert(), justification=WHY)
    assert isinstance(answer, Release)
    (one,) = await kept(hub)
    place = await hub.ledger.place(answer.ledger_reference)
    assert (one.sequence, one.record_id, one.permit) == (place, "alt_1", True)
    assert one.document["justification"] == WHY
    assert validate(one.document)
    again = ENGINE.answer(one.document)
    assert (again.permit, again.fields, again.reasons) == (True, one.fields, one.reasons)


async def test_a_refusal_is_kept_with_the_reasons_that_the_asker_was_not_told(hub: World) -> None:
    """Of a record, of a missing one, and of an asker whom no clause covers."""
    await hub.gate.release(COORDINATOR, "cmarac-case", Missing("alert", "x"), justification=WHY)
    await hub.gate.release_all(STRANGER, "cmarac-case", [an_alert()], kind="alert")
    missing, stranger = await kept(hub)
    assert not missing.permit
    assert missing.document["record"]["exists"] is False
    assert (stranger.record_id, stranger.permit, stranger.fields) == ("none", False, {})
    assert stranger.reasons
    assert ENGINE.answer(stranger.document).reasons == stranger.reasons


async def test_what_cannot_be_asked_is_recorded_without_inputs(hub: World) -> None:
    """An entry stands all the same; nothing is there to be decided again."""
    broken = replace(an_alert(), facts={**an_alert().facts, "gsc": "SECRET"})
    answer = await hub.gate.release(COORDINATOR, "cmarac-case", broken, justification=WHY)
    assert not isinstance(answer, Release)
    assert await kept(hub) == []
    (entry,) = await hub.ledger.read()
    assert entry.input_digest is None


async def test_a_list_keeps_what_left_and_what_was_refused_and_not_what_was_cut(
    hub: World,
) -> None:
    """Records behind the end of the page or outside the filter did not leave, so are not kept."""
    subjects = [
        an_alert("a1"),
        replace(an_alert("a2"), facts={**an_alert().facts, "status": "withdrawn"}),
        an_alert("a3"),
        an_alert("a4"),
    ]
    batch = await hub.gate.release_all(
        COORDINATOR, "cmarac-case", subjects, kind="alert", limit=2, justification=WHY
    )
    assert isinstance(batch, Batch)
    assert [one.record_id for one in batch.releases] == ["a1", "a3"]
    assert {(one.record_id, one.permit) for one in await kept(hub)} == {
        ("a1", True), ("a2", False), ("a3", True),
    }  # fmt: skip
    assert [one.record_id for one in await kept(hub, permitted=False)] == ["a2"]
    nothing = await hub.gate.release_all(
        COORDINATOR, "cmarac-case", subjects, kind="alert", justification=WHY,
        wanted={"level": lambda value: value == "none"},
    )  # fmt: skip
    assert isinstance(nothing, Batch)
    place = await hub.ledger.place(batch.ledger_reference)
    assert await kept(hub, after=place, permitted=True) == []


async def test_equal_facts_are_kept_once_however_many_records_have_them(hub: World) -> None:
    """A thousand like signals cost their ids; the same question a second time costs no part."""
    signals = [signal_subject(signal(signal_id=f"sig_{n}")) for n in range(1000)]
    for _ in range(2):
        await hub.gate.release_all(MONITOR, "tension-monitoring", signals, kind="signal")
    with closing(sqlite3.connect(hub.database)) as raw:
        (parts,) = raw.execute("SELECT COUNT(*) FROM decision_parts").fetchone()
        (size,) = raw.execute("SELECT LENGTH(content) FROM decision_inputs LIMIT 1").fetchone()
    assert parts == 2
    assert size < 1000 * len('"sig_000",') + 1000
    assert len(await kept(hub, limit=5000)) == 2000


async def test_only_the_number_of_many_refused_records_is_kept(
    hub: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that passes over a whole store does not write its ids down each time."""
    monkeypatch.setattr(keeping, "REFUSED_MAX", 3)
    facts = {**an_alert().facts, "status": "withdrawn"}
    subjects = [replace(an_alert(f"a{n}"), facts=facts) for n in range(5)]
    await hub.gate.release_all(
        COORDINATOR, "cmarac-case", subjects, kind="alert", justification=WHY
    )
    assert [one.record_id for one in await kept(hub)] == ["a0", "a1", "a2"]
    engine = make_engine(f"sqlite:///{hub.database}")
    async with make_sessions(engine)() as session:
        inputs = await inputs_of(session, 1)
        assert await inputs_of(session, 2) is None
    await engine.dispose()
    assert inputs is not None
    assert [group["further"] for group in json.loads(inputs.content)["decided"]] == [2]


async def test_the_entry_holds_the_digest_of_what_is_kept(hub: World) -> None:
    """So the chain covers the inputs, and parts are what their digests say."""
    await hub.gate.release(COORDINATOR, "cmarac-case", an_alert(), justification=WHY)
    (entry,) = await hub.ledger.read()
    engine = make_engine(f"sqlite:///{hub.database}")
    async with make_sessions(engine)() as session:
        inputs = await inputs_of(session, entry.sequence)
    await engine.dispose()
    assert inputs is not None
    assert inputs.digest == entry.input_digest
    assert {part_digest(text): text for text in inputs.parts.values()} == inputs.parts


async def test_a_case_member_and_a_stranger_to_the_case_are_told_apart(hub: World) -> None:
    """Membership hangs on the id, so equal facts make two groups."""
    member = Asker("u9", "hallowby-council", "council", "cmarac-coordinator", "bpss", ("a1",))
    await hub.gate.release_all(
        member, "cmarac-case", [an_alert("a1"), an_alert("a2")], kind="alert", justification=WHY
    )
    for one in await kept(hub):
        assert ENGINE.answer(one.document).fields == one.fields


async def test_reading_goes_on_after_whole_entries(hub: World) -> None:
    """Pages of any size give every decision once."""
    for number in range(5):
        subjects = [an_alert(f"a{number}-{n}") for n in range(3)]
        await hub.gate.release_all(
            COORDINATOR, "cmarac-case", subjects, kind="alert", justification=WHY
        )
    for limit in (1, 2, 4, 100):
        found: list[Decided] = []
        while page := await kept(hub, after=found[-1].sequence if found else 0, limit=limit):
            found += page
        assert len({one.record_id for one in found}) == len(found) == 15


@pytest.mark.parametrize("table", ["decision_parts", "decision_inputs"])
@pytest.mark.parametrize("deed", ["DELETE FROM {}", "UPDATE {} SET content = 'x'"])
async def test_the_database_refuses_to_change_what_is_kept(
    hub: World, table: str, deed: str
) -> None:
    """As with the ledger."""
    await hub.gate.release(COORDINATOR, "cmarac-case", an_alert(), justification=WHY)
    with closing(sqlite3.connect(hub.database)) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute(deed.format(table))
