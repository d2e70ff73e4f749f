"""A notice as it is told, the same by topic and by webhook; it holds no value of any record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from schemas.records import Notice
from sharing_api.recall.wording import instruction
from sharing_api.store.ledger_references import told_as

RECORD: Final = "notice.v1"


def named(connection: Connection, rows: Iterable[Mapping[Any, Any]]) -> list[dict[str, Any]]:
    """Put beside each row of notices how the answers that it is about name themselves, in order."""
    listed = [{**row, "references": json.loads(row["sequences"])} for row in rows]
    known = told_as(connection, {place for row in listed for place in row["references"]})
    for row in listed:
        row["references"] = [known[place] for place in sorted(row["references"])]
    return listed


def told(row: Mapping[Any, Any]) -> Notice:
    """The record that a row of notices makes, once `named`."""
    return Notice(
        notice_id=row["notice_id"],
        agency=row["agency"],
        kind="correction" if row["action"] == "correct" else "recall",
        disclosure_id=row["references"][-1],
        fact=row["fact"],
        record_ids=[row["known_as"]] if row["known_as"] else [],
        issued_at=row["issued_at"],
        acknowledge_by=row["acknowledge_by"],
        record_kind=row["record_kind"],
        action=row["action"],
        fields=json.loads(row["fields"]),
        ledger_sequences=[],
        ledger_references=row["references"],
        instruction=instruction(row["action"], row["record_kind"], row["fact"]),
        reminder=row["reminders"],
        checkpoint=None,
    )


def telling_id(row: Mapping[Any, Any]) -> str:
    """Name one telling of a notice: each reminder and each extension is another."""
    return f"{row['notice_id']}.{row['wanted']}"
