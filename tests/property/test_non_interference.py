"""Whatever is not released can change without changing a byte of an answer."""

from __future__ import annotations

import asyncio
import random
import zlib
from collections.abc import AsyncIterator, Mapping
from copy import deepcopy
from dataclasses import replace
from functools import partial
from operator import eq
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.agreements import load
from policies.bundle import assemble
from policies.embedded import RegorusEngine
from policies.engine import PolicyEngine
from schemas.sealing import Opener
from sharing_api.release import Asker, Batch, Gate, Missing, Refusal, Release, Subject
from sharing_api.release.question import Question
from sharing_api.release.subjects import alert_subject, incident_subject
from tests.property.gates import (
    FakeLedger,
    asker_of,
    drawn_world,
    gate,
    said,
    seeds,
    subject_of,
    values_of,
)
from tests.unit.policies import corpus
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
    alert,
    incident,
    person,
)

HARD = ("withhold", "mask")
"""Treatments under which nothing of a value may show."""


async def interferes(engine: PolicyEngine, seed: int, agreements: Any, kind: type[Gate]) -> bool:
    """Tell whether changing what is not released changes a byte of the answer."""
    draw = random.Random(seed)
    clauses = [clause for one in agreements for clause in one["clauses"]]
    question = corpus.question(draw, clauses)
    record_kind = question["record"]["kind"]
    values = values_of(draw, record_kind)
    asked = (asker_of(question), question["purpose"])
    why = question["justification"]
    first = await gate(engine, kind).release(
        *asked, subject_of(question, values), justification=why
    )
    treated = (
        RegorusEngine.answer(ENGINE_OF[id(engine)], _as_gate_asks(question)).fields
        if isinstance(first, Release)
        else {}
    )
    changed = {
        name: value if treated.get(name, "withhold") not in HARD else f"w{draw.randrange(10**9)}"
        for name, value in values.items()
    }
    second = await gate(engine, kind).release(
        *asked, subject_of(question, changed), justification=why
    )
    return said(first) != said(second)


ENGINE_OF: dict[int, RegorusEngine] = {}


def _as_gate_asks(question: Mapping[str, Any]) -> dict[str, Any]:
    """Put a question as the gate does: its own day, authorities by type, no emergency."""
    ask = Question.of(asker_of(question), question["purpose"], question["justification"], None, NOW)
    record = {name: value for name, value in question["record"].items() if name != "id"}
    return ask.about(record, question["record"]["id"])


@settings(max_examples=500)
@given(seeds)
def test_what_is_not_released_can_change_without_changing_a_byte(seed: int) -> None:
    """For random agreements, askers and records: withheld and masked values show nowhere."""
    agreements, _ = drawn_world(random.Random(seed))
    engine = RegorusEngine(assemble(agreements))
    ENGINE_OF[id(engine)] = engine
    assert not asyncio.run(interferes(engine, seed, agreements, Gate))
    ENGINE_OF.pop(id(engine))


class LeakyGate(Gate):
    """Tells how long the withheld fields are: a small leak, such as an ETag would be."""

    async def release(self, asker: Asker, purpose: str, subject: Any, **terms: Any) -> Any:
        """Release, and leak."""
        answer = await super().release(asker, purpose, subject, **terms)
        if isinstance(answer, Refusal) and isinstance(subject, Subject):
            return replace(
                answer, reasons=(*answer.reasons, str(zlib.crc32(str(subject.clear).encode())))
            )
        return answer


def test_a_leaky_gate_is_caught() -> None:
    """The property above is not vacuous: a gate that leaks fails it soon."""
    caught = 0
    for seed in range(20):
        agreements, _ = drawn_world(random.Random(seed))
        engine = RegorusEngine(assemble(agreements))
        ENGINE_OF[id(engine)] = engine
        caught += asyncio.run(interferes(engine, seed, agreements, LeakyGate))
        ENGINE_OF.pop(id(engine))
    assert caught > 5


ASKERS = (
    (COORDINATOR, "cmarac-case"),
    (LANDLORD, "tenancy-support"),
    (MONITOR, "tension-monitoring"),
    (STRANGER, "cmarac-case"),
)


