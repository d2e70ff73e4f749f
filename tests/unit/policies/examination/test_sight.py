"""Who sees which field, who can see a record, and why somebody was refused."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from policies.agreements import load
from policies.examination.matrix import matrix
from policies.examination.questions import question_of
from policies.examination.refusal import why_refused
from policies.examination.tables import as_csv, as_html, harmless
from policies.examination.visibility import Sight, who_can_see
from tests.unit.policies.examination.made import CLAUSE, CONSENTED, agreement

DAY = 20_600
ASKER = {"agency": "hill-homes", "agency_type": "housing", "role": "housing-officer"}


def cells(*clauses: dict[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Give the matrix as texts by field, then by column."""
    made = matrix([agreement(*clauses)])
    return {
        row.field: {
            column.said(): [one.said() for one in cell]
            for column, cell in zip(made.columns, row.cells, strict=True)
        }
        for row in made.rows
    }


def test_a_cell_says_treatment_and_conditions() -> None:
    """One class of askers, and each field with what it takes."""
    found = cells()
    (asker,) = found["level"]
    assert asker == "a housing-officer of a housing association, for support"
    assert found["since"][asker] == [
        "to the month, if about its own tenants; about a person; handling code P"
    ]
    (said,) = found["victim_name"][asker]
    assert said == (
        "in full, if consent recorded to housing or any partner agency; about its own tenants; "
        "about a person; handling code P; not beside a transgender strand"
    )


def test_every_condition_of_a_clause_is_said() -> None:
    """None is left out of the cell."""
    clause = {
        **CONSENTED, "vetting": ["sc"], "relevant_authority": True, "justification": True,
        "case_member": True, "emergency_lifts": ["consent", "case_member"],
        "transgender_history": "with-consent", "relation": "own",
        "exclude": {
            "subject_categories": ["witness"], "strands": ["race"],
            "recording_regimes": ["police-nchi"], "children": True,
        },
    }  # fmt: skip
    (said,) = next(iter(cells(clause)["victim_name"].values()))
    for part in (
        "vetted sc", "a relevant authority", "with a justification", "a member of the case",
        "consent recorded to housing or any partner agency", "its own records", "not witness",
        "not race", "not police-nchi", "no child", "unless consent is recorded",
        "in an emergency with a second approver also without consent or without case membership",
    ):  # fmt: skip
        assert part in said


def test_askers_who_are_given_the_same_share_a_column_and_others_do_not() -> None:
    """Overlapping clauses are taken apart."""
    recipients = {**CLAUSE["recipients"], "agency_types": ["housing", "council"]}
    wide = {**CLAUSE, "recipients": recipients}
    assert len(matrix([agreement(wide)]).columns) == 1
    both = matrix([agreement(wide, {**CONSENTED})])
    assert [one.said() for one in both.columns] == [
        "a housing-officer of a council, for support",
        "a housing-officer of a housing association, for support",
    ]
    anyone = {"agencies": ["*"], "agency_types": ["*"], "roles": ["*"]}
    (column,) = matrix([agreement({**CLAUSE, "recipients": anyone})]).columns
    assert column.said() == "anyone of any agency, for support"


def test_the_more_open_offer_comes_first_and_a_useless_one_goes() -> None:
    """An offer that gives less under more conditions is not shown."""
    finer = {**CLAUSE, "items": {"alert": {"since": "generalise:week"}}, "justification": True}
    coarse = {**CLAUSE, "items": {"alert": {"since": "mask"}}, "justification": True}
    (offers,) = cells(CLAUSE, finer, coarse)["since"].values()
    assert [one.split(",")[0] for one in offers] == ["to the week", "to the month"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_a_formula(start: str) -> None:
    """Whatever an agreement is called or asks for."""
    assert harmless(f"{start}1+1") == f"'{start}1+1"
    odd = {**CLAUSE, "purposes": [f"{start}cmd|x"], "vetting": [f"{start}1"]}
    rows = list(csv.reader(io.StringIO(as_csv(matrix([agreement(odd)])), newline="")))
    assert len(rows) == 3
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row
    )


def test_the_page_escapes_whatever_it_shows_and_needs_nothing_else() -> None:
    """No script, no address, a caption, and headers in both directions."""
    page = as_html(matrix([agreement(title="<script>alert(1)</script>")]))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    for part in ("<caption>", 'scope="col"', 'scope="row"', 'lang="en"', "default-src 'none'"):
        assert part in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_matrix_of_everything_in_force_can_be_made() -> None:
    """Every field that an agreement names has its row."""
    live = load()
    told = matrix(live).as_json()
    named = {
        (kind, name)
        for one in live
        for clause in one["clauses"]
        for kind, items in clause["items"].items()
        for name in items
    }
    assert {(row["kind"], row["field"]) for row in told["rows"]} == named
    assert all(len(row["cells"]) == len(told["columns"]) for row in told["rows"])


