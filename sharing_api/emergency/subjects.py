"""Emergencies as subjects of the gate: requests, confirmations, uses, verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sharing_api.emergency.requests import LASTS, Request
from sharing_api.emergency.uses import Use
from sharing_api.release import Subject
from sharing_api.release.subjects import own


def request_subject(request: Request, now: datetime) -> Subject:
    """Put a request before the gate; it is its asker's agency's own."""
    clear = {
        "request_id": request.request_id,
        "status": request.status(now),
        "asker": request.asker,
        "agency": request.agency,
        "purpose": request.purpose,
        "reason": request.reason,
        "opened_at": request.opened_at,
        "confirmed_by": request.approver,
        "confirmed_at": request.confirmed_at,
        "expires_at": request.expires_at,
    }
    return own("emergency-request", request.request_id, request.agency, clear)


def confirmation_subject(request: Request, now: datetime) -> Subject:
    """Put a confirmation before the gate; who asked must not confirm."""
    clear = {
        "request_id": request.request_id,
        "decision": "confirm",
        "decided_at": now,
        "expires_at": now + LASTS,
    }
    name = request.request_id
    return _by_another("emergency-decision", name, request.agency, clear, [request.asker])


def use_subject(use: Use) -> Subject:
    """Put a use before the gate; it is its asker's agency's own."""
    clear = {
        "review_id": use.reference,
        "request_id": use.request_id,
        "asker": use.actor,
        "agency": use.agency,
        "confirmed_by": use.approver,
        "purpose": use.purpose,
        "justification": use.justification or None,
        "record_ids": list(use.record_ids),
        "fields": list(use.fields),
        "set_aside": list(use.set_aside),
        "used_at": use.at,
        "status": "reviewed" if use.verdict else "open",
        "verdict": use.verdict,
        "verdict_reason": use.verdict_reason,
        "reviewed_at": use.reviewed_at,
    }
    return own("emergency-use", use.reference, use.agency, clear)


def verdict_subject(use: Use, name: str, verdict: str, now: datetime) -> Subject:
    """Put a verdict before the gate, under the name that was asked for.

    Who took part must not give one.
    """
    clear = {"review_id": use.reference, "verdict": verdict, "decided_at": now}
    involved = [name for name in (use.actor, use.approver) if name]
    return _by_another("emergency-verdict", name, use.agency, clear, involved)


def _by_another(
    kind: str, name: str, agency: str, clear: Mapping[str, Any], authors: Sequence[str]
) -> Subject:
    made = own(kind, name, agency, clear)
    return Subject(kind, name, {**made.facts, "authors": sorted(authors)}, clear)
