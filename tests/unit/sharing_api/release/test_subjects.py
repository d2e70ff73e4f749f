"""Facts of a subject are the strictest that its rows allow."""

from __future__ import annotations

from typing import Any

import pytest

from policies.agreements import load
from policies.decision_input import validate
from sharing_api.release import Missing, Subject
from sharing_api.release.question import Question, facts
from sharing_api.release.subjects import (
    agreement_subject,
    alert_subject,
    incident_subject,
    receipt_subject,
    signal_subject,
)
from tests.unit.sharing_api.release.making import COORDINATOR, NOW, alert, incident, signal


def test_every_subject_makes_a_valid_decision_input() -> None:
    """Whatever the kind, the policy can be asked."""
    one, two = incident(), incident("inc_2", "hill-homes")
    receipt = {"receipt_id": "rcp_1", "agency": "watch", "status": "accepted"}
    ask = Question.of(COORDINATOR, "cmarac-case", "why", None, NOW)
    subjects: list[Subject | Missing] = [
        incident_subject(one),
        alert_subject(alert([one, two]), [one, two]),
        alert_subject(alert([one, two]), [one]),
        signal_subject(signal()),
        receipt_subject(receipt),
        agreement_subject(load()[0]),
        Missing("alert", "alt_9"),
    ]
    assert all(validate(ask.about(facts(subject), subject.id)) for subject in subjects)


def test_an_alert_without_all_its_incidents_is_judged_by_the_strictest_facts() -> None:
    """What cannot be looked at counts against release."""
    one, two = incident(), incident("inc_2", "hill-homes")
    found = facts(alert_subject(alert([one, two]), [one]))
    assert found["consent"] == {"state": "not_asked", "scope": []}
    assert found["handling"] == "C"
    assert found["non_crime"]
    assert found["about_subject"]
    assert found["tenant_of"] == []


def test_a_retracted_incident_counts_as_not_there() -> None:
    """Its consent does not speak for the alert."""
    one, two = incident(), incident("inc_2", retracted=True)
    assert facts(alert_subject(alert([one, two]), [one, two]))["consent"]["state"] == "not_asked"


@pytest.mark.parametrize(
    ("consents", "expected"),
    [
        ([("given", ["cmarac"]), ("given", ["any"])], ("given", ["cmarac"])),
        ([("given", ["any"]), ("given", ["any"])], ("given", ["any"])),
        ([("given", ["cmarac", "housing"]), ("given", ["housing"])], ("given", ["housing"])),
        ([("given", ["cmarac"]), ("given", ["housing"])], ("given", [])),
        ([("given", ["cmarac"]), ("not_asked", [])], ("given", ["cmarac"])),
        ([("given", ["cmarac"]), ("refused", [])], ("refused", [])),
        ([("refused", []), ("withdrawn", [])], ("withdrawn", [])),
        ([("given", ["any"]), ("not_safe_to_ask", [])], ("not_safe_to_ask", [])),
        ([("not_asked", []), ("not_asked", [])], ("not_asked", [])),
    ],
)
def test_consents_combine_to_the_narrowest(
    consents: list[tuple[str, list[str]]], expected: tuple[str, list[str]]
) -> None:
    """One refusal outweighs any consent; a scope holds only if all givings cover it."""
    rows = [
        incident(f"inc_{number}", consent={"state": state, "scope": scope})
        for number, (state, scope) in enumerate(consents)
    ]
    found = facts(alert_subject(alert(rows), rows))["consent"]
    assert (found["state"], found["scope"]) == expected


def test_facts_of_an_alert_are_those_of_its_strictest_incident() -> None:
    """Handling, wishes, regimes and children come from any of them."""
    one = incident()
    two = incident(
        "inc_2",
        handling={"code": "C", "conditional": True},
        victim_wishes=["no_police"],
        recording_regime="police-nchi",
    )
    two["persons"][0]["child"] = True
    found = facts(alert_subject(alert([one, two]), [one, two]))
    assert found["handling"] == "C"
    assert found["victim_wishes"] == ["no_police"]
    assert found["non_crime"]
    assert found["child"]


def test_a_person_of_unknown_age_counts_as_a_child() -> None:
    """An agreement that excludes children excludes whoever may be one."""
    row = incident()
    row["persons"][0]["child"] = None
    assert facts(incident_subject(row))["child"]
    row["persons"] = [{**person, "child": False} for person in row["persons"]]
    assert not facts(incident_subject(row))["child"]


def test_an_alert_about_a_suspect_is_about_a_subject() -> None:
    """The rules keep subjects of non-crimes with the police."""
    rows = [incident()]
    found = facts(alert_subject(alert(rows, mention_ids=["inc_1#1"]), rows))
    assert found["about_subject"]
    assert not facts(alert_subject(alert(rows), rows))["about_subject"]


@pytest.mark.parametrize(
    ("extra", "tenants"),
    [({}, ["north-police"]), ({"tenant_of": ["hill-homes"]}, ["hill-homes", "north-police"])],
)
def test_landlords_are_the_publisher_and_those_named(
    extra: dict[str, Any], tenants: list[str]
) -> None:
    """An association's own reports are about its own tenants."""
    assert facts(incident_subject(incident(**extra)))["tenant_of"] == tenants
