"""What may be told of the open feed: announced publications, the budget, and the timetable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from sharing_api.open_feed.periods import Period, period_of
from sharing_api.open_feed.publishing import Press, budget
from sharing_api.open_feed.rows import OpenBudgetRow, OpenPublicationRow
from sharing_api.open_feed.tables import OpenTable
from sharing_api.store.upsert import table_of

_DONE = table_of(OpenPublicationRow)
_BUDGET = table_of(OpenBudgetRow)


@dataclass(frozen=True, slots=True)
class Published:
    """One table of one period as everybody may have it; `sequence` is its place in the order."""

    sequence: int
    record: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Name of the publication."""
        return f"{self.record['table']}/{self.record['period']}"


def publications(
    connection: Connection,
    press: Press,
    *,
    table: str | None = None,
    first_day: str | None = None,
    after: int = 0,
    limit: int | None = None,
    newest_first: bool = False,
) -> list[Published]:
    """Announced publications in the order of announcement."""
    query = select(_DONE.c.sequence, _DONE.c.message).where(_DONE.c.sequence > after)
    if table is not None:
        query = query.where(_DONE.c.table_id == table)
    if first_day is not None:
        query = query.where(_DONE.c.first_day >= first_day)
    if table is not None:
        query = query.order_by(_DONE.c.first_day)
    else:
        query = query.order_by(_DONE.c.sequence.desc() if newest_first else _DONE.c.sequence)
    rows = connection.execute(query.limit(limit) if limit else query)
    return [Published(row.sequence, press.unframe(row.message)) for row in rows]


def last_sequence(connection: Connection) -> int:
    """The place of the latest announcement, 0 before the first."""
    return connection.execute(select(func.max(_DONE.c.sequence))).scalar() or 0


def budget_lines(connection: Connection) -> list[dict[str, Any]]:
    """The budget as data: every table that was ever entered."""
    rows = connection.execute(select(_BUDGET).order_by(_BUDGET.c.starts, _BUDGET.c.table_id))
    return [
        {
            "table": row.table_id,
            "epsilon": row.epsilon,
            "definition": row.definition,
            "starts": row.starts,
            "ends": row.ends,
        }
        for row in rows
    ]


def scheduled(
    connection: Connection, tables: Sequence[OpenTable], now: datetime
) -> list[dict[str, Any]]:
    """The next release of each table: decided by the calendar alone."""
    lines = budget(connection)
    out = []
    for table in tables:
        start = lines[table.id].starts if table.id in lines else now.date()
        period: Period = period_of(max(start, now.date()), table.weeks)
        while (earlier := _before(period)).due > now and earlier.last_day >= start:
            period = earlier
        out.append({"table": table.id, "period": period.name, "due": period.due})
    return out


def _before(period: Period) -> Period:
    days = period.first_day.toordinal() - 7 * period.weeks
    return Period(type(period.first_day).fromordinal(days), period.weeks)
