"""A notice as it is told, the same by topic and by webhook; it holds no value of any record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from schemas.records import Notice
from sharing_api.recall.wording import instruction

RECORD: Final = "notice.v1"


def told(row: Mapping[Any, Any]) -> Notice:
    """The record that a row of notices makes."""
    sequences: list[int] = json.loads(row["sequences"])
    return Notice(
        notice_id=row["notice_id"],
        agency=row["agency"],
        kind="correction" if row["action"] == "correct" else "recall",
        disclosure_id=str(max(sequences)),
        fact=row["fact"],
        record_ids=[row["known_as"]] if row["known_as"] else [],
        issued_at=row["issued_at"],
        acknowledge_by=row["acknowledge_by"],
        record_kind=row["record_kind"],
        action=row["action"],
        fields=json.loads(row["fields"]),
        ledger_sequences=sequences,
        instruction=instruction(row["action"], row["record_kind"], row["fact"]),
        reminder=row["reminders"],
        checkpoint=None,
    )


def telling_id(row: Mapping[Any, Any]) -> str:
    """Name one telling of a notice: each reminder and each extension is another."""
    return f"{row['notice_id']}.{row['wanted']}"
