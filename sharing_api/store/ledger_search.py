"""Entries of the ledger by what they say: what a search asks of the database, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, select

from sharing_api.store.ledger_tables import LedgerRecord, LedgerTable

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Sought:
    """What entries must be; None: whatever. `since` is included, `until` is not; both are aware."""

    agency: str | None = None
    purpose: str | None = None
    operation: str | None = None
    decision: str | None = None
    record: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def narrow(self, query: Select[Any]) -> Select[Any]:
        """Keep of the entries that a query gives those that are sought, by their indexes."""
        for name in ("agency", "purpose", "operation", "decision"):
            value = getattr(self, name)
            if value is not None:
                query = query.where(getattr(LedgerTable, name) == value)
        if self.record is not None:
            about = select(LedgerRecord.sequence).where(LedgerRecord.record_id == self.record)
            query = query.where(LedgerTable.sequence.in_(about))
        if self.since is not None:
            query = query.where(LedgerTable.at >= _ceiling(self.since))
        if self.until is not None:
            query = query.where(LedgerTable.at < _ceiling(self.until))
        return query


ANY: Final = Sought()


def _ceiling(moment: datetime) -> int:
    """Give the first millisecond that is not before a moment."""
    return -((_EPOCH - moment) // _MILLISECOND)
