"""Who may publish, and what a message may say about itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.unit.processors.intake.example import (
    AGENCY,
    AGENCY_KEY,
    HUB_KEY,
    NOW,
    agency,
    faults_of,
    incident,
    intake,
    key,
    message,
    signed,
)

STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)


def test_a_standard_client_needs_no_headers() -> None:
    """The topic says who it is."""
    assert intake().take(message(incident())).receipt["status"] == "accepted"


def test_a_signed_message_is_accepted() -> None:
    """The agency's own key verifies."""
    assert intake().take(signed(incident())).receipt["status"] == "accepted"


def test_the_hub_may_publish_on_behalf_of_an_agency_that_must_sign() -> None:
    """What came over HTTP bears the hub's signature."""
    inbound = signed(incident(), HUB_KEY, "hub")
    assert intake(agency(signature="required")).take(inbound).receipt["status"] == "accepted"


def test_a_stranger_cannot_pass_for_the_hub() -> None:
    """The name of the hub's key is not the hub's key."""
    outcome = intake().take(signed(incident(), STRANGER, "hub"))
    assert faults_of(outcome) == {"": "signature-invalid"}


@pytest.mark.parametrize(
    ("private", "key_id", "code"),
    [
        (STRANGER, "north-1", "signature-invalid"),
        (AGENCY_KEY, "north-9", "signature-key-unknown"),
    ],
)
def test_a_signature_that_is_present_must_verify(
    private: Ed25519PrivateKey, key_id: str, code: str
) -> None:
    """Even where none is required."""
    outcome = intake().take(signed(incident(), private, key_id))
    assert faults_of(outcome) == {"": code}
    assert outcome.incident is None


@pytest.mark.parametrize("part", ["key", "value", "headers"])
def test_a_signature_covers_the_whole_message(part: str) -> None:
    """Neither key nor value nor headers can be exchanged."""
    good, other = signed(incident()), signed(incident(reference="REF-2", event_id="evt-2"))
    mixed: dict[str, Any] = {name: getattr(good, name) for name in ("key", "value", "headers")}
    mixed[part] = getattr(other, part)
    outcome = intake().take(message(incident(), **mixed))
    assert "signature-invalid" in faults_of(outcome).values()


def test_an_agency_may_have_to_sign() -> None:
    """Its row says so, for tombstones too."""
    strict = intake(agency(signature="required"))
    assert faults_of(strict.take(message(incident()))) == {"": "signature-missing"}
    assert faults_of(strict.take(message(incident(), value=None))) == {"": "signature-missing"}
    assert strict.take(signed(incident(), value=None)).receipt["status"] == "accepted"


def test_a_named_key_without_a_signature_is_a_missing_signature() -> None:
    """Somebody took it away."""
    inbound = message(incident(), headers=[("concord_key_id", b"north-1")])
    assert faults_of(intake().take(inbound)) == {"": "signature-missing"}


def test_a_rotated_key_verifies_what_was_received_before() -> None:
    """A message that waited in the log is still good; a later one is not."""
    rotated = agency(keys=[key("north-1", AGENCY_KEY, valid_to=NOW), key("north-2", STRANGER)])
    before = signed(incident(), received_at=NOW - timedelta(seconds=1))
    assert intake(rotated).take(before).receipt["status"] == "accepted"
    assert faults_of(intake(rotated).take(signed(incident()))) == {"": "signature-key-expired"}
    assert intake(rotated).take(signed(incident(), STRANGER, "north-2")).incident is not None


def test_a_key_is_not_valid_before_its_time() -> None:
    """Nor is one that is yet to come."""
    early = signed(incident(), received_at=NOW - timedelta(days=400))
    assert "signature-key-expired" in faults_of(intake().take(early)).values()


def test_an_agency_can_only_speak_for_itself() -> None:
    """Another agency's id inside the event is refused."""
    outcome = intake().take(message(incident(agency="south-police")))
    assert faults_of(outcome) == {"agency": "agency-mismatch"}
    assert outcome.receipt["agency"] == AGENCY


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        (b"/agency/south-police", {"ce_source": "agency-mismatch"}),
        (b"/agency/", {"ce_source": "agency-mismatch"}),
        (b"/agency/north-council", {}),
        (b"https://crm.north.example/cases", {}),
    ],
)
def test_a_source_header_may_not_name_another_agency(source: bytes, fault: dict[str, str]) -> None:
    """A sender's own source URI is its own affair."""
    assert faults_of(intake().take(message(incident(), headers=[("ce_source", source)]))) == fault


def test_header_id_and_key_must_agree_with_the_event() -> None:
    """Both are told at once; the receipt names the event's own id."""
    inbound = message(incident(), headers=[("ce_id", b"evt-9")], key=b"REF-9")
    outcome = intake().take(inbound)
    assert faults_of(outcome) == {"event_id": "event-id-mismatch", "reference": "key-mismatch"}
    assert outcome.receipt["event_id"] == "evt-1"


def test_a_suspended_agency_is_refused_with_the_reason() -> None:
    """Nothing of it is looked at."""
    outcome = intake(agency(status="suspended")).take(message(incident()))
    assert faults_of(outcome) == {"agency": "agency-suspended"}
    assert outcome.incident is None


def test_an_unknown_agency_is_refused_with_the_reason() -> None:
    """A topic without a row."""
    outcome = intake().take(message(incident(), topic="agency.nobody-knows.incident.v1"))
    assert faults_of(outcome) == {"agency": "agency-unknown"}
    assert outcome.dead_letter is not None
