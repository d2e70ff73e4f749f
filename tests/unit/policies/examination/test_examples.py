"""The examples inside an agreement say what was expected, what came, and which clause decided."""

from __future__ import annotations

from typing import Any

import pytest

from policies.examination.examples import Outcome, run
from tests.unit.policies.examination.made import CLAUSE, agreement

TENANT = {"kind": "alert", "entity_kind": "person", "tenant_of": ["hill-homes"]}
OFFICER = {
    "agency": "hill-homes",
    "agency_type": "housing",
    "role": "housing-officer",
    "purpose": "support",
    "on": "2026-06-01",
}


def ran(given: dict[str, Any], when: dict[str, Any], **then: Any) -> Outcome:
    """Run one example."""
    expected = {"permit": True, "fields": {}, "withheld": [], **then}
    example = {"name": "an example", "given": given, "when": when, "then": expected}
    (outcome,) = run(agreement(examples=[example]))
    return outcome


def test_an_example_that_comes_out_as_expected_passes_and_names_its_clause() -> None:
    """Permit, treatments and what is withheld."""
    outcome = ran(TENANT, OFFICER, fields={"since": "generalise:month"}, withheld=["victim_name"])
    assert outcome.passed
    assert outcome.why == ("tenants, clause 1 gives the since.",)
    assert outcome.expected == ("a release, the since to the month and the victim's name withheld")


WRONG: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]] = {
    "refused": ({**TENANT, "tenant_of": ["other"]}, OFFICER, {}, "a refusal"),
    "permitted": (TENANT, OFFICER, {"permit": False}, "a release"),
    "treatment": (
        TENANT, OFFICER, {"fields": {"since": "release"}},
        "a release and the since to the month",
    ),
    "missing": (
        TENANT, OFFICER, {"fields": {"victim_name": "release"}},
        "a release and the victim's name withheld",
    ),
    "shown": (TENANT, OFFICER, {"withheld": ["level"]}, "a release and the level in full"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "when", "then", "came"), WRONG.values(), ids=WRONG)
def test_an_example_that_comes_out_otherwise_fails_and_says_how(
    given: dict[str, Any], when: dict[str, Any], then: dict[str, Any], came: str
) -> None:
    """In words, with the reason."""
    outcome = ran(given, when, **then)
    assert not outcome.passed
    assert outcome.came == came
    assert outcome.as_json()["came"] == came


def test_a_refusal_says_what_each_clause_lacks() -> None:
    """The reason in general, then clause by clause."""
    outcome = ran({**TENANT, "handling": "C"}, OFFICER, permit=False)
    assert outcome.passed
    assert outcome.why[-1].startswith("tenants, clause 2: ")
    assert any("handling code" in reason for reason in outcome.why)


def test_consent_case_emergency_and_day_are_heard() -> None:
    """What "given" and "when" can say beside facts and names."""
    consent = {**TENANT, "consent": {"state": "given", "scope": ["any"]}}
    assert ran(consent, OFFICER, fields={"victim_name": "release"}).passed
    assert ran(TENANT, {**OFFICER, "on": "2029-01-01"}, permit=False).passed
    assert ran(TENANT, {**OFFICER, "emergency": True}, permit=False).passed
    both = {**OFFICER, "emergency": True, "second_approver": True}
    assert ran(TENANT, both).passed
    clause = {**CLAUSE, "case_member": True, "justification": True}
    for member, why, permit in ((True, True, True), (False, True, False), (True, False, False)):
        example = {
            "name": "a member",
            "given": {**TENANT, "case_member": member},
            "when": {**OFFICER, "justification": why},
            "then": {"permit": permit},
        }
        (outcome,) = run(agreement(clause, examples=[example]))
        assert outcome.passed


def test_an_agreement_is_tried_alone_as_live_unless_told_otherwise() -> None:
    """A draft's example is not made to pass by another agreement, and not refused as a draft."""
    example = {
        "name": "incidents",
        "given": {"kind": "incident", "tenant_of": ["hill-homes"]},
        "when": OFFICER,
        "then": {"permit": True},
    }
    draft = agreement(status="draft", examples=[example])
    other = agreement({**CLAUSE, "items": {"incident": {"ward": "release"}}}, id="other")
    assert [one.passed for one in run(draft)] == [False]
    assert [one.passed for one in run(draft, [other, draft])] == [True]


def test_an_example_that_no_record_could_be_is_not_asked() -> None:
    """It fails and says so; the others are asked."""
    odd = {"name": "odd", "given": {"kind": "fly"}, "when": {}, "then": {"permit": True}}
    fine = {"name": "fine", "given": TENANT, "when": OFFICER, "then": {"permit": True}}
    outcomes = run(agreement(examples=[odd, fine]))
    assert [one.passed for one in outcomes] == [False, True]
    assert outcomes[0].came.startswith("it cannot be asked")


def test_an_agreement_without_examples_has_no_outcomes() -> None:
    """Nothing is said to have been tested."""
    assert run(agreement()) == ()
