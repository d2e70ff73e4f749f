"""Rows of the store as subjects of the gate: facts for the policy, clear values, sealed parts.

Facts are the strictest that the row allows: what is not known counts against release.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from schemas.identifiers import mention_id
from sharing_api.release import identities
from sharing_api.release.answers import Subject
from sharing_api.store.ledger import LedgerRow

Row = Mapping[str, Any]

OPEN: Final[Mapping[str, Any]] = {
    "special_category": False,
    "child": False,
    "gsc": "OFFICIAL",
    "handling": "P",
    "non_crime": False,
    "about_subject": False,
    "contains_possible_links": False,
}
"""Facts of records without persons."""

VICTIMS: Final = frozenset({"victim", "complainant"})
SUSPECTS: Final = frozenset({"suspect", "subject", "perpetrator"})
_NON_CRIME: Final = "police-nchi"


def incident_subject(incident: Row) -> Subject:
    """Put an incident before the gate. `tenant_of`, if present, holds landlords' agency ids."""
    clear = {
        **incident,
        "occurred_from": incident["occurred"]["from"],
        "occurred_to": incident["occurred"]["to"],
        "occurred_precision": incident["occurred"]["precision"],
        "victim_consent": incident["consent"]["state"],
        "handling": incident["handling"]["code"],
    }
    facts = {
        **incident_facts([incident]),
        "status": "withdrawn" if incident["retracted"] else "current",
        "entity_kind": "person",
        "about_subject": False,
        "contains_possible_links": False,
        "consent": combined_consent([incident["consent"]]),
    }
    context = {"ward": incident["ward"], "district": incident["district"]}
    mentions = {
        mention_id(incident["incident_id"], person["position"]) for person in incident["persons"]
    }
    return Subject(
        "incident",
        incident["incident_id"],
        facts,
        clear,
        context,
        None if incident["retracted"] else identities.opening([incident], mentions),
    )


def alert_subject(alert: Row, incidents: Sequence[Row]) -> Subject:
    """Put an alert before the gate, with the current hub incidents that it counts.

    If one of them is not given, the facts that hang on it are the strictest.
    """
    present = [row for row in incidents if not row["retracted"]]
    complete = {row["incident_id"] for row in present} >= set(alert["incident_ids"])
    consent = combined_consent([row["consent"] for row in present]) if complete else None
    facts = {
        "status": "current",
        "entity_kind": alert["entity_kind"],
        "contains_possible_links": bool(alert["possible"]),
        "originators": sorted({*alert["agencies"], *(row["agency"] for row in present)}),
        "strands_present": sorted({*alert["strands"], *_union(present, "strands")}),
    }
    if complete:
        roles = _roles(present, alert["mention_ids"])
        facts = {
            **incident_facts(present),
            **facts,
            "about_subject": bool(roles & SUSPECTS) and not roles & VICTIMS,
            "consent": consent,
        }
    clear = {
        **alert,
        "victim_consent": consent["state"] if consent else None,
        "victim_wishes": _union(present, "victim_wishes") if complete else None,
    }
    sealed = identities.opening(present, frozenset(alert["mention_ids"])) if complete else None
    return Subject("alert", alert["alert_id"], facts, clear, {}, sealed)


def signal_subject(signal: Row) -> Subject:
    """Put a tension signal before the gate: an area and counts."""
    facts = {**OPEN, "originators": list(signal["agencies"]), "consent": unasked()}
    context = {f"{signal['area_level']}": signal["area"]}
    return Subject("signal", signal["signal_id"], facts, dict(signal), context)


def level_subject(level: Row) -> Subject:
    """Put a level of tension that a person set before the gate: an area and a judgement of it."""
    facts = {**OPEN, "originators": [level["decided_for"]], "consent": unasked()}
    context = {f"{level['area_level']}": level["area"]}
    return Subject("level", level["level_id"], facts, dict(level), context)


def receipt_subject(receipt: Row) -> Subject:
    """Put the hub's receipt for one event before the gate; it is its agency's own."""
    return own("receipt", receipt["receipt_id"], receipt["agency"], receipt)


def ledger_subject(row: LedgerRow, name: str = "") -> Subject:
    """Put a ledger entry before the gate; it is its agency's own.

    `name` is how the asker named it; else it goes under its reference, which counts nobody else's.
    """
    return own("ledger", name or row.reference, row.agency, row.columns())


def agreement_subject(agreement: Row) -> Subject:
    """Put a sharing agreement before the gate; every party may have it."""
    facts = {**OPEN, "consent": unasked()}
    return Subject("agreement", agreement["id"], facts, dict(agreement))


def own(kind: str, record_id: str, agency: str, row: Row) -> Subject:
    """Put a record that concerns one agency and no person before the gate."""
    facts = {**OPEN, "originators": [agency], "consent": unasked()}
    return Subject(kind, record_id, facts, dict(row))


def unasked() -> dict[str, Any]:
    """Give the consent of nobody."""
    return {"state": "not_asked", "scope": []}


def incident_facts(incidents: Sequence[Row]) -> dict[str, Any]:
    """Give the facts of several incidents together: the strictest of them holds for all."""
    people = [person for row in incidents for person in row["persons"]]
    strands = _union(incidents, "strands")
    owners = {row["agency"] for row in incidents}
    landlords = {agency for row in incidents for agency in row.get("tenant_of", ())}
    markings = {row["gsc"] for row in incidents}
    return {
        "originators": sorted(owners),
        "subject_categories": sorted({person["category"] for person in people}),
        "strands_present": strands,
        "special_category": bool(strands),
        "child": any(person["child"] is not False for person in people),
        "gsc": "OFFICIAL" if markings == {"OFFICIAL"} else "OFFICIAL-SENSITIVE",
        "handling": "C" if any(row["handling"]["code"] != "P" for row in incidents) else "P",
        "recording_regimes": sorted({row["recording_regime"] for row in incidents}),
        "non_crime": any(row["recording_regime"].startswith(_NON_CRIME) for row in incidents),
        "victim_wishes": _union(incidents, "victim_wishes"),
        "tenant_of": sorted(owners | landlords),
    }


def combined_consent(consents: Sequence[Row]) -> dict[str, Any]:
    """Combine consents: one refusal or withdrawal outweighs any number given.

    What was given covers what every giving covers.
    """
    states = [consent["state"] for consent in consents]
    for state in ("withdrawn", "refused", "not_safe_to_ask"):
        if state in states:
            return {"state": state, "scope": []}
    given = [set(consent["scope"]) for consent in consents if consent["state"] == "given"]
    if not given:
        return unasked()
    named = [scope for scope in given if "any" not in scope]
    scope = set.intersection(*named) if named else {"any"}
    return {"state": "given", "scope": sorted(scope)}


def _roles(incidents: Sequence[Row], mentions: Iterable[str]) -> set[str]:
    counted = set(mentions)
    return {
        person["role"]
        for row in incidents
        for person in row["persons"]
        if mention_id(row["incident_id"], person["position"]) in counted
    }


def _union(rows: Iterable[Row], name: str) -> list[str]:
    return sorted({item for row in rows for item in row[name]})
