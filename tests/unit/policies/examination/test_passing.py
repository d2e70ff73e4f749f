"""A version passes where it has examples and each of them comes out as expected."""

from __future__ import annotations

import json

import pytest

from policies.agreements import load
from policies.examination.passing import examine
from tests.unit.policies.examination.made import CLAUSE, CONSENTED, agreement
from tests.unit.policies.examination.test_examples import OFFICER, TENANT

EXAMPLE = {"name": "a tenant", "given": TENANT, "when": OFFICER, "then": {"permit": True}}


def test_it_tells_what_passes_what_is_odd_and_what_opens() -> None:
    """In one document that JSON can hold."""
    draft = agreement(CLAUSE, {**CONSENTED, "consent": []}, CLAUSE, examples=[EXAMPLE])
    examined = examine(draft, [agreement()])
    told = json.loads(json.dumps(examined.as_json()))
    assert told["passed"] is examined.passed is True
    assert told["findings"] == []
    assert told["wider"] is True
    assert told["opens"][0]["clauses"] == [2]
    assert [one["code"] for one in told["warnings"]] == ["shadowed"]


def test_it_does_not_pass_without_examples_or_with_a_wrong_one() -> None:
    """And says which."""
    assert examine(agreement(), []).as_json()["findings"] == [
        "it has no examples: nothing was tested"
    ]
    wrong = agreement(examples=[{**EXAMPLE, "then": {"permit": False}}])
    told = examine(wrong, []).as_json()
    assert not told["passed"]
    assert told["findings"] == ["example 'a tenant': expected a refusal, came a release"]


@pytest.mark.parametrize("one", load(), ids=lambda one: str(one["id"]))
def test_the_agreements_that_come_with_the_code_pass(one: dict[str, object]) -> None:
    """With their examples, and no warning."""
    examined = examine(one, load())
    assert examined.passed
    assert examined.warned == ()
    assert not examined.compared.wider
