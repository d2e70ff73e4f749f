"""What cannot be meant is warned of; what can be is not."""

from __future__ import annotations

from typing import Any

import pytest

from policies.agreements import load
from policies.examination.warnings import warnings
from tests.unit.policies.examination.made import CLAUSE, agreement

SIGNAL = {"items": {"signal": {"area": "release"}}, "entity_kinds": ["none"], "relation": "any"}
EXCLUDE = CLAUSE["exclude"]
POLICE = {"agencies": ["*"], "agency_types": ["police", "monitor"], "roles": ["*"]}

ODD: dict[str, tuple[str, dict[str, Any], str]] = {
    "no authority": (
        "never",
        {"relevant_authority": True, "recipients": {**POLICE, "agency_types": ["monitor"]}},
        "monitor is none",
    ),
    "half an authority": (
        "never", {"relevant_authority": True, "recipients": POLICE}, "It never holds for monitor"
    ),
    "signals of persons": ("never", {"items": SIGNAL["items"]}, "It never gives signals"),
    "all withheld": ("never", {"items": {"alert": {"level": "withhold"}}}, "withholds every field"),
    "consent to a signal": ("never", {**SIGNAL, "consent": ["any"]}, "no person who could give"),
    "tenants of a signal": ("never", {**SIGNAL, "relation": "tenant"}, "asks for a tenant"),
    "a case of a signal": ("never", {**SIGNAL, "case_member": True}, "only alerts and incidents"),
    "lifting nothing": ("idle", {"emergency_lifts": ["consent"]}, "asks for none"),
    "history of nobody": (
        "idle", {"consent": ["any"], "transgender_history": "with-consent"}, "transgender history"
    ),
    "excluding nobody": (
        "idle", {**SIGNAL, "exclude": {**EXCLUDE, "children": True}}, "excludes children"
    ),
    "unknown strand": (
        "unknown-name", {"exclude": {**EXCLUDE, "strands": ["rase"]}}, "no record has as its strand"
    ),
    "unknown scope": ("unknown-name", {"consent": ["everybody"]}, "no record has as a scope"),
    "unknown type": (
        "unknown-name", {"recipients": {**POLICE, "agency_types": ["fly"]}}, "no type of agency"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "change", "said"), ODD.values(), ids=ODD)
def test_a_clause_that_cannot_be_meant_is_warned_of(
    code: str, change: dict[str, Any], said: str
) -> None:
    """By code, number and sentence."""
    found = [one for one in warnings(agreement({**CLAUSE, **change})) if one.code == code]
    assert any(said in one.sentence for one in found), found
    assert all(one.clause == 1 for one in found)


def test_ordinary_clauses_are_not_warned_of() -> None:
    """Nor are the agreements that come with the code."""
    assert warnings(agreement()) == ()
    live = load()
    assert [one for each in live for one in warnings(each, live)] == []


def test_a_clause_that_another_one_covers_is_shadowed() -> None:
    """Of two that say the same, the later; of the same agreement or of another that is live."""
    narrow = {**CLAUSE, "vetting": ["sc"], "items": {"alert": {"level": "release"}}}
    (warned,) = warnings(agreement(CLAUSE, narrow))
    assert (warned.code, warned.clause) == ("shadowed", 2)
    assert warned.sentence == "It changes nothing: clause 1 of tenants always gives as much."
    (warned,) = warnings(agreement(CLAUSE, CLAUSE))
    assert warned.clause == 2
    (warned,) = warnings(agreement(narrow), [agreement(CLAUSE, id="wide", ends="2030-01-01")])
    assert "clause 1 of wide" in warned.sentence
    assert warned.as_json()["code"] == "shadowed"


