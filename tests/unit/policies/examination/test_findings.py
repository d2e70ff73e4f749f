"""A wider draft is told of in sentences that say who, what, for which purpose and when."""

from __future__ import annotations

from typing import Any

import pytest

from policies.agreements import Agreement
from policies.examination.findings import findings, term_sentences, verdict
from policies.examination.versions import changed, with_draft, without
from policies.examination.widening import Comparison, widening
from tests.unit.policies.examination.made import CLAUSE, CONSENTED, agreement

LIVE = (agreement(),)


def opened(*clauses: dict[str, Any], **other: Any) -> Comparison:
    """Compare a draft of these clauses with what is in force."""
    return widening(LIVE, with_draft(LIVE, agreement(*clauses, **other)))


def sentences(comparison: Comparison) -> list[str]:
    """Give the sentences."""
    return [one.sentence for one in findings(comparison)]


def test_dropping_a_consent_condition_is_said_as_an_officer_would_say_it() -> None:
    """Who could newly see what, for which purpose, without recorded consent."""
    comparison = opened(CLAUSE, {**CONSENTED, "consent": []})
    (sentence,) = sentences(comparison)
    assert sentence.startswith(
        "A housing-officer of a housing association could newly see the victim's date of birth "
        "(to the year); the victim's name of alerts for support, without recorded consent to"
    )
    assert sentence.endswith("(tenants, clause 2).")
    assert comparison.wider
    assert verdict(comparison).startswith("Wider: ")


WIDER: dict[str, tuple[dict[str, Any], str]] = {
    "type": (
        {"recipients": {**CLAUSE["recipients"], "agency_types": ["housing", "school"]}},
        "of a school could",
    ),
    "role": ({"recipients": {**CLAUSE["recipients"], "roles": ["*"]}}, "role other than"),
    "agency types": (
        {"recipients": {**CLAUSE["recipients"], "agency_types": ["*"]}},
        "an agency other than a housing association",
    ),
    "exact": (
        {"items": {"alert": {"level": "release", "since": "generalise:week"}}},
        "see the start of the period (to the week instead of to the month)",
    ),
    "kind": (
        {"items": {**CLAUSE["items"], "incident": {"ward": "release"}}},
        "the ward of incidents",
    ),
    "relation": ({"relation": "any"}, "about people who are not its tenants"),
    "handling": ({"handling": ["P", "C"]}, "under handling code C"),
    "entity": ({"entity_kinds": ["person", "place"]}, "about a place"),
    "purpose": ({"purposes": ["support", "audit"]}, "for audit"),
}


@pytest.mark.parametrize(("change", "said"), WIDER.values(), ids=WIDER)
def test_each_way_to_open_a_clause_is_found_and_said(change: dict[str, Any], said: str) -> None:
    """One condition loosened: a sentence that names it."""
    (sentence,) = sentences(opened({**CLAUSE, **change}, CONSENTED))
    assert said in sentence


NARROWER: dict[str, dict[str, Any]] = {
    "vetting": {"vetting": ["sc"]},
    "authority": {"relevant_authority": True},
    "justification": {"justification": True},
    "case": {"case_member": True},
    "own": {"consent": ["any"]},
    "child": {"exclude": {**CLAUSE["exclude"], "children": True}},
    "strand": {"exclude": {**CLAUSE["exclude"], "strands": ["race"]}},
    "category": {"exclude": {**CLAUSE["exclude"], "subject_categories": ["witness"]}},
    "regime": {"exclude": {**CLAUSE["exclude"], "recording_regimes": ["police-nchi"]}},
    "items": {"items": {"alert": {"level": "mask"}}},
}


@pytest.mark.parametrize("change", NARROWER.values(), ids=NARROWER)
def test_a_narrower_draft_is_proved_not_wider_and_the_way_back_is(change: dict[str, Any]) -> None:
    """The proof names how many cells were compared; swapped, the same change is an opening."""
    draft = with_draft(LIVE, agreement({**CLAUSE, **change}, CONSENTED))
    comparison = widening(LIVE, draft)
    assert not comparison.wider
    assert verdict(comparison).startswith("Not wider: no cell becomes more open (")
    assert comparison.cells > 1000
    back = widening(draft, LIVE)
    assert back.wider
    assert sentences(back)


def test_an_emergency_that_sets_a_condition_aside_is_an_opening() -> None:
    """And said as what it is."""
    (sentence,) = sentences(opened(CLAUSE, {**CONSENTED, "emergency_lifts": ["consent"]}))
    assert "in an emergency with a second approver" in sentence


def test_later_days_are_said_and_the_days_of_both_are_not() -> None:
    """A longer term opens everything in the days that are added."""
    told = sentences(opened(ends="2029-06-30"))
    assert len(told) == 2
    assert all("from 1 January 2029 until 30 June 2029" in one for one in told)


def test_protected_history_stays_said_beside_what_opens() -> None:
    """A name that opens does not open beside a transgender strand, and the sentence says so."""
    (sentence,) = sentences(opened(CLAUSE, {**CONSENTED, "consent": []}))
    assert "without the strand transgender" in sentence


def test_terms_that_hold_recipients_less_are_wider_too() -> None:
    """Longer retention and onward sharing, though no cell opens."""
    comparison = opened(retention_days=365, onward_sharing="with-originator-consent")
    assert comparison.wider
    assert not comparison.openings
    assert verdict(comparison).startswith("No cell becomes more open")
    assert term_sentences(comparison) == (
        "tenants: retention goes from 30 days to 365 days.",
        "tenants: onward sharing goes from never to with-originator-consent.",
    )


def test_words_alone_change_nothing() -> None:
    """A draft with another text decides alike."""
    comparison = opened({**CLAUSE, "text": "Other words."}, CONSENTED)
    assert not comparison.wider
    assert verdict(comparison).startswith("The draft decides as what is in force")


def test_an_agreement_that_is_added_opens_and_one_that_is_withdrawn_does_not() -> None:
    """Beside others, too."""
    other = agreement(CLAUSE, id="other", purposes=["x"])
    assert widening((), (other,)).wider
    assert not widening((*LIVE, other), without((*LIVE, other), "other")).wider
    assert changed(LIVE, (*LIVE, other)) == {"other"}


def test_what_another_agreement_gives_already_is_no_opening() -> None:
    """Only what nobody gives is new."""
    wide: Agreement = agreement({**CLAUSE, "relation": "any"}, id="wide")
    live = (*LIVE, wide)
    draft = with_draft(live, agreement({**CLAUSE, "relation": "any"}, CONSENTED))
    assert not widening(live, draft).wider


def test_a_finding_is_written_for_machines_too() -> None:
    """With clauses counted from 1 and one question that shows it."""
    (one,) = findings(opened(CLAUSE, {**CONSENTED, "consent": []}))
    told = one.as_json()
    assert told["clauses"] == [2]
    assert told["fields"]["victim_name"] == ["withhold", "release"]
    assert told["example"]["purpose"] == "support"
    assert told["cells"] > 0
