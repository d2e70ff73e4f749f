"""What intake publishes about an incident: facts in clear, persons sealed."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final, cast

from processors.intake.decide import Standing
from processors.intake.regimes import Regime
from processors.intake.seal import SealedIncident
from processors.intake.severity import severity
from schemas.records import HubIncident, Incident
from schemas.topics import AGENCY_ID

NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands where a withdrawn record must have a time and no longer has one."""


_AS_KEPT: Final = (
    "agency",
    "event_id",
    "occurred",
    "kind",
    "recording_regime",
    "perceived_by",
    "perceived_target",
    "incident_type",
    "offence_code",
    "aggravated",
    "harm",
    "rubric",
    "referred_at",
    "consent",
    "victim_wishes",
    "gsc",
    "review_by",
)
"""Fields that are the incident's own, in canonical form."""
_TENANCY: Final = "tenancy:"
_VICTIMS: Final = frozenset({"victim", "complainant"})
_AREA: Final = ("ward", "district", "place_type", "online")
_EMPTY: Final[HubIncident] = {
    "incident_id": "",
    "agency": "",
    "version": 0,
    "event_id": "",
    "content_digest": b"",
    "retracted": True,
    "recorded_at": NEVER,
    "occurred": {"from": NEVER, "to": None, "precision": "unknown"},
    "kind": "",
    "recording_regime": "",
    "strands": [],
    "perceived_by": [],
    "perceived_target": [],
    "incident_type": None,
    "offence_code": None,
    "aggravated": None,
    "ward": None,
    "district": None,
    "place_type": None,
    "online": False,
    "place_token": None,
    "harm": {
        "injury": "unknown",
        "weapon": False,
        "threat": False,
        "threat_to_life": False,
        "arson": False,
        "damage": False,
    },
    "severity": 0,
    "rubric": {},
    "referred_at": None,
    "consent": {"state": "not_asked", "scope": [], "asked_at": None, "withdrawn_at": None},
    "victim_wishes": [],
    "gsc": "",
    "handling": {"code": "", "conditional": False},
    "outcome_code": None,
    "review_by": None,
    "linkable": False,
    "tenant_of": [],
    "persons": [],
    "details": b"",
    "release_key_id": "",
    "release_wrapped_key": b"",
    "linkage_key_id": "",
    "linkage_wrapped_key": b"",
}


def accepted(
    incident_id: str,
    record: Incident,
    standing: Standing,
    regime: Regime,
    place_token: bytes | None,
    sealed: SealedIncident,
) -> HubIncident:
    """The hub's record of an incident in canonical form."""
    fields: Mapping[str, Any] = record
    place: Mapping[str, Any] = record["location"]
    handling, outcome = record["handling"], record["outcome"]
    hub: dict[str, Any] = {name: fields[name] for name in _AS_KEPT}
    hub |= {name: place[name] for name in _AREA}
    hub |= {
        "incident_id": incident_id,
        "version": standing.version,
        "content_digest": standing.digest,
        "retracted": False,
        "recorded_at": standing.recorded_at,
        "strands": strands(record),
        "place_token": place_token,
        "severity": severity(record["kind"], record["harm"], online=record["location"]["online"]),
        "handling": {
            "code": handling["code"],
            "conditional": handling["conditions"] is not None,
        },
        "outcome_code": outcome["code"].strip() if outcome is not None else None,
        "linkable": regime.linkable,
        "tenant_of": landlords(record),
        "persons": sealed.persons,
        "details": sealed.details,
        "release_key_id": sealed.release_key_id,
        "release_wrapped_key": sealed.release_wrapped_key,
        "linkage_key_id": sealed.linkage_key_id,
        "linkage_wrapped_key": sealed.linkage_wrapped_key,
    }
    return cast("HubIncident", hub)


def strands(record: Incident) -> list[str]:
    """Strands of an incident in canonical form, sorted; a local one counts as other."""
    if record["other_strands"]:
        return sorted({*record["strands"], "other"})
    return record["strands"]


def landlords(record: Incident) -> list[str]:
    """Agencies that a victim's tenancy is with, sorted: its identifier's scheme names them."""
    found = (
        one["scheme"].removeprefix(_TENANCY)
        for person in record["persons"]
        if person["role"] in _VICTIMS
        for one in person["identifiers"]
        if one["scheme"].startswith(_TENANCY) and one["value"]
    )
    return sorted({agency for agency in found if AGENCY_ID.fullmatch(agency)})


def withdrawn(incident_id: str, agency: str, event_id: str, standing: Standing) -> HubIncident:
    """The hub's record of a retracted incident: ids and the order of versions, nothing else."""
    return {
        **deepcopy(_EMPTY),
        "incident_id": incident_id,
        "agency": agency,
        "version": standing.version,
        "event_id": event_id,
        "content_digest": standing.digest,
        "recorded_at": standing.recorded_at,
    }
