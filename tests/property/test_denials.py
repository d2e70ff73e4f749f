"""Adding a denial never permits, nor does anything malformed or out of force."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.bundle import assemble
from policies.decision_input import validate
from policies.embedded import RegorusEngine
from policies.engine import Decision
from policies.fields import TREATMENTS
from sharing_api.release import Emergency, Refusal
from sharing_api.release.question import Question
from sharing_api.release.question import facts as question_facts
from sharing_api.release.subjects import alert_subject
from tests.property.gates import drawn_world, gate, seeds
from tests.unit.policies import corpus
from tests.unit.sharing_api.release.making import COORDINATOR, ENGINE, NOW, WHY, alert, incident


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
    {"authors": ["u1", "u2"]},
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


def denied(question: Mapping[str, Any], denial: Mapping[str, Any]) -> dict[str, Any]:
    """Add a denial to the record of a question; wishes and strands are joined by more."""
    record = question["record"]
    merged = {**record, **denial}
    for name in ("victim_wishes", "strands_present"):
        merged[name] = sorted({*record[name], *denial.get(name, ())})
    return {**question, "record": merged}


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
        assert not more_open(engine.answer(denied(question, denial)), before), denial


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
@given(
    seeds,
    st.sampled_from(
        ["lapsed", "not yet", "suspended", "withdrawn", "draft", "tested", "approved", "superseded"]
    ),
)
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


class Yes:
    """An engine that permits whatever it is asked: worse than either that there is."""

    def __init__(self) -> None:
        """Nothing has been asked."""
        self.asked: list[Mapping[str, Any]] = []

    async def decide(self, document: Mapping[str, Any]) -> Decision:
        """Permit."""
        self.asked.append(document)
        return Decision(
            permit=True,
            covered=True,
            fields={"level": "release"},
            reasons=("agreement-permits",),
            agreements=(("isa", 1),),
            policy_revision="r",
        )

    async def ready(self) -> bool:
        """Always."""
        return True


ODD = st.sampled_from(["", "\ud800", "x" * 20_000, "police\n"]) | st.text(max_size=5)
SAID = ("subject", "agency", "agency_type", "role", "vetting")


@settings(max_examples=150)
@given(
    part=st.sampled_from([*SAID, "purpose", "why", "approver", *FACTS]), odd=ODD, rubbish=RUBBISH
)
def test_no_engine_is_ever_asked_what_is_malformed(part: str, odd: str, rubbish: Any) -> None:
    """Of the asker, the purpose, the emergency or the record: so no engine can permit it."""
    rows = [incident()]
    subject = alert_subject(alert(rows), rows)
    if part in FACTS:
        subject = replace(subject, facts={**subject.facts, part: rubbish})
    said: dict[str, Any] = {part: odd} if part in SAID else {}
    asker = replace(COORDINATOR, **said)
    purpose = odd if part == "purpose" else "cmarac-case"
    why = odd if part == "why" else WHY
    emergency = Emergency(odd, "emr_1") if part == "approver" else None
    engine = Yes()
    answer = asyncio.run(
        gate(engine).release(asker, purpose, subject, justification=why, emergency=emergency)
    )
    assert all(validate(document) for document in engine.asked)
    ask = Question.of(asker, purpose, why, emergency, NOW)
    fits = validate(ask.about(question_facts(subject), subject.id))
    assert isinstance(answer, Refusal) is not fits


@settings(max_examples=100)
@given(RUBBISH)
def test_nothing_else_passes_for_a_question(rubbish: Any) -> None:
    """The check before the engines takes no rubbish for a decision input."""
    assert not validate(rubbish)
