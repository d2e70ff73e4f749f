"""Sealing: from here on nobody but the release gate and the matcher can see a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from processors.intake.persons import is_child
from processors.intake.regimes import Regime
from processors.intake.sanitising import sanitised
from schemas.records import Incident, Person, SealedPerson, TensionReport
from schemas.sealing import Seal, Sealer, details_aad, encoding_aad, identity_aad
from schemas.shape import timestamp_text

Encode = Callable[[Person, bytes, datetime | None], bytes | None]
"""Makes a person's linkage encoding under a key; None for a role that is not correlated.

An age means years of birth only together with the time at which it was recorded.
"""

IDENTIFYING: Final = (
    "given_names",
    "family_name",
    "full_name",
    "also_known_as",
    "date_of_birth",
    "age",
    "sex",
    "ethnicity",
    "religion",
    "occupation",
    "place_of_birth",
    "address",
    "phones",
    "emails",
    "identifiers",
    "vulnerabilities",
    "wants_contact",
)
"""Fields of a person that are sealed together as its identity."""
_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_EXACT_PLACE: Final = ("uprn", "house", "street", "postcode", "platform")
_REPORT_TEXT: Final = (
    "reference",
    "source_of_tension",
    "trigger_event",
    "trigger_date",
    "platform",
    "detail",
    "partner_action",
    "kin_consulted",
    "origin_ref",
)
_SANITISED: Final = (
    "source_of_tension",
    "trigger_event",
    "platform",
    "detail",
    "partner_action",
    "origin_ref",
)


@dataclass(frozen=True, slots=True)
class SealedIncident:
    """The sealed parts of an incident and the wrapped keys that they open with."""

    persons: list[SealedPerson]
    details: bytes
    release_key_id: str
    release_wrapped_key: bytes
    linkage_key_id: str
    linkage_wrapped_key: bytes


@dataclass(frozen=True, slots=True)
class SealedText:
    """One sealed text and its wrapped key."""

    data: bytes
    key_id: str
    wrapped_key: bytes


class Sealing:
    """Seals to the release key and, for encodings, to the linkage key."""

    def __init__(
        self, release: Sealer, linkage: Sealer, encode: Encode, encoding_secret: bytes
    ) -> None:
        self._release = release
        self._linkage = linkage
        self._encode = encode
        self._encoding_secret = encoding_secret

    def incident(self, incident_id: str, record: Incident, regime: Regime) -> SealedIncident:
        """Seal the persons and details of an incident in canonical form."""
        release, linkage = self._release.session(), self._linkage.session()
        return SealedIncident(
            persons=[
                self._person(incident_id, position, record, regime, release, linkage)
                for position in range(len(record["persons"]))
            ],
            details=release.seal(_json(_details(record)), details_aad(incident_id)),
            release_key_id=release.key_id,
            release_wrapped_key=release.wrapped_key,
            linkage_key_id=linkage.key_id,
            linkage_wrapped_key=linkage.wrapped_key,
        )

    def report(self, item_id: str, record: TensionReport) -> SealedText:
        """Seal the free text of a tension report, without the persons that are recognised in it.

        A source named in it is no more to be had than any other person: only the agency's own
        reference leads back to one.
        """
        text: dict[str, Any] = {name: record[name] for name in _REPORT_TEXT}
        text |= {name: sanitised(text[name]) for name in _SANITISED}
        grading, end = record["grading"], record["observed"]["to"]
        text["handling_conditions"] = sanitised(grading["conditions"]) if grading else None
        text["observed_to"] = timestamp_text(end) if end is not None else None
        return self.bytes_of(item_id, _json(text))

    def bytes_of(self, record_id: str, data: bytes) -> SealedText:
        """Seal bytes to the release key as the details of a record."""
        release = self._release.session()
        sealed = release.seal(data, details_aad(record_id))
        return SealedText(sealed, release.key_id, release.wrapped_key)

    def _person(
        self,
        incident_id: str,
        position: int,
        record: Incident,
        regime: Regime,
        release: Seal,
        linkage: Seal,
    ) -> SealedPerson:
        person = record["persons"][position]
        identity = {name: person[name] for name in IDENTIFYING}
        encoding: bytes | None = None
        if person["role"] in regime.correlate and not regime.strips(person["role"]):
            encoding = self._encode(person, self._encoding_secret, record["recorded_at"])
        if encoding is not None:
            encoding = linkage.seal(encoding, encoding_aad(incident_id, position))
        return {
            "position": position,
            "role": person["role"],
            "category": person["category"],
            "basis": person["basis"],
            "child": is_child(person, record["recorded_at"].date()),
            "identity": release.seal(_json(identity), identity_aad(incident_id, position)),
            "encoding": encoding,
        }


def _details(record: Incident) -> dict[str, Any]:
    place, outcome = record["location"], record["outcome"]
    return {
        "reference": record["reference"],
        "narrative": record["narrative"],
        "location": {name: place[name] for name in _EXACT_PLACE},
        "other_strands": record["other_strands"],
        "source_code": record["source_code"],
        "handling_conditions": record["handling"]["conditions"],
        "linked_references": record["linked_references"],
        "outcome": None
        if outcome is None
        else {
            "code": outcome["code"],
            "at": timestamp_text(outcome["at"]) if outcome["at"] is not None else None,
        },
    }


def _json(value: Any) -> bytes:
    return _JSON.encode(value).encode("utf-8")
