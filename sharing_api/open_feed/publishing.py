"""Drawing the tables that are due: counts, noise and the row in one transaction, each only once.

What was drawn is announced on `hub.open-table.v1` before anybody may see it, and what stands on
that topic is what was published: a store that comes back from a backup takes it from there
(`keeping`). So this runs only where the topic has been read to its end.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import Connection, func, select, update

from schemas import codec
from schemas.records import OpenCell
from schemas.records import OpenTable as Record
from schemas.registry import SchemaIds
from sharing_api.geography import ELSEWHERE, Geography
from sharing_api.open_feed.bands import Thresholds, usual
from sharing_api.open_feed.counting import Cell, Item, counted, noisy
from sharing_api.open_feed.noise import Below
from sharing_api.open_feed.periods import Period, due, period_of
from sharing_api.open_feed.rows import OpenBudgetRow, OpenItemRow, OpenPublicationRow
from sharing_api.open_feed.tables import (
    BudgetOverspent,
    Entry,
    OpenTable,
    affordable,
    load,
    period_affordable,
)
from sharing_api.store.upsert import insert_new, table_of

_BUDGET = table_of(OpenBudgetRow)
_ITEMS = table_of(OpenItemRow)
_DONE = table_of(OpenPublicationRow)
RECORD: Final = "open-table.v1"
HISTORY_WEEKS: Final = 52
ENOUGH_WEEKS: Final = 13


@dataclass(frozen=True, slots=True)
class Press:
    """What publishing needs: definitions, areas, how a record is framed and read, and a coin."""

    tables: Sequence[OpenTable]
    geography: Geography
    frame: Callable[[Record], bytes]
    unframe: Callable[[bytes], Any]
    below: Below = secrets.randbelow

    def draw_due(self, connection: Connection, now: datetime) -> list[str]:
        """Draw every table whose period is due, in the caller's transaction; the new ids.

        Raises BudgetOverspent, and then nothing is drawn.
        """
        self.enter(connection, now)
        lines = budget(connection)
        drawn: list[str] = []
        waiting = [
            (period, table)
            for table in self.tables
            for period in due(lines[table.id].starts, table.weeks, now)
        ]
        done = set(connection.execute(select(_DONE.c.publication_id)).scalars())
        for period, table in sorted(waiting, key=lambda each: (each[0].due, each[1].weeks)):
            if publication_id(table.id, period.name) not in done:
                period_affordable(list(lines.values()), period)
                drawn += self._draw(connection, table, period, now)
        return drawn

    def enter(self, connection: Connection, now: datetime) -> None:
        """Enter new tables in the budget from the current period on; end those that are gone.

        Raises BudgetOverspent for a table that cannot be afforded, or one whose definition is not
        the one that was entered: numbers under one name mean one thing for ever.
        """
        named = {table.id: table for table in self.tables}
        self._recall(connection, named, now)
        found = {row.table_id: row for row in connection.execute(select(_BUDGET))}
        for table_id, row in found.items():
            if table_id not in named and row.ends is None:
                self._end(connection, table_id, row.starts)
            elif table_id in named and (row.ends or row.definition != named[table_id].definition):
                raise BudgetOverspent(
                    f"{table_id}: entered with another definition or ended; give a new id"
                )
        for table in self.tables:
            if table.id not in found:
                self._begin(connection, table, now)

    def _recall(
        self, connection: Connection, named: Mapping[str, OpenTable], now: datetime
    ) -> None:
        """Enter what the topic tells of tables that an older or newer store had entered."""
        first, last = func.min(_DONE.c.first_day), func.max(_DONE.c.last_day)
        unknown = _DONE.c.table_id.not_in(select(_BUDGET.c.table_id))
        query = select(_DONE.c.table_id, first, last).where(unknown).group_by(_DONE.c.table_id)
        for table_id, starts, ends in connection.execute(query).all():
            one = select(_DONE.c.message).where(_DONE.c.table_id == table_id).limit(1)
            record = self.unframe(connection.execute(one).scalar_one())
            row = {name: record[name] for name in ("epsilon", "definition")}
            row |= {"table_id": table_id, "starts": starts, "entered_at": now}
            row |= {"ends": None if table_id in named else ends}
            insert_new(connection, OpenBudgetRow, row)

    def _end(self, connection: Connection, table_id: str, starts: str) -> None:
        """Let a table end with what it published last."""
        last = connection.execute(
            select(func.max(_DONE.c.last_day)).where(_DONE.c.table_id == table_id)
        ).scalar()
        ends = last or date.fromordinal(date.fromisoformat(starts).toordinal() - 1).isoformat()
        connection.execute(update(_BUDGET).where(_BUDGET.c.table_id == table_id).values(ends=ends))

    def _begin(self, connection: Connection, table: OpenTable, now: datetime) -> None:
        """Enter a table from the first whole period on whose days all are affordable."""
        lines = list(budget(connection).values())
        first = period_of(now.date(), table.weeks)
        ended = [line.ends for line in lines if line.ends is not None]
        while any(day >= first.first_day for day in ended):
            first = first.following()
        affordable(lines, Entry(table.id, table.epsilon, first.first_day))
        row = {
            "table_id": table.id,
            "epsilon": str(table.epsilon),
            "definition": table.definition,
            "starts": first.first_day.isoformat(),
            "ends": None,
            "entered_at": now,
        }
        insert_new(connection, OpenBudgetRow, row)

    def _draw(
        self, connection: Connection, table: OpenTable, period: Period, now: datetime
    ) -> list[str]:
        counts = counted(table, self.geography, received(connection, period))
        values = noisy(table, counts, self.below)
        record: Record = {
            "table": table.id,
            "period": period.name,
            "first_day": period.first_day.isoformat(),
            "last_day": period.last_day.isoformat(),
            "drawn_at": now,
            "epsilon": str(table.epsilon),
            "definition": table.definition,
            "cells": self._shown(connection, table, period, values),
        }
        row = publication(record, self.frame(record), drawn_here=True)
        return [row["publication_id"]] if insert_new(connection, OpenPublicationRow, row) else []

    def _shown(
        self, connection: Connection, table: OpenTable, period: Period, values: dict[Cell, int]
    ) -> list[OpenCell]:
        if table.show == "value":
            return [_cell(cell, value, None) for cell, value in values.items()]
        limits = thresholds(self.geography, table, self._history(connection, period))
        return [_cell(cell, None, limits[cell[0]].band(value)) for cell, value in values.items()]

    def _history(self, connection: Connection, period: Period) -> list[dict[str, int]]:
        """Published counts by district and week that tell what is usual.

        Those of the year before the period; of the period itself where the hub is younger.
        """
        before = period.first_day.isoformat()
        found: list[dict[str, int]] = []
        for by in (table.id for table in self.tables if _tells_usual(table)):
            query = (
                select(_DONE.c.message, _DONE.c.first_day)
                .where(_DONE.c.table_id == by, _DONE.c.first_day <= period.last_day.isoformat())
                .order_by(_DONE.c.first_day.desc())
                .limit(HISTORY_WEEKS + period.weeks)
            )
            rows = connection.execute(query).all()
            older = [row.message for row in rows if row.first_day < before][:HISTORY_WEEKS]
            chosen = older if len(older) >= ENOUGH_WEEKS else [row.message for row in rows]
            for message in chosen:
                cells = self.unframe(message)["cells"]
                found.append({cell["area"]: cell["value"] for cell in cells})
        return found


def press_of(
    geography: Geography | None, definitions: str | None, schema_ids: SchemaIds
) -> Press | None:
    """The press of a hub; None where no areas are configured.

    Raises TablesInvalid or BudgetOverspent for definitions that cannot be published.
    """
    if geography is None:
        return None
    tables = load(definitions)

    def frame(record: Record) -> bytes:
        return codec.frame(schema_ids.id_of(RECORD), codec.encode(RECORD, record))

    def unframe(message: bytes) -> Any:
        schema_id, body = codec.unframe(message)
        return codec.decode(RECORD, body, schema_ids.writer_of(schema_id))

    return Press(tables, geography, frame, unframe)


def thresholds(
    geography: Geography, table: OpenTable, history: Sequence[dict[str, int]]
) -> dict[str, Thresholds]:
    """Where the bands of each area begin; made of published numbers alone."""
    known: dict[str, Thresholds] = {}
    for code in geography.codes(table.by):
        area = geography.by_code.get(code)
        district = ELSEWHERE if area is None else area.parent or area.code
        if district not in known:
            wards = geography.wards_of(district) if table.by == "ward" else 1
            mean = usual(history, district, wards, table.weeks)
            known[district] = Thresholds.of(mean, table.epsilon)
    return {
        code: known[ELSEWHERE if (a := geography.by_code.get(code)) is None else a.parent or a.code]
        for code in geography.codes(table.by)
    }


def budget(connection: Connection) -> dict[str, Entry]:
    """The lines of the budget by table."""
    return {
        row.table_id: Entry(
            row.table_id,
            Fraction(row.epsilon),
            date.fromisoformat(row.starts),
            date.fromisoformat(row.ends) if row.ends else None,
        )
        for row in connection.execute(select(_BUDGET))
    }


def received(connection: Connection, period: Period) -> list[Item]:
    """The incidents that were received in a period, as they stand now.

    In a store that took publications back from the topic, an incident that it first heard of by a
    later version may have been counted before; it is then left out rather than counted twice.
    """
    query = select(_ITEMS.c.district, _ITEMS.c.ward, _ITEMS.c.strand).where(
        _ITEMS.c.counted.is_(True),
        _ITEMS.c.received_on >= period.first_day.isoformat(),
        _ITEMS.c.received_on <= period.last_day.isoformat(),
    )
    restored = select(_DONE.c.publication_id).where(_DONE.c.drawn_here.is_(False)).limit(1)
    if connection.execute(restored).first() is not None:
        query = query.where(_ITEMS.c.first_version == 1)
    return [Item(*row) for row in connection.execute(query)]


def publication(record: Record, message: bytes, *, drawn_here: bool) -> dict[str, Any]:
    """A publication's row, not yet announced."""
    return {
        "publication_id": publication_id(record["table"], record["period"]),
        "table_id": record["table"],
        **{name: record[name] for name in ("period", "first_day", "last_day", "drawn_at")},
        "drawn_here": drawn_here,
        "sequence": None,
        "message": message,
    }


def publication_id(table: str, period: str) -> str:
    """Name one table of one period; the key on the topic."""
    return f"{table}|{period}"


def _cell(cell: Cell, value: int | None, band: str | None) -> OpenCell:
    return OpenCell(area=cell[0], strand=cell[1], value=value, band=band)


def _tells_usual(table: OpenTable) -> bool:
    return (table.by, table.classes, table.weeks, table.show) == ("district", False, 1, "value")
