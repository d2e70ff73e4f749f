"""Made-up events, agencies and a hub's keys for the tests of intake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from processors.intake.inbound import Inbound
from processors.intake.intake import Intake
from processors.intake.regimes import Regimes
from processors.intake.seal import Sealing
from schemas import codec, envelope
from schemas.encoding import encode
from schemas.identifiers import Pseudonyms
from schemas.records import Agency, Incident, TensionReport
from schemas.registry import ShippedSchemaIds
from schemas.sealing import Opener, PrivateKey, Sealer

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
AGENCY = "north-council"
AGENCY_KEY = Ed25519PrivateKey.from_private_bytes(b"a" * 32)
HUB_KEY = Ed25519PrivateKey.from_private_bytes(b"h" * 32)
RELEASE = PrivateKey("release-1", bytes(range(96)))
LINKAGE = PrivateKey("linkage-1", bytes(range(1, 97)))

MARKERS = (
    "Zaharenka",
    "Quillfeather",
    "Zazzi",
    "1971-11-23",
    "07700900123",
    "7700900123",
    "zq.mark@example.org",
    "Marker Road",
    "485777",
    "LS9 8QQ",
    "LS98QQ",
    "100012345678",
    "Gargoyle",
    "the words of the narrative",
    "north chapel folk",
    "SRC-77-VERBATIM",
    "only to the panel",
    "chandler",
)
"""Values of the example incident that can tell who or where it was."""


def agency(**changes: Any) -> Agency:
    """A council with one key, unless told otherwise."""
    row: dict[str, Any] = {
        "agency": AGENCY,
        "name": "North Council",
        "type": "council",
        "status": "active",
        "signature": "optional",
        "keys": [key("north-1", AGENCY_KEY)],
        "recording_regime": "partner-report",
        "defaults": {"district": "north"},
        "updated_at": NOW,
        "contact": None,
    }
    return row | changes  # type: ignore[return-value]


def key(
    key_id: str, private: Ed25519PrivateKey, *, valid_to: datetime | None = None
) -> dict[str, Any]:
    """A key of an agency's row, valid since a year before now."""
    return {
        "key_id": key_id,
        "public_key": private.public_key().public_bytes_raw(),
        "valid_from": NOW - timedelta(days=365),
        "valid_to": valid_to,
    }


def person(**changes: Any) -> dict[str, Any]:
    """A person full of markers."""
    return {
        "role": "victim",
        "category": "victim",
        "basis": "fact",
        "given_names": " Zaharenka ",
        "family_name": "Quillfeather",
        "full_name": None,
        "also_known_as": ["Zazzi"],
        "date_of_birth": "1971-11-23",
        "age": None,
        "sex": "F",
        "ethnicity": "a2",
        "religion": None,
        "occupation": "chandler",
        "address": {
            "house": "12",
            "street": "Marker Road",
            "locality": None,
            "region": None,
            "postcode": "ls98qq",
            "uprn": None,
        },
        "phones": ["07700 900123"],
        "emails": ["ZQ.Mark@example.org"],
        "identifiers": [{"scheme": "nhs_number", "value": "485777"}],
        "vulnerabilities": [],
        "wants_contact": None,
    } | changes


def incident(**changes: Any) -> Incident:
    """A valid incident with one victim and one suspect."""
    partial: dict[str, Any] = {
        "event_id": "evt-1",
        "agency": AGENCY,
        "reference": "REF-1",
        "recorded_at": datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
        "occurred": {"from": datetime(2026, 2, 28, 20, 0, tzinfo=UTC)},
        "kind": "crime",
        "strands": ["Religion", "race"],
        "other_strands": ["north chapel folk"],
        "perceived_by": ["victim"],
        "perceived_target": ["religion:sikh"],
        "incident_type": "abusive_behaviour",
        "source_code": "SRC-77-VERBATIM",
        "narrative": "the words of the narrative: Gargoyle",
        "location": {"street": "Marker Rd", "postcode": "LS9 8QQ", "uprn": "100012345678"},
        "persons": [person(), person(role="suspect", category="suspect", given_names="Gargoyle")],
        "harm": {"injury": "minor"},
        "consent": {"state": "given", "scope": ["cmarac"]},
        "handling": {"code": "C", "conditions": "only to the panel"},
    }
    return codec.complete("incident.v1", partial | changes)  # type: ignore[return-value]


def report(**changes: Any) -> TensionReport:
    """A valid tension report."""
    partial: dict[str, Any] = {
        "event_id": "evt-t1",
        "agency": AGENCY,
        "reference": "TEN-1",
        "recorded_at": datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
        "observed": {"from": datetime(2026, 2, 28, tzinfo=UTC), "precision": "day"},
        "eep": "experienced",
        "category": "racial",
        "strands": ["race"],
        "group_affected": "race:asian",
        "district": "north",
        "grading": {"source": 2, "intelligence": "B"},
        "detail": "the words of the narrative",
        "origin_ref": "CALL-9",
    }
    return codec.complete("tension-report.v1", partial | changes)  # type: ignore[return-value]


def sealing() -> Sealing:
    """Sealing with the test hub's keys."""
    return Sealing(Sealer(RELEASE.public), Sealer(LINKAGE.public), encode, b"e" * 32)


def opener() -> Opener:
    """Opens what `sealing` seals."""
    return Opener({RELEASE.key_id: RELEASE, LINKAGE.key_id: LINKAGE})


def intake(*rows: Agency, districts: Mapping[str, str] | None = None) -> Intake:
    """An intake that knows the given agencies, or the example one, and districts of wards."""
    return Intake(
        schema_ids=ShippedSchemaIds(),
        regimes=Regimes.shipped(),
        pseudonyms=Pseudonyms(b"p" * 32),
        sealing=sealing(),
        hub_key=HUB_KEY.public_key(),
        agencies={row["agency"]: row for row in rows or (agency(),)},
        districts=districts,
    )


def message(record: Any, *, topic: str | None = None, **changes: Any) -> Inbound:
    """The record as a standard client sends it: framed, keyed by its reference, no headers."""
    name = "tension-report.v1" if "observed" in record else "incident.v1"
    kind = "tension" if "observed" in record else "incident"
    fields: dict[str, Any] = {
        "topic": topic or f"agency.{AGENCY}.{kind}.v1",
        "partition": 0,
        "offset": 7,
        "key": record["reference"].encode(),
        "value": codec.frame(ShippedSchemaIds().id_of(name), codec.encode(name, record)),
        "headers": [],
        "received_at": NOW,
    }
    return Inbound(**(fields | changes))


def signed(
    record: Any, private: Ed25519PrivateKey = AGENCY_KEY, key_id: str = "north-1", **changes: Any
) -> Inbound:
    """The record as the SDK sends it: with CloudEvents headers and a signature."""
    bare = message(record, **changes)
    headers = envelope.headers(
        id_=record["event_id"], source=f"/agency/{AGENCY}", type_="incident.v1", time=NOW
    )
    headers = envelope.sign(private, key_id, bare.topic, bare.key, headers, bare.value or b"")
    return message(record, **(changes | {"headers": headers}))


def faults_of(outcome: Any) -> dict[str, str]:
    """Fault codes of an outcome's receipt by path."""
    return {fault["path"]: fault["code"] for fault in outcome.receipt["faults"]}
