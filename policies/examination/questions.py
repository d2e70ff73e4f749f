"""Decision inputs for examples and for "who can see this?": an ordinary record, an ordinary asker.

What a sentence does not say is ordinary: a crime against a person who was not asked for consent,
held by another agency, and an asker who is vetted for nothing in particular.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from policies.decision_input import authority

ELSEWHERE: Final = "another-agency"
ORDINARY: Final[Mapping[str, Any]] = {
    "kind": "alert",
    "id": "record",
    "exists": True,
    "status": "current",
    "entity_kind": "person",
    "originators": [ELSEWHERE],
    "subject_categories": ["victim"],
    "strands_present": [],
    "special_category": False,
    "child": False,
    "gsc": "OFFICIAL",
    "handling": "P",
    "recording_regimes": [],
    "non_crime": False,
    "about_subject": False,
    "consent": {"state": "not_asked", "scope": []},
    "victim_wishes": [],
    "tenant_of": [],
    "contains_possible_links": False,
    "authors": [],
}
"""Facts of a record of which nothing is said."""


def record_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the facts of a record, what is not given being ordinary."""
    facts = {name: value for name, value in given.items() if name != "case_member"}
    return {**ORDINARY, **facts}


def question_of(
    given: Mapping[str, Any], when: Mapping[str, Any], *, purpose: str, epoch_day: int
) -> dict[str, Any]:
    """Give the decision input that "Given …, when …" describes.

    `given` has facts of the record and `case_member`; `when` has agency, agency_type, role,
    vetting, purpose, justification, emergency, second_approver. Unless it is said otherwise, the
    asker gives a justification, and is an authority if the type of agency is.
    """
    record = record_of(given)
    agency_type = when.get("agency_type", "any-type")
    relevant, competent = authority(agency_type)
    approved = when.get("second_approver", False)
    return {
        "requester": {
            "subject": "asker",
            "agency": when.get("agency", "asking-agency"),
            "agency_type": agency_type,
            "role": when.get("role", "any-role"),
            "vetting": when.get("vetting", "none"),
            "relevant_authority": relevant,
            "competent_authority": competent,
            "case_membership": [record["id"]] if given.get("case_member", False) else [],
        },
        "purpose": when.get("purpose", purpose),
        "justification": "stated" if when.get("justification", True) else "",
        "now": {"epoch_day": epoch_day},
        "emergency": {
            "flag": when.get("emergency", False),
            "second_approver": "approver" if approved else "",
        },
        "record": record,
    }
