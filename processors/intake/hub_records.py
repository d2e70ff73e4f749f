"""What intake publishes about an incident: facts in clear, persons sealed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from processors.intake.decide import Standing
from processors.intake.regimes import Regime
from processors.intake.seal import SealedIncident
from processors.intake.severity import severity
from schemas.records import HubIncident, Incident

NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands where a withdrawn record must have a time and no longer has one."""


def accepted(
    incident_id: str,
    record: Incident,
    standing: Standing,
    regime: Regime,
    place_token: bytes | None,
    sealed: SealedIncident,
) -> HubIncident:
    """The hub's record of an incident in canonical form."""
    place, harm, outcome = record["location"], record["harm"], record["outcome"]
    conditional = record["handling"]["conditions"] is not None
    return {
        "incident_id": incident_id,
        "agency": record["agency"],
        "version": standing.version,
        "event_id": record["event_id"],
        "content_digest": standing.digest,
        "retracted": False,
        "recorded_at": standing.recorded_at,
        "occurred": record["occurred"],
        "kind": record["kind"],
        "recording_regime": regime.id,
        "strands": strands(record),
        "perceived_by": record["perceived_by"],
        "perceived_target": record["perceived_target"],
        "incident_type": record["incident_type"],
        "offence_code": record["offence_code"],
        "aggravated": record["aggravated"],
        "ward": place["ward"],
        "district": place["district"],
        "place_type": place["place_type"],
        "online": place["online"],
        "place_token": place_token,
        "harm": harm,
        "severity": severity(record["kind"], harm, online=place["online"]),
        "rubric": record["rubric"],
        "referred_at": record["referred_at"],
        "consent": record["consent"],
        "victim_wishes": record["victim_wishes"],
        "gsc": record["gsc"],
        "handling": {"code": record["handling"]["code"], "conditional": conditional},
        "outcome_code": outcome["code"].strip() if outcome is not None else None,
        "review_by": record["review_by"],
        "linkable": regime.linkable,
        "persons": sealed.persons,
        "details": sealed.details,
        "release_key_id": sealed.release_key_id,
        "release_wrapped_key": sealed.release_wrapped_key,
        "linkage_key_id": sealed.linkage_key_id,
        "linkage_wrapped_key": sealed.linkage_wrapped_key,
    }


def strands(record: Incident) -> list[str]:
    """Strands of an incident in canonical form, sorted; a local one counts as other."""
    if record["other_strands"]:
        return sorted({*record["strands"], "other"})
    return record["strands"]


def withdrawn(incident_id: str, agency: str, event_id: str, standing: Standing) -> HubIncident:
    """The hub's record of a retracted incident: ids and the order of versions, nothing else."""
    return {
        "incident_id": incident_id,
        "agency": agency,
        "version": standing.version,
        "event_id": event_id,
        "content_digest": standing.digest,
        "retracted": True,
        "recorded_at": standing.recorded_at,
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
        "persons": [],
        "details": b"",
        "release_key_id": "",
        "release_wrapped_key": b"",
        "linkage_key_id": "",
        "linkage_wrapped_key": b"",
    }
