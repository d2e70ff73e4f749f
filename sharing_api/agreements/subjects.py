"""Versions of agreements, and acts on them, as subjects of the gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sharing_api.agreements.states import Event, Reminder, Version
from sharing_api.release import Subject
from sharing_api.release.subjects import OPEN, unasked


def name_of(agreement_id: str, number: int) -> str:
    """The name of a version in the ledger."""
    return f"{agreement_id}@{number}"


def version_subject(
    version: Version, state: str, events: Iterable[Event], *, text: bool
) -> Subject:
    """Put a version before the gate; the text only where one version is asked for.

    `events` are all of the agreement: they are numbered in their order, since the store's own
    sequence counts what befalls everything else.
    """
    ordered = sorted(events, key=lambda each: each.sequence)
    happened = [
        told(event, number)
        for number, event in enumerate(ordered, 1)
        if event.digest == version.digest
    ]
    days = {day: version.agreement[day] for day in ("starts", "review", "ends")}
    clear = {
        "agreement_id": version.agreement_id,
        "version": version.number,
        "digest": version.digest,
        "state": state,
        "title": version.agreement["title"],
        **days,
        "origin": version.origin,
        "author": version.author or None,
        "author_agency": version.author_agency,
        "written_at": version.written_at,
        "text": version.content if text else None,
        "history": happened,
        "due": None,
    }
    name = name_of(version.agreement_id, version.number)
    return _open("agreement-version", name if text else f"{name}:{version.digest[:16]}", clear)


def reminder_subject(reminder: Reminder) -> Subject:
    """Put before the gate that an agreement is due for review, or about to end."""
    due = {"what": reminder.what, "date": reminder.due, "days": reminder.days}
    clear = {
        "agreement_id": reminder.agreement_id,
        "version": reminder.version,
        "title": reminder.title,
        "state": "live",
        "due": due,
    }
    name = name_of(reminder.agreement_id, reminder.version)
    return _open("agreement-version", f"{name}:{reminder.what}", clear)


def act_subject(
    agreement_id: str,
    step: str,
    at: datetime,
    *,
    version: Version | None = None,
) -> Subject:
    """Put an act on an agreement before the gate; whoever wrote a version must not approve it."""
    number, digest = (version.number, version.digest) if version else (None, None)
    clear = {
        "agreement_id": agreement_id,
        "version": number,
        "digest": digest,
        "step": step,
        "decided_at": at,
    }
    name = name_of(agreement_id, number) if number else agreement_id
    made = _open("agreement-decision", name, clear)
    if version is None or step != "approve" or not version.author:
        return made
    return Subject(made.kind, made.id, {**made.facts, "authors": [version.author]}, clear)


def told(event: Event, number: int) -> dict[str, Any]:
    """An event as officers read it, and which of its agreement's it is."""
    return {
        "sequence": number,
        "version": event.version,
        "digest": event.digest,
        "event": event.kind,
        "by": event.actor or None,
        "agency": event.agency,
        "reason": event.reason or None,
        "at": event.at,
        "detail": dict(event.detail),
    }


def _open(kind: str, name: str, clear: Mapping[str, Any]) -> Subject:
    written = {k: v.isoformat() if type(v) is date else v for k, v in clear.items()}
    return Subject(kind, name, {**OPEN, "consent": unasked()}, written)
