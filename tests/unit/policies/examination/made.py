"""A small agreement for tests, and ways to change it; no demonstration agreement is needed."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from policies.agreements import Agreement

CLAUSE: dict[str, Any] = {
    "text": "Housing officers may see alerts about their own tenants, to the month.",
    "purposes": ["support"],
    "recipients": {"agencies": ["*"], "agency_types": ["housing"], "roles": ["housing-officer"]},
    "vetting": ["*"],
    "relevant_authority": False,
    "justification": False,
    "items": {"alert": {"level": "release", "since": "generalise:month"}},
    "relation": "tenant",
    "entity_kinds": ["person"],
    "handling": ["P"],
    "consent": [],
    "case_member": False,
    "exclude": {
        "subject_categories": [], "strands": [], "recording_regimes": [], "children": False,
    },
    "emergency_lifts": [],
    "transgender_history": "denied",
}  # fmt: skip
CONSENTED: dict[str, Any] = {
    **CLAUSE,
    "text": "With consent recorded they may see the victim's name and date of birth.",
    "items": {"alert": {"victim_name": "release", "victim_date_of_birth": "generalise:year"}},
    "consent": ["housing", "any"],
}


def agreement(*clauses: dict[str, Any], **other: Any) -> Agreement:
    """Give an agreement of these clauses, or of the two above."""
    text = "Said for a test."
    governance = ("accuracy", "security", "breach", "complaints", "rights", "deletion")
    return {
        "id": "tenants",
        "version": 1,
        "title": "Support of tenants",
        "status": "live",
        "starts": "2026-01-01",
        "review": "2027-01-01",
        "ends": "2028-12-31",
        "parties": [text],
        "controllers": text,
        "purpose": text,
        "gateway": text,
        "article_6": ["e"],
        "article_9": [text],
        "schedule_8": [text],
        "governance": dict.fromkeys((*governance, "termination"), text),
        "retention_days": 30,
        "onward_sharing": "never",
        "contacts": [{"role": "Lead", "reach": "lead@example.org"}],
        "clauses": deepcopy(list(clauses) or [CLAUSE, CONSENTED]),
        **other,
    }
