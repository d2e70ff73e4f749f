"""Rules for incidents: what is refused, and what must not be."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas import codec
from schemas.validation import validate_incident
from tests.unit.processors.intake.example import MARKERS, NOW, incident, person

RECORDED = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def faults(**changes: Any) -> set[tuple[str, str]]:
    """Codes and paths of the faults of the example with changes."""
    found = validate_incident(codec.complete("incident.v1", dict(incident(**changes))), now=NOW)  # type: ignore[arg-type]
    return {(fault["code"], fault["path"]) for fault in found}


def test_the_example_has_no_fault() -> None:
    """A usual incident passes."""
    assert faults() == set()


def test_a_bare_public_record_from_abroad_passes() -> None:
    """No persons, no postcode, no perceived_by, no incident type: publishable."""
    assert not faults(
        strands=[],
        other_strands=[],
        perceived_target=["religion:jewish"],
        perceived_by=[],
        incident_type=None,
        persons=[],
        location={"district": "PATROL BORO BKLYN SOUTH", "ward": "61"},
        occurred={"from": RECORDED, "precision": "month"},
    )


def test_an_anonymous_report_passes() -> None:
    """A person of whom only the role is known is a person."""
    assert not faults(persons=[{"role": "victim"}])


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"event_id": ""}, "reference-form", "event_id"),
        ({"event_id": "e" * 201}, "reference-form", "event_id"),
        ({"reference": " "}, "reference-form", "reference"),
        ({"reference": "a\nb"}, "reference-form", "reference"),
        ({"version": 0}, "version-range", "version"),
        ({"supersedes": "evt-0"}, "version-supersedes", "version"),
        ({"version": 2, "supersedes": "evt-1"}, "supersedes-itself", "supersedes"),
        ({"recorded_at": NOW + timedelta(days=2)}, "in-future", "recorded_at"),
        ({"kind": "rumour"}, "unknown-kind", "kind"),
        ({"strands": ["weather"]}, "unknown-strand", "strands[0]"),
        ({"strands": ["race"] * 51}, "too-many", "strands"),
        ({"perceived_by": ["nobody"]}, "unknown-perceived-by", "perceived_by[0]"),
        ({"perceived_target": ["religion"]}, "unknown-target", "perceived_target[0]"),
        ({"incident_type": "x"}, "unknown-incident-type", "incident_type"),
        ({"harm": {"injury": "broken"}}, "unknown-injury", "harm.injury"),
        ({"victim_wishes": ["a dog"]}, "unknown-victim-wish", "victim_wishes[0]"),
        ({"offence_code": "a long story " * 4}, "code-form", "offence_code"),
        ({"narrative": "x" * 20_001}, "too-long", "narrative"),
        ({"location": {"postcode": "10001"}}, "postcode-form", "location.postcode"),
        ({"location": {"uprn": "12a"}}, "uprn-form", "location.uprn"),
        ({"location": {"ward": "a" * 65}}, "area-form", "location.ward"),
        ({"location": {"place_type": "moon"}}, "unknown-place-type", "location.place_type"),
        ({"gsc": "SECRET"}, "unknown-gsc", "gsc"),
        ({"handling": {"code": "X"}}, "unknown-handling", "handling.code"),
        ({"handling": {"code": "C"}}, "conditions-missing", "handling.conditions"),
        ({"handling": {"code": "c"}}, "conditions-missing", "handling.conditions"),
        ({"linked_references": ["x" * 201]}, "too-long", "linked_references[0]"),
        ({"outcome": {"code": "it went well: everybody"}}, "code-form", "outcome.code"),
        ({"rubric": {"2": 3}}, "rubric-points", "rubric.2"),
        ({"rubric": {"Anna": 3}}, "unknown-rubric-item", "rubric"),
        ({"persons": [person()] * 51}, "too-many", "persons"),
    ],
)
def test_one_departure_is_one_fault(changes: dict[str, Any], code: str, path: str) -> None:
    """Each rule answers with its code and path, and nothing else complains."""
    assert faults(**changes) == {(code, path)}


def test_some_strand_or_target_is_required() -> None:
    """An incident without any strand, local ones included, is not a hate incident."""
    assert faults(strands=[], other_strands=[], perceived_target=[]) == {
        ("strand-missing", "strands")
    }


@pytest.mark.parametrize(
    ("occurred", "code", "path"),
    [
        ({"from": RECORDED + timedelta(days=2)}, "after-recorded", "occurred.from"),
        ({"from": NOW + timedelta(days=3), "precision": "week"}, "in-future", "occurred.from"),
        ({"from": datetime(1899, 12, 31, tzinfo=UTC)}, "too-early", "occurred.from"),
        (
            {"from": RECORDED, "to": RECORDED - timedelta(hours=1)},
            "ends-before-start",
            "occurred.to",
        ),
        ({"from": RECORDED, "to": RECORDED + timedelta(days=9)}, "after-recorded", "occurred.to"),
        ({"from": RECORDED, "precision": "roughly"}, "unknown-precision", "occurred.precision"),
    ],
)
def test_impossible_times_are_faults(occurred: dict[str, Any], code: str, path: str) -> None:
    """In the future, before 1900, ending before it starts, or later than its own record."""
    assert faults(occurred=occurred) == {(code, path)}


def test_a_coarse_period_may_end_after_it_was_recorded() -> None:
    """Some time in March, recorded on the first of March."""
    april = datetime(2026, 4, 1, tzinfo=UTC)
    assert not faults(occurred={"from": RECORDED, "to": april, "precision": "month"})


@pytest.mark.parametrize(
    ("consent", "path"),
    [
        ({"state": "withdrawn"}, "consent.withdrawn_at"),
        ({"state": "given", "withdrawn_at": RECORDED}, "consent.withdrawn_at"),
        (
            {
                "state": "withdrawn",
                "asked_at": RECORDED,
                "withdrawn_at": RECORDED - timedelta(days=1),
            },
            "consent.withdrawn_at",
        ),
        ({"state": "not_asked", "scope": ["cmarac"]}, "consent.scope"),
    ],
)
def test_consent_may_not_contradict_itself(consent: dict[str, Any], path: str) -> None:
    """Unclear consent is unsafe: it is refused rather than guessed."""
    assert faults(consent=consent) == {("consent-inconsistent", path)}


@pytest.mark.parametrize(
    "consent",
    [
        {"state": "withdrawn", "withdrawn_at": RECORDED, "scope": ["any"]},
        {"state": "refused", "asked_at": RECORDED},
        {"state": "Not safe to ask"},
    ],
)
def test_consistent_consent_passes(consent: dict[str, Any]) -> None:
    """Withdrawn with its time, refused, not asked for safety."""
    assert not faults(consent=consent)


@pytest.mark.parametrize(
    "postcode",
    ["LS1 4AP", "ls14ap", "LS1", "LS1 4", "W1A 1AA", "BFPO 57", "GIR 0AA", "ZZ99 3VZ", " ", ""],
)
def test_whole_partial_and_special_postcodes_pass(postcode: str) -> None:
    """Any spacing and case; an outward code or sector alone; forces, no fixed abode; blank."""
    assert not faults(location={"postcode": postcode})


@pytest.mark.parametrize(
    "district", ["E08000035", "King's Lynn & West Norfolk", "Ynys Mo\u0302n", " 61 ", ""]
)
def test_area_codes_and_names_pass(district: str) -> None:
    """Codes and names of areas anywhere, composed or not, trimmed or not; blank is absent."""
    assert not faults(location={"district": district})


def test_a_retracted_incident_needs_only_its_ids() -> None:
    """Whatever else is wrong with it does not matter any more."""
    assert not faults(retracted=True, kind="", strands=["x"], persons=[{"role": "?"}])
    assert faults(retracted=True, reference="") == {("reference-form", "reference")}


def test_all_faults_come_at_once() -> None:
    """The sender corrects a file in one go."""
    assert len(faults(kind="x", gsc="x", version=0, strands=["x", "y"])) == 5


def test_faults_are_limited_and_say_so() -> None:
    """A receipt stays small however bad an event is."""
    bad = person(role="x", category="x", basis="x", sex="x", date_of_birth="x", age=-1)
    record = codec.complete("incident.v1", dict(incident(persons=[bad] * 50)))
    found = validate_incident(record, now=NOW)  # type: ignore[arg-type]
    assert len(found) == 100
    assert found[-1]["code"] == "more-faults"


def test_an_event_that_is_all_wrong_is_judged_quickly() -> None:
    """Putting faults into words stops where they are no longer listed."""
    bad = person(role="x" * 99, category="y" * 99, sex="z" * 99, ethnicity="q" * 99)
    rubric = {str(item): 9 for item in range(100, 5_000)}
    changes: Any = {"persons": [bad] * 50, "rubric": rubric, "perceived_target": ["w" * 99] * 50}
    record = codec.complete("incident.v1", dict(incident(**changes)))
    started = time.perf_counter()
    assert len(validate_incident(record, now=NOW)) == 100  # type: ignore[arg-type]
    assert time.perf_counter() - started < 1.0


def test_no_fault_repeats_a_value() -> None:
    """Rules name what is accepted; the value stays with the sender."""
    secret = "Quillfeather"
    record = incident(
        event_id=f"{secret}\n",
        kind=secret,
        strands=[secret],
        gsc=secret,
        rubric={secret: 1},
        offence_code=f"{secret}: {secret}",
        location={"postcode": secret, "uprn": secret, "ward": f"{secret};"},
        persons=[
            person(
                role=secret,
                sex=secret,
                date_of_birth=secret,
                phones=[secret],
                emails=[secret],
                identifiers=[{"scheme": "", "value": f"{secret}\x00"}],
            )
        ],
    )
    found = validate_incident(codec.complete("incident.v1", dict(record)), now=NOW)  # type: ignore[arg-type]
    assert len(found) >= 13
    assert not [marker for marker in MARKERS if marker in str(found)]


def test_a_misspelt_code_gets_the_nearest_one() -> None:
    """The rule lists a short vocabulary and names the nearest code of a long one."""
    record = codec.complete("incident.v1", dict(incident(perceived_target=["religion:muslims"])))
    (fault,) = validate_incident(record, now=NOW)  # type: ignore[arg-type]
    assert fault["rule"].endswith("the nearest is religion:muslim")
