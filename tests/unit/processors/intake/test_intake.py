"""One message in, one outcome out."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from processors.intake import normalise
from processors.intake.intake import Intake
from processors.intake.replies import KEPT
from schemas import codec
from schemas.keyring import Keyring
from schemas.registry import RegistryError, ShippedSchemaIds
from schemas.sealing import details_aad
from tests.unit.processors.intake.example import (
    AGENCY,
    MARKERS,
    agency,
    faults_of,
    incident,
    intake,
    message,
    opener,
    report,
)


def test_a_valid_incident_is_accepted() -> None:
    """Receipt, hub incident, one audit entry; no item, which a report has, and no dead letter."""
    outcome = intake().take(message(incident()))
    assert outcome.receipt["status"] == "accepted"
    assert outcome.receipt["faults"] == []
    assert outcome.incident is not None
    assert outcome.receipt["incident_id"] == outcome.incident["incident_id"]
    assert outcome.tension_item is None
    assert [entry["operation"] for entry in outcome.audit] == ["collection"]
    assert outcome.dead_letter is None


def test_everything_that_comes_out_can_be_encoded() -> None:
    """Outcomes are records of the contract."""
    hub = intake()
    for one in (message(incident()), message(report()), message(incident(), value=None)):
        assert encoded(hub.take(one))


def encoded(outcome: Any) -> bytes:
    """All records of an outcome as they travel."""
    parts = [codec.encode("receipt.v1", outcome.receipt)]
    parts += [codec.encode("audit.v1", entry) for entry in outcome.audit]
    if outcome.incident is not None:
        parts.append(codec.encode("hub-incident.v1", outcome.incident))
    if outcome.tension_item is not None:
        parts.append(codec.encode("tension-item.v1", outcome.tension_item))
    if outcome.dead_letter is not None:
        parts.append(codec.encode("dead-letter.v1", outcome.dead_letter))
    return b"|".join(parts)


@pytest.mark.parametrize(
    "inbound",
    [
        message(incident()),
        message(incident(kind="Gargoyle", strands=["Quillfeather"])),
        message(report(detail="Quillfeather", platform="Zazzi", source_of_tension="Marker Road")),
        message(incident(), value=(message(incident()).value or b"")[:-3]),
        message(incident(), value=(message(incident()).value or b"") + b"Zaharenka"),
    ],
)
def test_no_marker_survives_in_clear(inbound: Any) -> None:
    """Whatever becomes of an event, nothing that comes out shows a person."""
    out = encoded(intake().take(inbound)).lower()
    assert not [marker for marker in MARKERS if marker.lower().encode() in out]


def test_a_faulty_incident_is_rejected_with_every_reason() -> None:
    """Nothing but the receipt comes out."""
    outcome = intake().take(message(incident(kind="x", gsc="y", recording_regime="z")))
    assert faults_of(outcome) == {
        "kind": "unknown-kind",
        "gsc": "unknown-gsc",
        "recording_regime": "unknown-regime",
    }
    assert outcome.receipt["status"] == "rejected"
    assert outcome.receipt["incident_id"] is None
    assert outcome.receipt["reference"] == "REF-1"
    assert (outcome.incident, outcome.tension_item, outcome.audit) == (None, None, [])
    assert outcome.dead_letter is None


def test_a_faulty_report_is_rejected_with_every_reason() -> None:
    """Reports have receipts too."""
    outcome = intake().take(message(report(eep=None, district="")))
    assert faults_of(outcome) == {"eep": "eep-missing", "district": "district-missing"}
    assert outcome.receipt["record"] == "tension-report"


def test_an_event_that_stands_gives_all_but_its_sealed_record_again() -> None:
    """After a crash between two sends nothing is missing, and nothing is doubled."""
    hub = intake()
    first, again = hub.take(message(incident())), hub.take(message(incident(), offset=8))
    assert again.incident is None
    assert again.receipt == first.receipt
    assert again.audit == first.audit
    hub.take(message(report()))
    repeated = hub.take(message(report()))
    assert repeated.tension_item is None
    assert len(repeated.audit) == 1


def test_a_later_version_takes_the_place_of_an_earlier_one() -> None:
    """And the earlier one, coming late, does not come back."""
    hub = intake()
    old, new = (
        incident(),
        incident(version=2, supersedes="evt-1", event_id="evt-2", kind="incident"),
    )
    first = hub.take(message(new))
    late = hub.take(message(old))
    assert first.incident is not None
    assert [entry["operation"] for entry in first.audit] == ["alteration"]
    assert (late.incident, late.tension_item, late.audit) == (None, None, [])
    assert late.receipt["status"] == "accepted"


@pytest.mark.parametrize("tombstone", [True, False])
def test_a_retraction_is_final_and_leaves_nothing(*, tombstone: bool) -> None:
    """Ids and the order of versions are all that stays."""
    hub = intake()
    hub.take(message(incident()))
    gone = incident(retracted=True, version=2, event_id="evt-2", persons=[])
    inbound = message(incident(), value=None, headers=[("ce_id", b"evt-2")])
    outcome = hub.take(inbound if tombstone else message(gone))
    record = outcome.incident
    assert record is not None
    assert record["retracted"]
    kept = {name for name, value in record.items() if value} - {"occurred", "harm", "consent"}
    assert kept <= {
        "incident_id",
        "agency",
        "version",
        "event_id",
        "content_digest",
        "retracted",
        "recorded_at",
        "handling",
    }
    assert [entry["operation"] for entry in outcome.audit] == ["erasure"]
    assert outcome.receipt["event_id"] == "evt-2"
    assert hub.take(message(incident(version=9, event_id="evt-9"))).incident is None


def test_a_report_can_be_retracted() -> None:
    """By a later version or by a tombstone; a second time changes nothing."""
    hub = intake()
    hub.take(message(report()))
    outcome = hub.take(message(report(), value=None))
    assert outcome.tension_item is not None
    assert outcome.tension_item["retracted"]
    assert outcome.tension_item["details"] is None
    assert hub.take(message(report(retracted=True))).tension_item is not None
    assert hub.take(message(report(version=3))).tension_item is None


def test_a_tombstone_needs_a_key() -> None:
    """Otherwise nobody knows what is retracted."""
    outcome = intake().take(message(incident(), value=None, key=None))
    assert faults_of(outcome) == {"reference": "reference-form"}


def test_an_unreadable_message_is_kept_sealed_for_an_operator() -> None:
    """Its first 64 KiB, with reason, size and position."""
    value = b"\x07" + b"Quillfeather" * 10_000
    outcome = intake().take(message(incident(), value=value, headers=[("ce_id", b"evt-1")]))
    letter = outcome.dead_letter
    assert letter is not None
    assert (letter["reason"], letter["size"]) == ("not-framed", len(value))
    assert letter["source"] == f"agency.{AGENCY}.incident.v1/0/7"
    payload = opener().open(
        letter["release_key_id"],
        letter["release_wrapped_key"],
        letter["payload"],
        details_aad("evt-1"),
    )
    assert payload == value[:KEPT]
    assert outcome.receipt["status"] == "rejected"
    assert outcome.receipt["event_id"] == "evt-1"
    assert outcome.receipt["reference"] == "REF-1"


def test_the_limit_of_size_can_be_set() -> None:
    """By whoever runs the hub."""
    small = Intake(**(_parts(intake()) | {"max_event_bytes": 10}))
    assert faults_of(small.take(message(incident()))) == {"": "oversize"}


def _parts(hub: Intake) -> dict[str, Any]:
    return {
        "schema_ids": hub._schema_ids,
        "regimes": hub._regimes,
        "pseudonyms": hub._acceptance._pseudonyms,
        "sealing": hub._sealing,
        "hub_key": hub._signatures._hub_key,
        "agencies": hub.agencies,
    }


@pytest.mark.parametrize("topic", ["hub.incident.v1", "agency.north-council.receipt.v1", "x", ""])
def test_another_topic_is_refused(topic: str) -> None:
    """Intake reads what agencies publish and nothing else."""
    outcome = intake().take(message(incident(), topic=topic or " "))
    assert faults_of(outcome) == {"": "wrong-topic"}


def test_an_unexpected_failure_is_a_dead_letter_and_shows_no_value(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The stream goes on; the log names the place in the code."""

    def fail(*_: Any) -> None:
        raise RuntimeError("Quillfeather")

    hub = intake()
    with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(normalise, "incident", fail)
        outcome = hub.take(message(incident()))
    assert faults_of(outcome) == {"": "internal-error"}
    assert outcome.dead_letter is not None
    assert "RuntimeError in fail" in caplog.text
    assert "Quillfeather" not in caplog.text
    assert hub.take(message(incident())).incident is not None


