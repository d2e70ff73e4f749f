"""Counts by area, strand and month, straight from the counted items; one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, distinct, func, literal, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from sharing_api.store.tables import TensionItemRow, TensionStrandRow

ALL = "all"
NOWHERE = "unknown"

AreaLevel = Literal["ward", "district", "county"]


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """How many items.

    `strand` `all` counts each item once; an item with two strands is counted under both. `month`
    is YYYY-MM in UTC, or `all`.
    """

    area: str
    strand: str
    month: str
    count: int
    agencies: int


@dataclass(frozen=True, slots=True)
class CountQuery:
    """What to count, and by what."""

    source: Literal["incident", "report"] = "incident"
    area_level: AreaLevel = "district"
    by_month: bool = True
    by_strand: bool = True
    area: str | None = None
    month_from: str | None = None
    month_to: str | None = None


async def cells(
    session: AsyncSession, asked: CountQuery, *, after: tuple[str, str, str] | None, limit: int
) -> list[Cell]:
    """Cells with at least one item, sorted by area, strand and month, beginning after `after`."""
    parts = [_counted(asked, literal(ALL))]
    if asked.by_strand:
        by_strand = _counted(asked, TensionStrandRow.strand)
        parts.append(
            by_strand.join(TensionStrandRow, TensionStrandRow.item_id == TensionItemRow.item_id)
        )
    every = union_all(*parts).subquery()
    key = tuple_(every.c.area, every.c.strand, every.c.in_month)
    query = select(every).order_by(every.c.area, every.c.strand, every.c.in_month).limit(limit)
    if after is not None:
        query = query.where(key > tuple_(*(literal(part) for part in after)))
    return [Cell(*line) for line in await session.execute(query)]


def _counted(asked: CountQuery, strand: Any) -> Select[Any]:
    areas: dict[AreaLevel, Any] = {
        "ward": func.coalesce(TensionItemRow.ward, NOWHERE),
        "district": func.coalesce(TensionItemRow.district, NOWHERE),
        "county": literal(ALL),
    }
    area = areas[asked.area_level].label("area")
    # Not called month: databases would take a column of that name for it, and group by each month.
    month = (TensionItemRow.month if asked.by_month else literal(ALL)).label("in_month")
    named = strand.label("strand")
    query = select(
        area,
        named,
        month,
        func.count().label("items"),
        func.count(distinct(TensionItemRow.agency)).label("agencies"),
    ).where(TensionItemRow.source == asked.source, TensionItemRow.counted.is_(True))
    if asked.area is not None:
        query = query.where(areas[asked.area_level] == asked.area)
    if asked.month_from is not None:
        query = query.where(TensionItemRow.month >= asked.month_from)
    if asked.month_to is not None:
        query = query.where(TensionItemRow.month <= asked.month_to)
    return query.group_by("area", "strand", "in_month")
