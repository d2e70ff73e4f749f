"""What the examination says of a decision is what the engines decide."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.bundle import assemble
from policies.decision_input import validate
from policies.embedded import RegorusEngine
from policies.engine import Decision
from policies.examination.judging import judge
from policies.examination.vocabulary import document_of, vocabulary
from tests.unit.policies import corpus

seeds = st.integers(0, 2**32)


@settings(max_examples=30)
@given(seeds)
def test_each_clause_is_judged_as_the_engine_judges_all(seed: int) -> None:
    """Permit, coverage, fields, reasons and agreements are the engine's, to the letter."""
    draw = random.Random(seed)
    agreements = [corpus.agreement(draw, f"drawn-{n}") for n in range(draw.randint(1, 3))]
    clauses = [clause for one in agreements for clause in one["clauses"]]
    bundle = assemble(agreements)
    engine = RegorusEngine(bundle)
    for _ in range(20):
        question = corpus.question(draw, clauses)
        theirs, ours = engine.answer(question), judge(bundle.data["agreements"], question)
        assert (ours.permit, ours.covered, ours.reasons) == (
            theirs.permit,
            theirs.covered,
            theirs.reasons,
        )
        assert ours.fields == theirs.fields
        used = {(one.agreement, one.version) for one in ours.verdicts if one.holds}
        assert (tuple(sorted(used)) if ours.permit else ()) == theirs.agreements
        for name in theirs.fields:
            assert ours.giving(name) is not None


def given_by(decision: Decision) -> Decision:
    """Keep of a decision what a class of inputs shares."""
    return replace(decision, obligations=(), reasons=())


@settings(max_examples=30)
@given(seeds)
def test_inputs_of_one_class_get_one_answer(seed: int) -> None:
    """What no agreement can tell apart is answered alike."""
    draw = random.Random(seed)
    agreements = [corpus.agreement(draw, f"drawn-{n}") for n in range(draw.randint(1, 3))]
    clauses = [clause for one in agreements for clause in one["clauses"]]
    bundle = assemble(agreements)
    engine = RegorusEngine(bundle)
    words = vocabulary(bundle.data["agreements"])
    for _ in range(20):
        question = corpus.question(draw, clauses)
        standing = document_of(words.key(question))
        assert validate(standing)
        assert words.key(standing) == words.key(question)
        assert given_by(engine.answer(standing)) == given_by(engine.answer(question))
