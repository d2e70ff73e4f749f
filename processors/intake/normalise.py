"""A valid event in canonical form: codes, text and areas, and what its recording regime keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from processors.intake import persons, wording
from processors.intake.regimes import Regime
from schemas.records import (
    Agency,
    Consent,
    Fault,
    Grading,
    Incident,
    Location,
    Occurred,
    Person,
    TensionReport,
)
from schemas.vocabulary import resolve, strand_of

_NOWHERE: Final[Mapping[str, str]] = MappingProxyType({})


def incident(
    record: Incident, agency: Agency, regime: Regime, districts: Mapping[str, str] = _NOWHERE
) -> tuple[Incident, list[Fault]]:
    """The incident as the hub keeps it, and a note for each thing that its regime left out.

    `record` is valid and stays as it is. Where no strand is given it follows from the target;
    a local strand makes the strand 'other'. Ward, district, place type and security marking that
    are absent come from the agency's row; but the district of a ward is the one it lies in, by
    `districts`, which holds the districts of the hub's wards by code.
    """
    kept, notes = _kept_persons(record["persons"], regime)
    targets = codes("target", record["perceived_target"])
    strands = codes("strand", record["strands"])
    if not strands and not record["other_strands"]:
        strands = sorted({strand_of(target) for target in targets})
    harm, handling = record["harm"], record["handling"]
    return {
        **record,
        "kind": _code("kind", record["kind"]),
        "recording_regime": regime.id,
        "occurred": _period(record["occurred"]),
        "strands": strands,
        "other_strands": wording.cleaned(record["other_strands"]),
        "perceived_by": codes("perceived_by", record["perceived_by"]),
        "perceived_target": targets,
        "incident_type": _optional("incident_type", record["incident_type"]),
        "offence_code": wording.clean(record["offence_code"]),
        "location": _location(record["location"], agency, districts),
        "persons": kept,
        "harm": {**harm, "injury": _code("injury", harm["injury"])},
        "rubric": dict(sorted(record["rubric"].items())),
        "consent": _consent(record["consent"]),
        "victim_wishes": codes("victim_wish", record["victim_wishes"]),
        "gsc": _code("gsc", record["gsc"]),
        "handling": {
            "code": _code("handling", handling["code"]),
            "conditions": wording.clean(handling["conditions"]),
        },
    }, notes


def report(record: TensionReport, agency: Agency) -> TensionReport:
    """The tension report as the hub keeps it. `record` is valid and stays as it is."""
    grading = record["grading"]
    return {
        **record,
        "eep": _optional("eep", record["eep"]),
        "category": _optional("tension_category", record["category"]),
        "strands": codes("strand", record["strands"]),
        "group_affected": _optional("target", record["group_affected"]),
        "ward": wording.clean(record["ward"]) or agency["defaults"].get("ward"),
        "district": wording.clean(record["district"]) or record["district"],
        "lsoa": wording.clean(record["lsoa"]),
        "grading": _grading(grading) if grading is not None else None,
        "direction": _optional("direction", record["direction"]),
        "origin_ref": wording.clean(record["origin_ref"]),
    }


def codes(name: str, texts: Sequence[str]) -> list[str]:
    """Codes of vocabulary `name`, sorted, each once; spellings that mean none are left out."""
    return sorted({code for code in (resolve(name, text) for text in texts) if code is not None})


def _code(name: str, text: str) -> str:
    """The code of a valid text. Validation has seen to it that there is one."""
    code = resolve(name, text)
    if code is None:
        raise ValueError(f"not a code of vocabulary {name}")
    return code


def _optional(name: str, text: str | None) -> str | None:
    return None if text is None else _code(name, text)


def _period(period: Occurred) -> Occurred:
    return {**period, "precision": _code("precision", period["precision"])}


def _consent(consent: Consent) -> Consent:
    return {
        **consent,
        "state": _code("consent_state", consent["state"]),
        "scope": codes("consent_scope", consent["scope"]),
    }


def _grading(grading: Grading) -> Grading:
    return {
        "source": grading["source"],
        "intelligence": _code("intelligence_grade", grading["intelligence"]),
        "handling": _code("handling", grading["handling"]),
        "conditions": wording.clean(grading["conditions"]),
    }


def _location(place: Location, agency: Agency, districts: Mapping[str, str]) -> Location:
    defaults = agency["defaults"]
    ward = wording.clean(place["ward"]) or defaults.get("ward")
    around = districts.get(ward) if ward else None
    return {
        "uprn": wording.uprn(place["uprn"]),
        "house": wording.clean(place["house"]),
        "street": wording.clean(place["street"]),
        "postcode": wording.postcode(place["postcode"]),
        "ward": ward,
        "district": wording.clean(place["district"]) or around or defaults.get("district"),
        "place_type": _optional("place_type", place["place_type"]) or defaults.get("place_type"),
        "online": place["online"],
        "platform": wording.clean(place["platform"]),
    }


def _kept_persons(reported: Sequence[Person], regime: Regime) -> tuple[list[Person], list[Fault]]:
    kept: list[Person] = []
    notes: list[Fault] = []
    for index, person in enumerate(reported):
        known = persons.canonical(person, regime)
        if regime.strips(known["role"]):
            bare = persons.stripped(known)
            if bare != known:
                path = f"persons[{index}]"
                notes.append({"code": "stripped", "path": path, "rule": regime.strip_rule})
            known = bare
        kept.append(known)
    return kept, notes
