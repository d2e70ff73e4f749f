"""What the rules may look at of a person; `policies.alike` rests on it."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

import policies
from policies.alike import seen
from tests.unit.policies import corpus

SHARING = Path(policies.__file__).parent / "sharing"
ASIDE = {"trial.rego", "shape.rego"}
"""The one asks the other rules about agreements that are not in force; no release comes of it. The
other tells questions from what is none: it holds alike for all that `alike` is asked about."""
RULES = sorted(
    path for path in SHARING.glob("*.rego") if "_test" not in path.stem and path.name not in ASIDE
)
LOOKS = {
    "requester.subject": {
        "input.emergency.second_approver != input.requester.subject",
        'codes contains "four-eyes" if input.requester.subject in input.record.authors',
    },
    "justification": {'input.justification == ""', 'input.justification != ""'},
    "second_approver": {
        'input.emergency.second_approver != ""',
        "input.emergency.second_approver != input.requester.subject",
    },
}  # fmt: skip
"""The only lines in which the rules mention these."""


def lines() -> list[str]:
    """Every line of the rules that is no comment."""
    found = [line.strip() for path in RULES for line in path.read_text("utf-8").splitlines()]
    assert len(found) > 100
    return [line for line in found if line and not line.startswith("#")]


@pytest.mark.parametrize("name", sorted(LOOKS))
def test_the_rules_see_of_a_person_what_alike_compares(name: str) -> None:
    """A new line that looks at more must be thought of in `policies.alike` first."""
    mentioned = re.compile(rf"\binput\.([a-z_]+\.)*{re.escape(name)}\b")
    assert {line for line in lines() if mentioned.search(line)} == LOOKS[name]


def test_no_rule_takes_hold_of_the_input_but_by_name() -> None:
    """Neither the whole input nor the whole asker is handed on, searched or compared."""
    held = r"\binput\.(requester|emergency)\b(?!\.)|\binput\.[a-z_]+\["
    whole = re.compile(rf"(?<!-)\binput\b(?!\.)|{held}")
    assert [line for line in lines() if whole.search(line)] == []


def test_persons_of_one_kind_are_alike_and_others_are_not() -> None:
    """Name and wording do not count; everything else does, and whom one approves."""
    draw = random.Random(1)
    asked = corpus.question(draw, [corpus.clause(draw)])
    asked["justification"], asked["emergency"] = "because", {"flag": True, "second_approver": "u3"}
    requester = {**asked["requester"], "subject": "u1"}
    first = seen({**asked, "requester": requester})
    assert (
        seen({**asked, "requester": {**requester, "subject": "u2"}, "justification": "x"}) == first
    )
    assert seen({**asked, "requester": {**requester, "subject": "u3"}}) != first
    assert seen({**asked, "requester": requester, "justification": ""}) != first
    for name in ("agency", "role", "vetting", "agency_type"):
        assert seen({**asked, "requester": {**requester, name: "other"}}) != first
