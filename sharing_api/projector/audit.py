"""Audit entries of the processors into the ledger, each once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sharing_api.projector.messages import Change
from sharing_api.store.ledger import Ledger, LedgerEntry


def auditing(ledger: Ledger) -> Callable[[Sequence[Change]], Awaitable[None]]:
    """A function that appends audit entries, each under its id: a second sending appends nothing.

    An entry without a time has that of its log record. It raises LedgerUnavailable.
    """

    async def append(changes: Sequence[Change]) -> None:
        await ledger.append_all([_entry(change) for change in changes])

    return append


def _entry(change: Change) -> LedgerEntry:
    audit: Any = change.record
    return LedgerEntry(
        operation=audit["operation"],
        actor=audit["actor"],
        agency="hub",
        at=audit["at"] or change.at,
        record_ids=tuple(audit["subject_ids"]),
        detail=audit["detail"],
        key=audit["audit_id"],
    )
