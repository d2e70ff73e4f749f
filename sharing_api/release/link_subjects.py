"""What concerns links as subjects of the gate: pairs to review, decisions, values left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from schemas.identifiers import mention_id
from sharing_api import reviews
from sharing_api.release import identities
from sharing_api.release.answers import Subject
from sharing_api.release.subjects import (
    OPEN,
    SUSPECTS,
    VICTIMS,
    combined_consent,
    incident_facts,
    own,
    unasked,
)
from sharing_api.store.corrections import Correction
from sharing_api.store.link_queries import Review

Row = Mapping[str, Any]

SIDES: Final = ("left", "right")


def review_subject(review: Review, incidents: Mapping[str, Row]) -> Subject:
    """Put a pair before the gate, with the current incidents of its two mentions.

    If one of them is not there or retracted, the facts are the strictest and nothing opens.
    """
    sides = {
        side: (row, mention)
        for side, mention in zip(SIDES, (review.left, review.right), strict=True)
        if (row := incidents.get(mention.partition("#")[0])) is not None and not row["retracted"]
    }
    clear: dict[str, Any] = {
        "review_id": review.review_id,
        "status": _status(review),
        "why": reviews.why(
            review.left, review.right, review.band, review.decision, review.evidence
        ),
        "weight": round(review.weight, 6),
        "evidence": list(review.evidence),
        "entity_ids": list(review.entity_ids),
        "decision": review.decision or None,
        "decisions": history(review.decisions),
        "left_mention": review.left,
        "right_mention": review.right,
    }
    for side, (row, mention) in sides.items():
        clear |= _side(side, row, mention)
    whole = len(sides) == len(SIDES)
    return Subject(
        "link-review",
        review.review_id,
        _facts(sides) if whole else _closed(),
        clear,
        {},
        identities.sides(sides) if whole else None,
    )


def decision_subject(
    subject: Subject, decision: str, by: str, decided_at: datetime, *, about: str
) -> Subject:
    """Put a decision about a subject of this module before the gate; its facts are the subject's.

    `about` is person for a pair and none for a value.
    """
    clear = {
        "subject_id": subject.id,
        "decision": decision,
        "decided_at": decided_at,
        "decided_by": by,
    }
    return Subject("link-decision", subject.id, {**subject.facts, "entity_kind": about}, clear)


def exclusion_subject(entity: Row, decisions: Sequence[reviews.Decision]) -> Subject:
    """Put a value that is left out of linkage before the gate: its kind and how many share it."""
    told = entity["exclusion"]
    restored = entity["status"] == "restored"
    clear = {
        "exclusion_id": entity["entity_id"],
        "status": entity["status"],
        **{name: told[name] for name in ("kind", "count", "cap", "since")},
        "reason": _reason(told, restored=restored),
        "decisions": history(decisions),
    }
    return Subject("exclusion", entity["entity_id"], {**OPEN, "consent": unasked()}, clear)


def correction_subject(correction: Correction) -> Subject:
    """Put a correction before the gate; it belongs to the agency that received the disclosure."""
    changes = [
        *(["split"] if correction.now_in else []),
        *(["retracted"] if correction.retracted else []),
    ]
    clear = {
        "correction_id": correction.correction_id,
        "at": correction.noticed_at,
        "change": changes,
        "entity_id": correction.entity_id,
        "alert_ids": list(correction.alert_ids),
        "withdrawn_mentions": list(correction.withdrawn),
        "now_in": list(correction.now_in),
        "recipient": correction.agency,
        "disclosed_to": correction.actor,
        "ledger_reference": correction.reference,
        "disclosed_at": correction.disclosed_at,
    }
    return own("correction", correction.correction_id, correction.agency, clear)


def history(decisions: Iterable[reviews.Decision]) -> list[dict[str, Any]]:
    """Give decisions as they are shown: who is a pseudonym."""
    return [
        {
            "decision": each.decision,
            "by": each.by,
            "agency": each.agency,
            "purpose": each.purpose,
            "reason": each.reason,
            "decided_at": each.decided_at,
        }
        for each in decisions
    ]


def _reason(told: Row, *, restored: bool) -> str:
    kind = str(told["kind"]).replace("_", " ")
    text = f"At least {told['count']} records share one value ({kind}); {told['cap']} may."
    return text + (" Restored: it is compared all the same." if restored else "")


def _status(review: Review) -> str:
    if review.decision == reviews.CONTESTED or review.band == "conflict":
        return "contested"
    return "decided" if review.decision else "open"


def _side(side: str, row: Row, mention: str) -> dict[str, Any]:
    return {
        f"{side}_incident": row["incident_id"],
        f"{side}_agency": row["agency"],
        f"{side}_role": _role(row, mention),
        f"{side}_occurred_from": row["occurred"]["from"],
        f"{side}_district": row["district"],
    }


def _role(row: Row, mention: str) -> str | None:
    for person in row["persons"]:
        if mention_id(row["incident_id"], person["position"]) == mention:
            return str(person["role"])
    return None


def _facts(sides: Mapping[str, tuple[Row, str]]) -> dict[str, Any]:
    rows = list({row["incident_id"]: row for row, _ in sides.values()}.values())
    roles = {_role(row, mention) for row, mention in sides.values()}
    return {
        **incident_facts(rows),
        "status": "current",
        "entity_kind": "person",
        "contains_possible_links": True,
        "about_subject": bool(roles & SUSPECTS) and not roles & VICTIMS,
        "consent": combined_consent([row["consent"] for row in rows]),
    }


def _closed() -> dict[str, Any]:
    return {"status": "withdrawn", "entity_kind": "person"}
