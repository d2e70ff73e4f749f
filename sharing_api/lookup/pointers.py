"""Pointers: which agency holds something about a person, and whom to reach there.

A pointer is put to the gate with the facts of the incident behind it, so that consent, wishes,
exclusions and handling count for it as they do for the incident.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from schemas.identifiers import mention_id
from sharing_api.release import Release, Subject
from sharing_api.release.subjects import SUSPECTS, combined_consent, incident_facts, own

KIND: Final = "pointer"
SEEN: Final = "lookup"

Row = Mapping[str, Any]


def pointer_subjects(
    mentions: Iterable[str], incidents: Mapping[str, Row], contacts: Mapping[str, str | None]
) -> list[Subject]:
    """One pointer for each mention whose incident stands, in the order of their ids."""
    found = []
    for name in sorted(mentions):
        incident = incidents.get(name.partition("#")[0])
        if incident is not None and not incident["retracted"]:
            found.append(_pointer(name, incident, contacts.get(incident["agency"])))
    return found


def _pointer(name: str, incident: Row, contact: str | None) -> Subject:
    roles = {
        person["role"]
        for person in incident["persons"]
        if mention_id(incident["incident_id"], person["position"]) == name
    }
    facts = {
        **incident_facts([incident]),
        "status": "current",
        "entity_kind": "person",
        "about_subject": bool(roles & SUSPECTS),
        "contains_possible_links": False,
        "consent": combined_consent([incident["consent"]]),
    }
    return Subject(KIND, name, facts, {"agency": incident["agency"], "contact": contact})


def agencies_of(releases: Sequence[Release]) -> list[dict[str, Any]]:
    """The agencies that may be named, each once, with whom to reach and what must be kept to."""
    found: dict[str, dict[str, Any]] = {}
    for release in releases:
        agency = release.fields.get("agency")
        if not isinstance(agency, str):
            continue
        told = found.setdefault(agency, {"agency": agency, "contact": None, "obligations": []})
        told["contact"] = told["contact"] or release.fields.get("contact")
        told["obligations"] += [o for o in release.obligations if o not in told["obligations"]]
    return [found[agency] for agency in sorted(found)]


def owners_of(mentions: Iterable[str], incidents: Mapping[str, Row]) -> dict[str, list[str]]:
    """The incidents behind these mentions by the agency whose they are."""
    found: dict[str, set[str]] = {}
    for name in mentions:
        incident = incidents.get(name.partition("#")[0])
        if incident is not None and not incident["retracted"]:
            found.setdefault(incident["agency"], set()).add(incident["incident_id"])
    return {agency: sorted(names) for agency, names in sorted(found.items())}


def seen_subject(row: Row) -> Subject:
    """What an owner is told of a lookup that concerned its records; it is that agency's own."""
    return own(SEEN, row["lookup_id"], row["owner"], row)
