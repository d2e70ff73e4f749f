"""The decision input, put together from an asker, a purpose and the facts of a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from policies.decision_input import authority
from sharing_api.release.answers import Asker, Emergency, Missing, Subject

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC).date()

STRICTEST: Final[Mapping[str, Any]] = {
    "exists": True,
    "status": "current",
    "entity_kind": "none",
    "originators": [],
    "subject_categories": [],
    "strands_present": [],
    "special_category": True,
    "child": True,
    "gsc": "OFFICIAL-SENSITIVE",
    "handling": "C",
    "recording_regimes": [],
    "non_crime": True,
    "about_subject": True,
    "consent": {"state": "not_asked", "scope": []},
    "victim_wishes": [],
    "tenant_of": [],
    "contains_possible_links": True,
    "authors": [],
}
"""Facts of a record of which nothing is known: each as restrictive as it can be."""


def facts(subject: Subject | Missing) -> dict[str, Any]:
    """Give the record part of the decision input, its id apart."""
    if isinstance(subject, Missing):
        return {**STRICTEST, "exists": False, "kind": subject.kind}
    return {**STRICTEST, **subject.facts, "kind": subject.kind}


@dataclass(frozen=True, slots=True)
class Question:
    """Everything of the decision input that does not depend on the record."""

    requester: Mapping[str, Any]
    purpose: str
    justification: str
    epoch_day: int
    emergency: Mapping[str, Any]
    emergency_request: str = ""

    @classmethod
    def of(
        cls,
        asker: Asker,
        purpose: str,
        justification: str,
        emergency: Emergency | None,
        now: datetime,
    ) -> Question:
        """Put a request into the terms of the policy; `now` in UTC decides the day."""
        relevant, competent = authority(asker.agency_type)
        return cls(
            requester={
                "subject": asker.subject,
                "agency": asker.agency,
                "agency_type": asker.agency_type,
                "role": asker.role,
                "vetting": asker.vetting,
                "relevant_authority": relevant,
                "competent_authority": competent,
                "case_membership": sorted(asker.case_membership),
            },
            purpose=purpose,
            justification=justification.strip(),
            epoch_day=(now.astimezone(UTC).date() - EPOCH).days,
            emergency={
                "flag": emergency is not None,
                "second_approver": emergency.second_approver if emergency else "",
            },
            emergency_request=emergency.request_id if emergency else "",
        )

    def detail(self) -> dict[str, str]:
        """Give what the ledger keeps beside: in an emergency, which one, and who else answers."""
        approver = str(self.emergency["second_approver"])
        kept = {"second_approver": approver, "emergency": self.emergency_request}
        return {name: value for name, value in kept.items() if value}

    def asked(self) -> dict[str, Any]:
        """Give the decision input but for the record."""
        return {
            "requester": self.requester,
            "purpose": self.purpose,
            "justification": self.justification,
            "now": {"epoch_day": self.epoch_day},
            "emergency": self.emergency,
        }

    def about(self, facts_of_record: Mapping[str, Any], record_id: str) -> dict[str, Any]:
        """Ask about one record."""
        return {**self.asked(), "record": {**facts_of_record, "id": record_id}}
