"""What the hub promises of every release, over random agreements, askers and records."""

from __future__ import annotations

import asyncio
import json
import random
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from copy import deepcopy
from dataclasses import asdict, replace
from functools import partial
from operator import eq
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.agreements import Agreement, load
from policies.bundle import assemble
from policies.decision_input import validate
from policies.embedded import RegorusEngine
from policies.engine import Decision, PolicyEngine
from policies.fields import FIELDS, TREATMENTS
from schemas.sealing import Opener
from sharing_api.release import Asker, Batch, Gate, Missing, Refusal, Release, Subject
from sharing_api.release.question import Question
from sharing_api.release.question import facts as question_facts
from sharing_api.release.subjects import alert_subject, incident_subject
from sharing_api.store.ledger import LedgerEntry
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

seeds = st.integers(0, 2**32)
HARD = ("withhold", "mask")
"""Treatments under which nothing of a value may show."""


class FakeLedger:
    """Counts entries and keeps them in a list; made anew for each question."""

    def __init__(self) -> None:
        self.entries: list[LedgerEntry] = []

    async def append(self, entry: LedgerEntry) -> int:
        """Keep it."""
        self.entries.append(entry)
        return len(self.entries)


def gate(engine: PolicyEngine, kind: type[Gate] = Gate) -> Gate:
    """Give a gate with an empty ledger, so that equal answers are equal to the byte."""
    return kind(engine, FakeLedger(), Opener({KEY.key_id: KEY}), PSEUDONYMS, clock=lambda: NOW)


def said(answer: Release | Refusal | Batch) -> str:
    """Write an answer as the bytes that a route could make of it."""
    return json.dumps(asdict(answer), sort_keys=True)


def drawn_world(draw: random.Random) -> tuple[list[Agreement], list[dict[str, Any]]]:
    """Draw agreements and the clauses in them."""
    agreements = [corpus.agreement(draw, f"drawn-{n}") for n in range(draw.randint(1, 3))]
    return agreements, [clause for one in agreements for clause in one["clauses"]]


def more_open(after: Decision, before: Decision) -> bool:
    """Tell whether any field became more open, or a refusal became a permit."""
    if after.permit and not before.permit:
        return True
    rank = TREATMENTS.index
    return any(
        rank(treatment) > rank(before.fields.get(name, "withhold"))
        for name, treatment in after.fields.items()
    )


RECORD_DENIALS: tuple[Mapping[str, Any], ...] = (
    {"exists": False},
    {"status": "withdrawn"},
    {"handling": "C"},
    {"child": True},
    {"consent": {"state": "refused", "scope": []}},
    {"consent": {"state": "withdrawn", "scope": ["any"]}},
    {"tenant_of": [], "originators": ["elsewhere", "far-away"]},
    {"non_crime": True, "about_subject": True},
    {"non_crime": True},
    {"victim_wishes": ["anonymous", "no_landlord", "no_police", "no_school"],
     "originators": ["elsewhere"]},
    {"strands_present": ["race", "transgender"]},
)  # fmt: skip
NARROWER: Mapping[str, Callable[[Any], Any]] = {
    "consent": lambda scopes: scopes[:1] or ["research"],
    "case_member": lambda _: True,
    "relation": lambda relation: "own" if relation == "any" else relation,
    "handling": lambda codes: codes[:1],
    "vetting": lambda names: ["sc"] if names == ["*"] else names[:1],
    "relevant_authority": lambda _: True,
    "justification": lambda _: True,
    "entity_kinds": lambda kinds: kinds[:1],
    "transgender_history": lambda _: "denied",
    "emergency_lifts": lambda _: [],
    "exclude": lambda _: {
        "subject_categories": ["victim", "witness"],
        "strands": ["race", "disability"],
        "recording_regimes": ["police-nchi", "partner-report"],
        "children": True,
    },
    "recipients": lambda named: {**named, "agencies": ["north-police"]},
}
"""How each condition of a clause is made one step stricter."""


@settings(max_examples=150)
@given(seeds)
def test_adding_a_denial_to_a_record_never_permits_and_opens_no_field(seed: int) -> None:
    """Whatever the agreements say."""
    draw = random.Random(seed)
    agreements, clauses = drawn_world(draw)
    engine = RegorusEngine(assemble(agreements))
    question = corpus.question(draw, clauses)
    before = engine.answer(question)
    for denial in RECORD_DENIALS:
        merged = {**question["record"], **denial}
        if "victim_wishes" in denial:
            wishes = {*question["record"]["victim_wishes"], *denial["victim_wishes"]}
            merged["victim_wishes"] = sorted(wishes)
        if "strands_present" in denial:
            strands = {*question["record"]["strands_present"], *denial["strands_present"]}
            merged["strands_present"] = sorted(strands)
        assert not more_open(engine.answer({**question, "record": merged}), before), denial


