"""A draft passes where its examples come out as they say on every engine; the rest is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from policies.agreements import load
from policies.bundle import Bundle
from policies.embedded import RegorusEngine
from policies.engine import Decision, EngineUnavailable
from policies.examination.examples import embedded
from sharing_api.agreements.examining import EMBEDDED, engines, examine
from tests.unit.policies.examination.made import CLAUSE, CONSENTED, agreement
from tests.unit.policies.examination.test_examples import OFFICER, TENANT

EXAMPLE = {"name": "a tenant", "given": TENANT, "when": OFFICER, "then": {"permit": True}}
BOTH = {**EMBEDDED, "opa": embedded}


def contrary(bundle: Bundle, questions: Sequence[Mapping[str, Any]]) -> list[Decision]:
    """An engine that refuses everything."""
    return [replace(one, permit=False, fields={}) for one in embedded(bundle, questions)]


def away(_bundle: Bundle, _questions: Sequence[Mapping[str, Any]]) -> list[Decision]:
    """An engine that is not there."""
    raise EngineUnavailable


def test_a_draft_is_told_what_it_opens_what_is_odd_and_what_is_missing() -> None:
    """In one document that JSON can hold; nothing of that keeps it from being approved."""
    draft = agreement(CLAUSE, {**CONSENTED, "consent": []}, CLAUSE, examples=[EXAMPLE])
    told = examine(draft, [agreement()], BOTH)
    assert json.loads(json.dumps(told)) == told
    assert (told["passed"], told["failed"], told["engines"]) == (True, [], ["embedded", "opa"])
    assert told["opened_cells"] > 0
    assert len(told["warnings"]) == 1
    assert {"Purpose", "Examples"} <= {line.partition(":")[0] for line in told["missing"]}


def test_a_wrong_example_and_engines_that_differ_keep_a_draft_a_draft() -> None:
    """And are named."""
    wrong = agreement(examples=[{**EXAMPLE, "then": {"permit": False}}])
    told = examine(wrong, [])
    assert not told["passed"]
    assert [one["name"] for one in told["failed"]] == ["a tenant"]
    right = agreement(examples=[EXAMPLE])
    assert examine(right, [], BOTH)["passed"]
    told = examine(right, [], {**EMBEDDED, "opa": contrary})
    assert not told["passed"]
    assert "differ" in told["failed"][0]


def test_without_the_engine_that_the_gate_asks_nothing_passes() -> None:
    """The examination ends, and says neither that the draft passed nor that it failed."""
    with pytest.raises(EngineUnavailable):
        examine(agreement(examples=[EXAMPLE]), [], {**EMBEDDED, "opa": away})


async def test_an_engine_in_this_process_is_the_embedded_one() -> None:
    """Only one that can be asked under other agreements is a second one."""
    assert list(engines(RegorusEngine(Bundle({}, {"agreements": {}}, "none")))) == ["embedded"]


@pytest.mark.parametrize("one", load(), ids=lambda one: str(one["id"]))
def test_the_agreements_that_come_with_the_code_pass(one: dict[str, Any]) -> None:
    """With their examples, nothing missing, no warning, and nothing opened."""
    told = examine(one, load())
    assert told["passed"]
    assert told["examples"] > 0
    assert (told["missing"], told["warnings"], told["opened_cells"]) == ([], [], 0)
