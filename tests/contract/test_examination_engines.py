"""What the examination promises, on both engines: denials, small spaces cell by cell, examples."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from concord.commands.agreement_opa import answering
from policies.bundle import assemble
from policies.decision_input import validate
from policies.engine import Decision
from policies.examination.boxes import Box
from policies.examination.examples import Answering, embedded
from policies.examination.space import Space
from policies.examination.widening import widening
from tests.property.test_denials import RECORD_DENIALS, denied, more_open
from tests.unit.policies import corpus
from tests.unit.policies.revisions import opened, plain_pair

INSTALLED = Path.home() / ".cache" / "concord-real" / "bin"
OPA = os.environ.get("CONCORD_OPA") or shutil.which(
    "opa", path=f"{os.environ.get('PATH', '')}{os.pathsep}{INSTALLED}"
)
on_opa = pytest.param(
    "opa",
    marks=[
        pytest.mark.opa,
        pytest.mark.skipif(
            OPA is None, reason="the opa program is not on this machine (CI has it)"
        ),
    ],
)
both = pytest.mark.parametrize("engine", ["embedded", on_opa])


def asking(engine: str) -> Answering:
    """Give an engine by name."""
    return answering(OPA) if engine == "opa" and OPA else embedded


@both
def test_adding_a_denial_never_permits_and_opens_no_field(engine: str) -> None:
    """For random agreements and questions, every denial there is, on either engine."""
    ask = asking(engine)
    draw = random.Random(5)
    permits = 0
    for _ in range(6):
        agreements = [corpus.agreement(draw, f"drawn-{n}") for n in range(3)]
        clauses = [clause for one in agreements for clause in one["clauses"]]
        questions = [corpus.question(draw, clauses) for _ in range(30)]
        asked = [
            each for one in questions for each in (one, *(denied(one, d) for d in RECORD_DENIALS))
        ]
        assert all(map(validate, asked))
        answers = ask(assemble(agreements), asked)
        size = 1 + len(RECORD_DENIALS)
        for start in range(0, len(answers), size):
            before, *after = answers[start : start + size]
            permits += before.permit
            assert not [one for one in after if more_open(one, before)]
    assert permits > 10


FIXED: Mapping[str, Any] = {
    "day": 0,
    "authority": True,
    "justification": True,
    "child": False,
    "handling": "P",
    "about_subject": False,
    "entity_kind": "person",
    "wish:no_police": False,
    "wish:no_school": False,
}
"""Dimensions that are held at one value, so that every cell of the others can be visited."""


def cells(space: Space) -> list[dict[str, Any]]:
    """List every question of a space, the fixed dimensions apart."""
    sides: list[Sequence[int]] = []
    for name, values in space.dimensions.items():
        chosen = [values.index(FIXED[name])] if name in FIXED else range(len(values))
        sides.append([1 << place for place in chosen])
    points: list[Box] = list(product(*sides))
    return [space.document(point) for point in points]


@pytest.mark.slow
@pytest.mark.timeout(600)
@both
def test_every_cell_of_a_small_space_is_as_the_comparison_says(engine: str) -> None:
    """By brute force: the comparison names each cell that opens and no other."""
    live, draft = plain_pair(random.Random(4))
    comparison = widening(live, draft)
    (space,) = comparison.spaces
    questions = cells(space)
    assert len(questions) > 4_000
    before: Sequence[Decision] = asking(engine)(assemble(live), questions)
    after: Sequence[Decision] = asking(engine)(assemble(draft), questions)
    wider = 0
    for question, old, new in zip(questions, before, after, strict=True):
        engines = opened(old, new)
        wider += bool(engines)
        assert comparison.opened(question) == engines, question
    assert wider > 50