@settings(max_examples=60)
@given(
    asked=st.sampled_from(ASKERS),
    name=st.text("abcdefgh", min_size=1, max_size=8),
    text=st.text(max_size=40),
)
def test_persons_who_are_not_released_can_be_anybody(
    asked: tuple[Asker, str], name: str, text: str
) -> None:
    """Suspects, witnesses, narratives and addresses change no byte of any asker's answer."""
    asker, purpose = asked

    async def answers(*, other: bool) -> list[str]:
        people = [
            person("inc_1", 0, "victim", phones=[text] if other else []),
            person("inc_1", 1, "suspect", given_names=name if other else "Bob"),
            person("inc_1", 2, "witness", given_names=name if other else "Wanda"),
        ]
        details = {"narrative": text if other else "", "location": {"street": name}}
        row = incident("inc_1", "hill-homes", persons=people, details=details)
        subjects = (incident_subject(row), alert_subject(alert([row]), [row]))
        return [
            said(await gate(ENGINE).release(asker, purpose, subject, justification=WHY))
            for subject in subjects
        ]

    assert asyncio.run(answers(other=False)) == asyncio.run(answers(other=True))


@settings(max_examples=60)
@given(
    mine=st.lists(st.integers(0, 50), unique=True, max_size=6),
    hidden=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 50)), max_size=6),
    limit=st.none() | st.integers(1, 4),
)
def test_refused_records_leave_no_trace_in_a_collection(
    mine: list[int], hidden: list[tuple[int, int]], limit: int | None
) -> None:
    """Not in the items, not in their number, not in where the next page begins."""
    own = [incident_subject(_plain(f"inc_{n}", "hill-homes")) for n in mine]
    mixed = list(own)
    for place, number in hidden:
        mixed.insert(place, incident_subject(_plain(f"inc_x{number}", "north-police")))

    def listed(subjects: list[Subject]) -> str:
        return said(
            asyncio.run(
                gate(ENGINE).release_all(
                    LANDLORD, "tenancy-support", subjects, kind="incident", limit=limit
                )
            )
        )

    assert listed(own) == listed(mixed)


FILTERED = {
    "rule": ("repeat-location", "repeat-victim"),
    "level": ("high", "standard"),
    "status": ("raised", "lapsed"),
    "score": (3, 12),
}


@settings(max_examples=60, deadline=None)
@given(
    treatments=st.fixed_dictionaries(
        {name: st.sampled_from(["withhold", "mask", "release"]) for name in FILTERED}
    ),
    values=st.lists(
        st.fixed_dictionaries({name: st.sampled_from(two) for name, two in FILTERED.items()}),
        max_size=5,
    ),
    others=st.fixed_dictionaries({name: st.sampled_from(two) for name, two in FILTERED.items()}),
    filters=st.sets(st.sampled_from(sorted(FILTERED)), min_size=1),
    limit=st.none() | st.integers(1, 3),
)
def test_a_filter_tells_nothing_of_what_is_not_shown(
    treatments: dict[str, str],
    values: list[dict[str, Any]],
    others: dict[str, Any],
    filters: set[str],
    limit: int | None,
) -> None:
    """Change what is withheld or masked: the same answer, the same single entry, as many rows."""
    agreements = deepcopy(list(load()))
    for agreement in agreements:
        for clause in agreement["clauses"]:
            if "alert" in clause["items"]:
                clause["items"]["alert"] |= treatments
    engine = RegorusEngine(assemble(agreements))
    hidden = {name for name, treatment in treatments.items() if treatment != "release"}
    wanted = {name: partial(eq, FILTERED[name][0]) for name in filters}
    row = _plain("inc_1", "north-police")

    def asked(*, changed: bool) -> tuple[str, list[str], list[tuple[str, ...]], int]:
        read = []

        async def subjects() -> AsyncIterator[Subject]:
            for number, own in enumerate(values):
                shown = own | {name: others[name] for name in hidden if changed}
                read.append(number)
                yield alert_subject(alert([row], alert_id=f"alt_{number}", **shown), [row])

        ledger = FakeLedger()
        opener = Opener({KEY.key_id: KEY})
        opened = Gate(engine, ledger, opener, PSEUDONYMS, clock=lambda: NOW)
        answer = asyncio.run(
            opened.release_all(
                COORDINATOR,
                "cmarac-case",
                subjects(),
                kind="alert",
                limit=limit,
                wanted=wanted,
                justification=WHY,
            )
        )
        assert isinstance(answer, Batch)
        names = [release.record_id for release in answer.releases]
        fitting = [
            f"alt_{number}"
            for number, own in enumerate(values)
            if not hidden & filters and all(test(own[name]) for name, test in wanted.items())
        ]
        assert names == fitting[:limit]
        return said(answer), names, [entry.record_ids for entry in ledger.entries], len(read)

    before, after = asked(changed=False), asked(changed=True)
    assert before == after
    assert before[2] == [tuple(before[1])]


