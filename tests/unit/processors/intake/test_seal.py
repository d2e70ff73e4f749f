"""What is sealed opens with the right key in the right place, and holds what it should."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.encoding import decode
from schemas.sealing import SealError, details_aad, encoding_aad, identity_aad
from tests.unit.processors.intake.example import (
    incident,
    intake,
    message,
    opener,
    person,
    report,
)


def hub(**changes: Any) -> Any:
    """The hub incident of the example with changes."""
    return intake().take(message(incident(**changes))).incident


def opened(record: Any, sealed: bytes, aad: bytes, key: str = "release") -> bytes:
    """A sealed part, opened."""
    return opener().open(record[f"{key}_key_id"], record[f"{key}_wrapped_key"], sealed, aad)


def test_an_identity_holds_the_identifying_fields_alone() -> None:
    """In canonical form; role and category stay outside."""
    record = hub()
    aad = identity_aad(record["incident_id"], 0)
    identity = json.loads(opened(record, record["persons"][0]["identity"], aad))
    assert identity["family_name"] == "Quillfeather"
    assert identity["phones"] == ["+447700900123"]
    assert "role" not in identity
    assert len(identity) == 17


def test_details_hold_what_is_restricted() -> None:
    """Reference, narrative, exact place, the originator's words, conditions, outcome."""
    record = hub(outcome={"code": "16", "at": incident()["recorded_at"]}, linked_references=["R9"])
    details = json.loads(opened(record, record["details"], details_aad(record["incident_id"])))
    assert details == {
        "reference": "REF-1",
        "narrative": "the words of the narrative: Gargoyle",
        "location": {
            "uprn": "100012345678",
            "house": None,
            "street": "Marker Rd",
            "postcode": "LS9 8QQ",
            "platform": None,
        },
        "other_strands": ["north chapel folk"],
        "source_code": "SRC-77-VERBATIM",
        "handling_conditions": "only to the panel",
        "linked_references": ["R9"],
        "outcome": {"code": "16", "at": "2026-03-01T09:00:00.000Z"},
    }
    assert record["outcome_code"] == "16"


def test_an_encoding_opens_with_the_linkage_key_alone() -> None:
    """And is one."""
    record = hub()
    aad, sealed = encoding_aad(record["incident_id"], 1), record["persons"][1]["encoding"]
    assert decode(opened(record, sealed, aad, "linkage")) is not None
    with pytest.raises(SealError):
        opened(record, sealed, aad, "release")


def test_a_sealed_part_opens_nowhere_else() -> None:
    """Not at another position, not in another incident."""
    record = hub()
    sealed = record["persons"][0]["identity"]
    for aad in (identity_aad(record["incident_id"], 1), identity_aad("inc_other", 0)):
        with pytest.raises(SealError):
            opened(record, sealed, aad)


def test_an_anonymous_person_has_no_encoding_to_correlate() -> None:
    """Nothing is known, nothing is compared; or the encoding is empty, which links nobody."""
    record = hub(persons=[{"role": "victim"}])
    assert record["persons"][0]["child"] is None


def test_conditions_make_the_handling_conditional_whatever_the_code() -> None:
    """A text that must travel is never dropped."""
    assert hub(handling={"code": "P", "conditions": "ask first"})["handling"] == {
        "code": "P",
        "conditional": True,
    }


def test_a_reports_free_text_is_sealed() -> None:
    """Only the release gate can read it."""
    item: Any = intake().take(message(report())).tension_item
    aad = details_aad(item["item_id"])
    text = json.loads(
        opener().open(item["release_key_id"], item["release_wrapped_key"], item["details"], aad)
    )
    assert text["detail"] == "the words of the narrative"
    assert text["origin_ref"] == "CALL-9"
    assert text["observed_to"] is None


def test_one_content_key_serves_a_run_of_incidents() -> None:
    """Wrapping is dear; sealing is not."""
    hub_intake = intake()
    wrapped = {
        hub_intake.take(
            message(incident(reference=f"R{number}", event_id=f"e{number}", persons=[person()]))
        ).incident["release_wrapped_key"]  # type: ignore[index]
        for number in range(5)
    }
    assert len(wrapped) == 1


def test_an_age_counts_from_the_day_of_recording() -> None:
    """The encoding holds years of birth, which an age alone does not give."""

    def years(**changes: Any) -> list[Any]:
        record = hub(persons=[person(date_of_birth=None, **changes)])
        aad = encoding_aad(record["incident_id"], 0)
        encoding = decode(opened(record, record["persons"][0]["encoding"], aad, "linkage"))
        return list(encoding.field("birth_years"))

    assert any(years(age=33))
    assert years(age=33) != years(age=43)
    assert not any(years(age=None))
