"""Either engine answers two askers alike where `policies.alike` cannot tell them apart."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from policies.alike import seen
from policies.bundle import Bundle
from policies.embedded import RegorusEngine
from policies.engine import Decision
from tests.contract.test_policy_engines import evaluated, needs_opa, worlds

Asked = dict[str, Any]


def another(draw: random.Random, asked: Asked) -> Asked:
    """Ask the same as somebody else, in other words, with another's approval."""
    subject = draw.choice(("u1", "u2", "u3", "u4", "somebody else"))
    approver = draw.choice(("", "u1", "u2", "u3", "u4")) if draw.random() < 0.5 else None
    emergency = asked["emergency"]
    return {
        **asked,
        "requester": {**asked["requester"], "subject": subject},
        "justification": draw.choice((asked["justification"], "in other words", "")),
        "emergency": emergency if approver is None else {**emergency, "second_approver": approver},
    }


def pairs() -> list[tuple[Bundle, list[Asked], list[Asked]]]:
    """Questions of random agreements, and the same of others."""
    draw = random.Random(175)
    return [
        (made, asked, [another(draw, one) for one in asked]) for made, asked in worlds()
    ]  # fmt: skip


def key(asked: Asked) -> tuple[str, bool]:
    """What the gate compares."""
    question = {name: value for name, value in asked.items() if name != "record"}
    return seen(question), asked["requester"]["subject"] in asked["record"]["authors"]


def judge(
    asked: list[Asked], other: list[Asked], answers: list[Decision], others: list[Decision]
) -> tuple[int, int]:
    """How many pairs are alike and permitted, and how many are apart and answered otherwise."""
    permitted = differing = 0
    for one, two, first, second in zip(asked, other, answers, others, strict=True):
        if key(one) == key(two):
            assert first == second
            permitted += first.permit and one["requester"] != two["requester"]
        else:
            differing += first != second
    return permitted, differing


def test_the_embedded_engine_answers_alike_askers_alike() -> None:
    """The whole decision: permit, fields, reasons, obligations, agreements."""
    counts = []
    for bundle, asked, other in pairs():
        engine = RegorusEngine(bundle)
        answers, others = ([engine.answer(each) for each in some] for some in (asked, other))
        counts.append(judge(asked, other, answers, others))
    assert sum(permitted for permitted, _ in counts) > 50
    assert sum(differing for _, differing in counts) > 50


@pytest.mark.opa
@needs_opa
def test_opa_answers_alike_askers_alike(tmp_path: Path) -> None:
    """The same of the other engine."""
    counts = []
    for bundle, asked, other in pairs()[:5]:
        found = evaluated(bundle, [*asked, *other], tmp_path)
        counts.append(judge(asked, other, found[: len(asked)], found[len(asked) :]))
    assert sum(permitted for permitted, _ in counts) > 10
