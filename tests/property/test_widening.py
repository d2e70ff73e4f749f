"""The comparison of two versions says of every cell what the engine says of it."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.bundle import assemble
from policies.embedded import RegorusEngine
from policies.examination.space import Space
from policies.examination.widening import widening
from tests.unit.policies import corpus
from tests.unit.policies.revisions import opened, plain_pair, revised

seeds = st.integers(0, 2**32)


@settings(max_examples=25)
@given(seeds)
def test_every_question_is_answered_as_the_comparison_says(seed: int) -> None:
    """Questions at random, and the witness of each opening."""
    draw = random.Random(seed)
    live = [corpus.agreement(draw, f"drawn-{n}") for n in range(draw.randint(1, 3))]
    draft = revised(draw, live)
    comparison = widening(live, draft)
    before, after = RegorusEngine(assemble(live)), RegorusEngine(assemble(draft))
    clauses = [clause for one in draft for clause in one["clauses"]]
    for question in (corpus.question(draw, clauses) for _ in range(15)):
        engines = opened(before.answer(question), after.answer(question))
        assert comparison.opened(question) == engines, question
    for one in comparison.openings:
        engines = opened(before.answer(one.witness), after.answer(one.witness))
        assert one.fields.items() <= engines.items()
        assert comparison.opened(one.witness) == engines


def drawn(draw: random.Random, space: Space, count: int) -> list[dict[str, Any]]:
    """Draw questions of a space, each as likely as any other."""
    sizes = [len(values) for values in space.dimensions.values()]
    return [
        space.document(tuple(1 << draw.randrange(size) for size in sizes)) for _ in range(count)
    ]


@settings(max_examples=8)
@given(seeds)
def test_cells_drawn_evenly_are_as_the_engine_says(seed: int) -> None:
    """None opens that the comparison leaves out, and none that it names stays shut."""
    draw = random.Random(seed)
    live, draft = plain_pair(draw)
    comparison = widening(live, draft)
    before, after = RegorusEngine(assemble(live)), RegorusEngine(assemble(draft))
    for space in comparison.spaces:
        for question in drawn(draw, space, 100):
            engines = opened(before.answer(question), after.answer(question))
            assert comparison.opened(question) == engines, question


@settings(max_examples=40)
@given(seeds)
def test_a_set_is_not_wider_than_itself_nor_than_more(seed: int) -> None:
    """Nothing opens where nothing changes or an agreement is taken away."""
    draw = random.Random(seed)
    live = [corpus.agreement(draw, f"drawn-{n}") for n in range(3)]
    assert not widening(live, live).wider
    assert not widening(live, live[1:]).wider
