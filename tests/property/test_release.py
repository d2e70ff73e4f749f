"""No release goes out without its ledger entry."""

from __future__ import annotations

import asyncio
import random

from hypothesis import given, settings

from policies.bundle import assemble
from policies.embedded import RegorusEngine
from schemas.sealing import Opener
from sharing_api.release import Gate, Release
from tests.property.gates import FakeLedger, asker_of, drawn_world, seeds, subject_of, values_of
from tests.unit.policies import corpus
from tests.unit.sharing_api.release.making import NOW, PSEUDONYMS


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
    assert answer.ledger_reference.endswith(".1")
    assert (entry.decision == "permit") is isinstance(answer, Release)
    if isinstance(answer, Release):
        assert set(answer.fields) <= set(entry.fields)
        assert entry.agreement == answer.agreement