def test_a_clause_is_shadowed_in_part_or_by_several_together() -> None:
    """Field by field, and only where every corner is covered."""
    part = {**CLAUSE, "items": {"alert": {"level": "release", "rule": "release"}}}
    (warned,) = warnings(agreement(CLAUSE, part))
    assert warned.sentence == (
        "It adds nothing to the level of alerts, given as openly by clause 1 of tenants."
    )
    persons, places = ({**CLAUSE, "entity_kinds": [one]} for one in ("person", "place"))
    both = {**CLAUSE, "entity_kinds": ["person", "place"]}
    (warned,) = warnings(agreement(persons, places, both))
    assert warned.clause == 3
    assert "clause 1 of tenants or clause 2 of tenants" in warned.sentence


def test_an_earlier_ending_or_a_finer_treatment_is_no_shadow() -> None:
    """A clause that gives more somewhere, or longer, is needed."""
    finer = {**CLAUSE, "vetting": ["sc"], "items": {"alert": {"since": "release"}}}
    assert warnings(agreement(CLAUSE, finer)) == ()
    assert warnings(agreement(CLAUSE), [agreement(CLAUSE, id="short", ends="2027-06-01")]) == ()


def test_withholding_what_another_clause_gives_contradicts() -> None:
    """The most open clause holds, so the officer is told."""
    silent = {**CLAUSE, "items": {"alert": {"level": "withhold", "rule": "release"}}}
    found = warnings(agreement(CLAUSE, silent))
    assert [(one.code, one.clause) for one in found] == [("contradiction", 2)]
    assert "which clause 1 gives all the same" in found[0].sentence
    other = {**silent, "purposes": ["audit"]}
    assert [one.code for one in warnings(agreement(CLAUSE, other))] == []


def test_a_purpose_that_nobody_states_yet_is_told() -> None:
    """Askers have to learn of it."""
    found = warnings(agreement(), [agreement({**CLAUSE, "purposes": ["audit"]}, id="other")])
    assert [(one.code, one.clause) for one in found] == [("new-purpose", 0)]


def test_an_emergency_does_not_help_where_the_rules_allow_none() -> None:
    """A decision about a link cannot be taken in an emergency, and is no case that has members."""
    clause = {
        **CLAUSE, "items": {"link-decision": {"decision": "release"}}, "relation": "any",
        "case_member": True, "emergency_lifts": ["case_member"],
    }  # fmt: skip
    assert "never" in {one.code for one in warnings(agreement(clause))}


def test_what_was_meant_is_asked_for() -> None:
    """In the words of agreements, where something is like it; and nothing where nothing is."""
    exclude = {**EXCLUDE, "subject_categories": ["witnesses"], "recording_regimes": ["ours"]}
    found = {one.sentence for one in warnings(agreement({**CLAUSE, "exclude": exclude}))}
    assert found == {
        "It excludes witnesses, which no record has as its category; did you mean “witness”?",
        "It excludes ours, which no record has as its recording regime.",
    }
    named = {"recipients": {**POLICE, "agency_types": ["universities"]}}
    (warned,) = warnings(agreement({**CLAUSE, **named}))
    assert warned.sentence.endswith("no type of agency; did you mean “a university”?")
    assert warned.said() == f"clause 1: {warned.sentence}"


def test_an_agency_that_the_hub_does_not_know_is_warned_of() -> None:
    """By a hub alone, which knows its agencies; an agency of another type is as good as none."""
    named = {"recipients": {**CLAUSE["recipients"], "agencies": ["hill-homes"]}}
    made = agreement({**CLAUSE, **named})
    assert warnings(made) == ()
    assert warnings(made, agencies={"hill-homes": "housing"}) == ()
    (warned,) = warnings(made, agencies={"hill-home": "housing"})
    assert (warned.code, warned.clause) == ("agency", 1)
    assert warned.sentence.endswith("no agency of this hub; did you mean “hill-home”?")
    (warned,) = warnings(made, agencies={"hill-homes": "nhs"})
    assert warned.sentence == (
        "It never holds for hill-homes: it asks for a housing association, and this hub has it as "
        "an NHS body."
    )
