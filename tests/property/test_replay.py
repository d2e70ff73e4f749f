"""Replay says of every past decision what asking both engines about it would say."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.bundle import assemble
from policies.decided import Decided
from policies.embedded import RegorusEngine
from policies.engine import Decision
from policies.examination.replay import EFFECTS, replay
from policies.fields import TREATMENTS
from tests.unit.policies import corpus
from tests.unit.policies.revisions import revised


def effects(before: Decision, after: Decision) -> set[str]:
    """Name what became of one decision, the slow way."""
    if before.permit != after.permit:
        return {"stop" if before.permit else "start"}
    old, new = before.fields, after.fields
    steps = [TREATMENTS.index(new[n]) - TREATMENTS.index(old[n]) for n in old.keys() & new.keys()]
    happened = {
        "lose": bool(old.keys() - new.keys()),
        "gain": bool(new.keys() - old.keys()),
        "coarser": min(steps, default=0) < 0,
        "finer": max(steps, default=0) > 0,
    }
    return {effect for effect, true in happened.items() if true}


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_replay_counts_what_both_engines_say(seed: int) -> None:
    """For random agreements, drafts and decisions: each effect, decision by decision."""
    draw = random.Random(seed)
    live = [corpus.agreement(draw, f"drawn-{n}") for n in range(draw.randint(1, 3))]
    draft = revised(draw, live)
    clauses = [clause for one in (*live, *draft) for clause in one["clauses"]]
    engines = [RegorusEngine(assemble(each)) for each in (live, draft)]
    decisions = []
    wanted = dict.fromkeys(EFFECTS, 0)
    for number in range(20):
        question = corpus.question(draw, clauses)
        before, after = (engine.answer(question) for engine in engines)
        for effect in effects(before, after):
            wanted[effect] += 1
        decisions.append(
            Decided(number, question["record"]["id"], question, before.permit, before.fields)
        )
    result = replay(decisions, live, draft)
    assert {effect: result.effects[effect] for effect in EFFECTS} == wanted
    assert result.decisions == 20


@settings(max_examples=20)
@given(st.integers(0, 2**32))
def test_decisions_that_are_known_to_be_alike_are_told_as_if_they_were_not(seed: int) -> None:
    """Equal but for the record's id, which matters to a member of the case and where it is none."""
    draw = random.Random(seed)
    live = [corpus.agreement(draw, f"drawn-{n}") for n in range(draw.randint(1, 3))]
    draft = revised(draw, live)
    clauses = [clause for one in (*live, *draft) for clause in one["clauses"]]
    decisions = []
    for number in range(8):
        question = corpus.question(draw, clauses)
        for name in (question["record"]["id"], f"other-{number}", "", "another"):
            document = {**question, "record": {**question["record"], "id": name}}
            alike = (f"question {number}", f"facts {number % 2}")
            decisions.append(Decided(number, name, document, permit=False, fields={}, alike=alike))
    plain = [replace(one, alike=None) for one in decisions]
    day = date(2027, 1, 1) if draw.random() < 0.5 else None
    assert replay(decisions, live, draft, on=day) == replay(plain, live, draft, on=day)