@settings(max_examples=20)
@given(seeds)
def test_adding_a_condition_to_an_agreement_never_permits_and_opens_no_field(seed: int) -> None:
    """Nor does taking a clause or an agreement away, or suspending one."""
    draw = random.Random(seed)
    agreements, clauses = drawn_world(draw)
    question = corpus.question(draw, clauses)
    before = RegorusEngine(assemble(agreements)).answer(question)
    place = draw.randrange(len(agreements))
    for condition, narrower in NARROWER.items():
        narrowed = deepcopy(agreements)
        clause = draw.choice(narrowed[place]["clauses"])
        clause[condition] = narrower(clause[condition])
        after = RegorusEngine(assemble(narrowed)).answer(question)
        assert not more_open(after, before), condition
    for changed in (
        [one for number, one in enumerate(agreements) if number != place],
        [{**one, "status": "suspended"} if n == place else one for n, one in enumerate(agreements)],
    ):
        assert not more_open(RegorusEngine(assemble(changed)).answer(question), before)


@settings(max_examples=100)
@given(seeds, st.sampled_from(["lapsed", "not yet", "suspended", "withdrawn", "draft"]))
def test_an_agreement_that_is_not_in_force_never_releases(seed: int, how: str) -> None:
    """By its dates or by its status."""
    draw = random.Random(seed)
    agreements, clauses = drawn_world(draw)
    for one in agreements:
        if how == "lapsed":
            one |= {"starts": "2020-01-01", "review": "2020-06-01", "ends": "2026-02-15"}
        elif how == "not yet":
            one |= {"starts": "2026-02-17", "review": "2027-01-01", "ends": "2030-01-01"}
        else:
            one["status"] = how
    engine = RegorusEngine(assemble(agreements))
    question = corpus.question(draw, clauses)
    question["now"]["epoch_day"] = corpus.TODAY
    assert not engine.answer(question).permit


RUBBISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
FACTS = sorted(set(corpus.record(random.Random(0), "x")) - {"id"})


@settings(max_examples=150)
@given(name=st.sampled_from(FACTS), rubbish=RUBBISH, extra=st.booleans())
def test_malformed_facts_never_permit(*, name: str, rubbish: Any, extra: bool) -> None:
    """A fact of the wrong shape refuses, even where rules would have skipped it."""
    rows = [incident()]
    subject = alert_subject(alert(rows), rows)
    facts = {**subject.facts, f"{name}_too" if extra else name: rubbish}
    answer = asyncio.run(
        gate(ENGINE).release(
            COORDINATOR, "cmarac-case", replace(subject, facts=facts), justification=WHY
        )
    )
    ask = Question.of(COORDINATOR, "cmarac-case", WHY, None, NOW)
    spoiled = replace(subject, facts=facts)
    fits = validate(ask.about(question_facts(spoiled), subject.id))
    assert isinstance(answer, Refusal) or fits


@settings(max_examples=100)
@given(RUBBISH)
def test_nothing_else_passes_for_a_question(rubbish: Any) -> None:
    """The check before the engines takes no rubbish for a decision input."""
    assert not validate(rubbish)


def asker_of(question: Mapping[str, Any]) -> Asker:
    """Give the asker of a decision input."""
    told = question["requester"]
    return Asker(
        told["subject"], told["agency"], told["agency_type"], told["role"], told["vetting"],
        tuple(told["case_membership"]),
    )  # fmt: skip


def subject_of(question: Mapping[str, Any], values: Mapping[str, Any]) -> Subject:
    """Give a record with these values of every field, sealed or not."""
    record = question["record"]
    facts = {name: value for name, value in record.items() if name not in {"id", "kind"}}
    table = FIELDS[record["kind"]]
    clear = {name: value for name, value in values.items() if table[name].source == "clear"}

    def sealed(
        opener: Opener, names: frozenset[str], *, consent_set_aside: bool
    ) -> Mapping[str, Any]:
        return {name: values.get(name) for name in names}

    return Subject(record["kind"], record["id"], facts, clear, {}, sealed)


def values_of(draw: random.Random, kind: str) -> dict[str, Any]:
    """Draw a value for every field of a kind."""
    return {
        name: "1990-05-17" if field.shape in {"date", "birth"} else f"v{draw.randrange(10**9)}"
        for name, field in FIELDS[kind].items()
    }


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


@settings(max_examples=250)
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


@settings(max_examples=60)
@given(seeds)
def test_no_release_without_its_entry(seed: int) -> None:
    """Each answer is the answer to the entry that it names, and says no more than it."""
    draw = random.Random(seed)
    agreements, clauses = drawn_world(draw)
    question = corpus.question(draw, clauses)
    ledger = FakeLedger()
    opened = Gate(
        RegorusEngine(assemble(agreements)), ledger, Opener({}), PSEUDONYMS, clock=lambda: NOW
    )
    values = values_of(draw, question["record"]["kind"])
    answer = asyncio.run(
        opened.release(
            asker_of(question),
            question["purpose"],
            subject_of(question, values),
            justification=question["justification"],
        )
    )
    (entry,) = ledger.entries
    assert answer.ledger_sequence == 1
    assert (entry.decision == "permit") is isinstance(answer, Release)
    if isinstance(answer, Release):
        assert set(answer.fields) <= set(entry.fields)
        assert entry.agreement == answer.agreement