def test_a_registry_that_is_away_is_not_the_messages_fault() -> None:
    """It must wait; nothing stands yet."""

    class Away(ShippedSchemaIds):
        """Never answers."""

        def writer_of(self, schema_id: int) -> Any | None:
            """Fails."""
            raise RegistryError("away")

    hub = Intake(**(_parts(intake()) | {"schema_ids": Away()}))
    with pytest.raises(RegistryError):
        hub.take(message(incident()))
    assert not hub.current


def test_what_was_published_is_remembered_after_a_restart() -> None:
    """Restored from hub topics in any order, the same events change nothing."""
    before, after = intake(), intake()
    outcomes = [
        before.take(message(incident())),
        before.take(message(incident(version=2, event_id="evt-2"))),
        before.take(message(report())),
    ]
    for outcome in reversed(outcomes):
        if outcome.incident is not None:
            after.restore("hub.incident.v1", outcome.incident)
        if outcome.tension_item is not None:
            after.restore("hub.tension.v1", outcome.tension_item)
    assert after.current == before.current
    assert after.take(message(incident())).incident is None
    assert after.take(message(report())).tension_item is None


def test_absent_areas_come_from_the_agencys_row() -> None:
    """Ward, district and kind of place; what the event says goes first."""
    defaults = {"district": "north", "ward": "N1", "place_type": "home"}
    hub = intake(agency(defaults=defaults))
    plain: Any = hub.take(message(incident())).incident
    told: Any = hub.take(message(incident(version=2, location={"ward": "N2"}))).incident
    assert (plain["district"], plain["ward"], plain["place_type"]) == ("north", "N1", "home")
    assert told["ward"] == "N2"


def test_a_strand_that_is_not_told_follows_from_the_target() -> None:
    """Who was aimed at says why."""
    changes: Any = {"strands": [], "other_strands": [], "perceived_target": ["religion:jewish"]}
    record: Any = intake().take(message(incident(**changes))).incident
    assert record["strands"] == ["religion"]


def test_a_hub_with_a_keyring_takes_events_in(tmp_path: Path) -> None:
    """Public halves and secrets are enough; no key that opens anything is needed."""
    ring = Keyring.create(tmp_path)
    for private in ("release.key", "linkage.key", "signing.key"):
        (tmp_path / private).unlink()
    hub = Intake.from_keyring(Keyring(ring.folder), ShippedSchemaIds())
    hub.agencies[AGENCY] = agency()
    assert hub.take(message(incident())).incident is not None
