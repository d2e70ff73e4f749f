"""The embedded engine: one for each thread, replaced at once, and silent rather than wrong."""

from __future__ import annotations

import dataclasses
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from policies.agreements import load
from policies.bundle import Bundle, assemble, build
from policies.embedded import RegorusEngine
from policies.engine import EngineUnavailable
from tests.unit.policies import corpus

CLAUSES = [clause for agreement in load() for clause in agreement["clauses"]]


async def test_it_answers_from_every_thread() -> None:
    """An engine object belongs to its thread; the port does not."""
    engine = RegorusEngine(build())
    draw = random.Random(3)
    questions = [corpus.question(draw, CLAUSES) for _ in range(40)]
    here = [engine.answer(question) for question in questions]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(engine.answer, questions)) == here
    assert [await engine.decide(question) for question in questions] == here


async def test_a_replaced_bundle_is_in_force_at_once() -> None:
    """Suspending every agreement refuses the next question."""
    engine = RegorusEngine(build())
    draw = random.Random(4)
    permitted = [
        question
        for question in (corpus.question(draw, CLAUSES) for _ in range(200))
        if engine.answer(question).permit
    ]
    assert permitted
    suspended = assemble([{**one, "status": "suspended"} for one in load()])
    engine.replace(suspended)
    assert engine.revision == suspended.revision
    assert not any(engine.answer(question).permit for question in permitted)
    assert await engine.ready()


def test_a_bundle_that_does_not_compile_is_refused() -> None:
    """It is found at start, not at the first question."""
    broken = dataclasses.replace(build(), modules={"broken.rego": "package x\nallow if {"})
    with pytest.raises(EngineUnavailable):
        RegorusEngine(broken)


async def test_without_rules_there_is_no_answer() -> None:
    """An undefined decision is not a permit."""
    engine = RegorusEngine(build())
    engine.replace(Bundle({"other.rego": "package other\n\nallow := true"}, {}, "r2"))
    assert await engine.ready()
    with pytest.raises(EngineUnavailable):
        await engine.decide({})
    engine.replace(Bundle({"broken.rego": "nonsense"}, {}, "r3"))
    assert not await engine.ready()
