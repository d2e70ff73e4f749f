"""Recording regimes: which applies, and what it keeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from processors.intake import regimes
from processors.intake.regimes import RegimeError, Regimes
from schemas.sealing import identity_aad
from schemas.vocabulary import VOCABULARY
from tests.unit.processors.intake.example import (
    agency,
    faults_of,
    incident,
    intake,
    message,
    opener,
    person,
)

POLICE = agency(type="police", recording_regime="police-hate-crime")


def suspect() -> dict[str, Any]:
    """Somebody suspected."""
    return person(role="suspect", category="suspect")


def test_every_shipped_regime_speaks_the_vocabulary() -> None:
    """Ids, roles, categories and agency types are codes that have labels."""
    table = Regimes.shipped()
    assert set(table.ids()) == VOCABULARY["recording_regime"]
    for key in table.ids():
        row = table[key]
        roles = {*row.roles, *row.roles.values(), *row.correlate, *(row.strip - {"all"})}
        assert roles <= VOCABULARY["role"]
        assert {*row.categories, *row.categories.values()} <= VOCABULARY["category"]
        assert row.only_for | row.not_for <= VOCABULARY["agency_type"]
        assert row.strip_rule or not row.strip
        assert row.label


@pytest.mark.parametrize(
    ("type_", "regime"),
    [
        ("police", "police-hate-crime"),
        ("council", "partner-report"),
        ("monitor", "monitor"),
        ("third-party-centre", "third-party-report"),
        ("public-data", "public-dataset"),
        ("a type nobody thought of", "partner-report"),
    ],
)
def test_a_row_without_a_known_regime_gets_its_types(type_: str, regime: str) -> None:
    """An agency never falls outside every regime."""
    assert Regimes.shipped().usual(agency(type=type_, recording_regime="")).id == regime


def test_a_table_must_hold_what_it_names() -> None:
    """A slip in the data stops the start, not an event."""
    with pytest.raises(RegimeError, match="nowhere"):
        Regimes({"regimes": {}, "defaults": {"other": "nowhere"}})


def taken(row: Any, **changes: Any) -> Any:
    """Outcome of an incident of an agency."""
    return intake(row).take(message(incident(**changes)))


def test_a_police_incident_keeps_nothing_of_its_subject() -> None:
    """Below the threshold the subject is nobody, is not correlated, and the sender is told."""
    outcome = taken(POLICE, kind="incident", persons=[person(), suspect()])
    hub = outcome.incident
    assert hub["recording_regime"] == "police-nchi"
    assert hub["linkable"] is True  # the complainant may be a repeat victim
    complainant, subject = hub["persons"]
    assert (complainant["role"], subject["role"]) == ("complainant", "subject")
    assert complainant["encoding"] is not None
    assert subject["encoding"] is None
    assert subject["category"] == "other"
    assert subject["child"] is None
    assert not any(opened(hub, 1).values())
    assert opened(hub, 0)["family_name"] == "Quillfeather"
    assert faults_of(outcome) == {"persons[1]": "stripped"}
    assert outcome.receipt["status"] == "accepted"


def opened(hub: Any, position: int) -> Any:
    """The identity of a person of a hub incident, as the release gate sees it."""
    return json.loads(
        opener().open(
            hub["release_key_id"],
            hub["release_wrapped_key"],
            hub["persons"][position]["identity"],
            identity_aad(hub["incident_id"], position),
        )
    )


def test_a_police_incident_above_the_threshold_keeps_its_subject() -> None:
    """The officer says so by naming the regime."""
    hub = taken(
        POLICE,
        kind="incident",
        recording_regime="police-nchi-threshold-met",
        persons=[person(), suspect()],
    ).incident
    assert hub["recording_regime"] == "police-nchi-threshold-met"
    assert hub["linkable"] is True
    assert opened(hub, 1)["family_name"] == "Quillfeather"
    assert hub["persons"][1]["encoding"] is not None


def test_naming_the_crime_regime_does_not_make_an_incident_a_crime() -> None:
    """The gate for subjects cannot be stepped around."""
    hub = taken(POLICE, kind="incident", recording_regime="police-hate-crime").incident
    assert hub["recording_regime"] == "police-nchi"


def test_a_police_crime_has_victims_and_suspects() -> None:
    """Whatever words the sender uses."""
    hub = taken(POLICE, persons=[person(role="complainant"), person(role="subject")]).incident
    assert [one["role"] for one in hub["persons"]] == ["victim", "suspect"]
    assert all(one["encoding"] for one in hub["persons"])


def test_the_code_binds_the_police_alone() -> None:
    """A council's incident keeps its suspect."""
    hub = taken(agency(), kind="incident").incident
    assert hub["recording_regime"] == "partner-report"
    assert hub["linkable"] is True
    assert hub["persons"][1]["encoding"] is not None


@pytest.mark.parametrize(
    ("row", "named", "code"),
    [
        (POLICE, "partner-report", "regime-not-allowed"),
        (agency(), "police-nchi-threshold-met", "regime-not-allowed"),
        (agency(), "made-up", "unknown-regime"),
    ],
)
def test_a_regime_must_be_open_to_the_agency(row: Any, named: str, code: str) -> None:
    """The rule lists those that are."""
    outcome = taken(row, recording_regime=named)
    assert faults_of(outcome) == {"recording_regime": code}
    assert "made-up" not in outcome.receipt["faults"][0]["rule"]


def test_a_public_data_set_has_no_persons_to_keep() -> None:
    """Whoever is in it is nobody to the hub."""
    row = agency(type="public-data", recording_regime="public-dataset")
    hub = taken(row, persons=[person()]).incident
    assert not any(opened(hub, 0).values())
    assert hub["persons"][0]["encoding"] is None
    assert hub["linkable"] is False


def test_witnesses_are_never_correlated() -> None:
    """Not even where the regime is the widest."""
    hub = taken(agency(), persons=[person(role="witness", category="witness")]).incident
    assert hub["persons"][0]["encoding"] is None


def test_the_shipped_table_is_the_one_in_the_file() -> None:
    """Reading twice gives the same rows."""
    assert regimes.Regimes.shipped().ids() == Regimes.shipped().ids()