def _plain(incident_id: str, agency: str) -> dict[str, Any]:
    return incident(incident_id, agency, persons=[person(incident_id, 0, "victim")])


@settings(max_examples=20)
@given(asked=st.sampled_from(ASKERS), there=st.booleans())
def test_a_refused_record_and_a_missing_one_are_alike(
    *, asked: tuple[Asker, str], there: bool
) -> None:
    """For every asker and kind: the same bytes, whether it exists or not."""
    asker, purpose = asked
    rows = [incident(agency="south-council", victim_wishes=["no_police"])]
    for subject in (incident_subject(rows[0]), alert_subject(alert(rows), rows)):
        chosen = subject if there else Missing(subject.kind, subject.id)
        missing = Missing(subject.kind, subject.id)
        answers = [
            asyncio.run(gate(ENGINE).release(asker, purpose, each, justification=WHY))
            for each in (chosen, missing)
        ]
        if isinstance(answers[0], Refusal):
            assert said(answers[0]) == said(answers[1])


PROTECTED = ("victim_name", "victim_date_of_birth", "victim_address", "victim_phones")


@settings(max_examples=40, deadline=None)
@given(
    names=st.sets(st.sampled_from(PROTECTED), min_size=1),
    hidden=st.sampled_from([{"victim_wishes": ["anonymous"]}, {"strands": ["transgender"]}]),
    beside=st.booleans(),
)
def test_a_record_of_which_nothing_is_left_is_as_if_it_were_not_there(
    *, names: set[str], hidden: dict[str, Any], beside: bool
) -> None:
    """A clause that holds and releases nothing would tell that the record exists."""
    agreements = deepcopy(list(load()))
    items = dict.fromkeys(names, "release") | ({"level": "release"} if beside else {})
    for agreement in agreements:
        for clause in agreement["clauses"]:
            if "alert" in clause["items"]:
                clause["items"]["alert"] = items
    rows = [incident(**hidden)]
    subject = alert_subject(alert(rows), rows)
    ledger = FakeLedger()
    opener = Opener({KEY.key_id: KEY})
    engine = RegorusEngine(assemble(agreements))

    def asked(which: Subject | Missing, kept: FakeLedger) -> Release | Refusal:
        opened = Gate(engine, kept, opener, PSEUDONYMS, clock=lambda: NOW)
        return asyncio.run(opened.release(COORDINATOR, "cmarac-case", which, justification=WHY))

    def listed(subjects: list[Subject]) -> str:
        opened = Gate(engine, FakeLedger(), opener, PSEUDONYMS, clock=lambda: NOW)
        batch = opened.release_all(
            COORDINATOR, "cmarac-case", subjects, kind="alert", justification=WHY
        )
        return said(asyncio.run(batch))

    answer = asked(subject, ledger)
    if beside:
        assert isinstance(answer, Release)
        assert set(answer.fields) == {"level"}
        return
    assert said(answer) == said(asked(Missing("alert", subject.id), FakeLedger()))
    assert listed([subject]) == listed([])
    (entry,) = ledger.entries
    assert (entry.operation, entry.decision) == ("consultation", "refuse")
    assert (entry.record_ids, entry.fields) == ((subject.id,), ())
    assert entry.reasons == ("nothing-to-release",)
