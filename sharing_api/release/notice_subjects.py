"""Notices and what concerns rights as subjects of the gate: they name records, never values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sharing_api.recall.wording import instruction
from sharing_api.release.answers import Subject
from sharing_api.release.subjects import own
from sharing_api.rights.reviews import Item

Row = Mapping[Any, Any]


def notice_subject(row: Row, history: list[dict[str, Any]] | None = None) -> Subject:
    """Put a notice before the gate, named as its recipient's answers are; it is its recipient's."""
    names = (
        "notice_id",
        "record_kind",
        "record_id",
        "fact",
        "action",
        "issued_at",
        "acknowledge_by",
        "reminders",
        "status",
        "done",
        "acknowledged_by",
        "acknowledged_at",
    )
    clear = {name: row[name] for name in names}
    clear |= {
        "recipient": row["agency"],
        "known_as": row["known_as"],
        "fields": json.loads(row["fields"]),
        "ledger_references": row["references"],
        "instruction": instruction(row["action"], row["record_kind"], row["fact"]),
        "history": history or [],
    }
    return own("notice", row["notice_id"], row["agency"], clear)


def erasure_subject(
    row: Row, history: list[dict[str, Any]] | None = None, remaining: list[str] | None = None
) -> Subject:
    """Put an erasure before the gate; it is its agency's own."""
    names = (
        "erasure_id",
        "status",
        "reason",
        "origin",
        "agency",
        "requested_by",
        "requested_at",
        "approved_by",
        "approved_at",
        "not_before",
        "finished_at",
    )
    clear = {name: row[name] for name in names}
    clear |= {
        "incident_ids": json.loads(row["incident_ids"]),
        "history": history or [],
        "remaining": remaining or [],
    }
    return own("erasure", row["erasure_id"], row["agency"], clear)


def retention_subject(item: Item) -> Subject:
    """Put an incident whose time is up before the gate: its days and rule, none of its content."""
    clear = {
        "incident_id": item.incident_id,
        "agency": item.agency,
        "rule": item.due.rule.id,
        "basis": item.due.rule.basis,
        "from": item.due.counted_from.isoformat(),
        "due": item.due.day.isoformat(),
        "action": item.due.rule.action,
        "status": item.status,
        "until": item.until,
        "decisions": [
            {name: each[name] for name in ("decision", "until", "by", "agency", "reason", "at")}
            for each in item.decisions
        ],
    }
    return own("retention", item.incident_id, item.agency, clear)