def seen(facts: dict[str, Any], **types: str) -> dict[str, Sight]:
    """Say who can see an alert with these facts."""
    found = who_can_see(
        [agreement()], {"kind": "alert", **facts}, epoch_day=DAY,
        types={name.replace("_", "-"): kind for name, kind in types.items()},
    )  # fmt: skip
    return {one.askers.said(): one for one in found}


def test_only_the_landlord_sees_a_tenant_and_the_clause_is_named() -> None:
    """Field by field; nobody else is listed."""
    facts = {"tenant_of": ["hill-homes"], "consent": {"state": "given", "scope": ["any"]}}
    found = seen(facts)
    (sight,) = found.values()
    assert (
        sight.askers.said()
        == "a housing-officer of hill-homes (a housing association), for support"
    )
    told = sight.as_json()["fields"]
    assert told["victim_name"][0]["clause"] == 2
    assert told["victim_date_of_birth"][0]["said"] == "the victim's date of birth to the year"
    assert set(told) == {"level", "since", "victim_name", "victim_date_of_birth"}


@pytest.mark.parametrize(
    "facts",
    [
        {"tenant_of": []},
        {"tenant_of": ["hill-homes"], "handling": "C"},
        {"tenant_of": ["hill-homes"], "victim_wishes": ["no_landlord"]},
        {"tenant_of": ["hill-homes"], "exists": False},
        {"tenant_of": ["hill-homes"], "status": "withdrawn"},
        {"tenant_of": ["hill-homes"], "about_subject": True, "non_crime": True},
    ],
)
def test_nobody_sees_what_conditions_or_denials_keep_back(facts: dict[str, Any]) -> None:
    """The list is empty."""
    assert seen(facts) == {}


def test_an_asker_that_cannot_be_is_left_out() -> None:
    """An agency whose type is known is not listed under another."""
    facts = {"tenant_of": ["hill-homes"]}
    assert seen(facts, hill_homes="council") == {}
    assert len(seen(facts, hill_homes="housing")) == 1


def test_what_an_emergency_would_open_says_so() -> None:
    """With the second approver that it takes, and without the condition it sets aside."""
    clause = {**CONSENTED, "emergency_lifts": ["consent"], "case_member": True}
    found = who_can_see(
        [agreement(clause)], {"kind": "alert", "tenant_of": ["hill-homes"]}, epoch_day=DAY
    )
    (offer,) = found[0].fields["victim_name"]
    assert offer.conditions == (
        "a member of the case", "in an emergency with a second approver",
    )  # fmt: skip


def refused(**change: Any) -> Any:
    """Say why an asker was refused a record."""
    when = {**ASKER, "purpose": "support", **change}
    facts = {"kind": change.get("kind", "alert")}
    asked = question_of(facts, when, purpose="support", epoch_day=change.get("day", DAY))
    clause = {**CLAUSE, "vetting": ["sc", "dv"], "justification": True}
    return why_refused([agreement(clause)], asked)


def test_a_refusal_names_the_clause_and_what_it_lacks() -> None:
    """Of the asker alone."""
    told = refused(justification=False, vetting="bpss")
    assert not told.covered
    assert told.codes == ("justification-missing", "vetting-insufficient")
    (lack,) = told.lacks
    assert lack.clause == 1
    assert lack.lacking == (
        "It asks for vetting to sc or dv; you hold bpss.",
        "The agreement asks for a justification with every request.",
    )
    assert told.as_json()["lacks"][0]["agreement"] == "tenants"
    assert refused(day=0, vetting="sc").lacks[0].lacking == (
        "It is in force from 2026-01-01 to 2028-12-31, not on 1 January 1970.",
    )


def test_a_stranger_is_told_that_no_agreement_names_them() -> None:
    """And a purpose that nobody knows is named as such."""
    assert refused(role="clerk").codes == ("no-agreement",)
    assert refused(purpose="gossip").codes == ("purpose-unknown",)
    assert refused(role="clerk").lacks == ()


def test_an_asker_who_is_covered_learns_nothing_of_the_record() -> None:
    """The same answer whatever the record is, and whether there is one."""
    live = [agreement()]
    answers = {
        str(why_refused(live, question_of({"kind": "alert", **facts}, ASKER, purpose="support",
                                          epoch_day=DAY)))
        for facts in (
            {}, {"exists": False}, {"child": True}, {"victim_wishes": ["no_landlord"]},
            {"tenant_of": ["hill-homes"]}, {"consent": {"state": "refused", "scope": []}},
        )
    }  # fmt: skip
    assert len(answers) == 1
    assert "No record with this id is available" in answers.pop()


def test_a_suspended_agreement_is_named_as_that() -> None:
    """The reason is its state, not the asker."""
    asked = question_of({"kind": "alert"}, ASKER, purpose="support", epoch_day=DAY)
    told = why_refused([agreement(status="suspended")], asked)
    assert told.lacks[0].lacking == ("It is suspended, not live.",)
