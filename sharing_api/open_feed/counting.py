"""From incidents to noisy cells: each incident in one cell of a table at most, noise on all.

This is the whole mechanism. Nothing before the noise decides on anything but the incident's own
fields, so that one incident more or less changes one count by one and nothing else.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sharing_api.geography import COUNTY, ELSEWHERE, Geography
from sharing_api.open_feed.noise import Below, discrete_laplace
from sharing_api.open_feed.tables import ALL, OpenTable

Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """What is known here of one incident: where, and its one class."""

    district: str | None
    ward: str | None
    strand: str


def cell_of(table: OpenTable, geography: Geography, item: Item) -> Cell:
    """The one cell that an incident is counted in."""
    strand = item.strand if table.classes else ALL
    if table.by == "county":
        return COUNTY, strand
    code = item.district if table.by == "district" else item.ward
    area = geography.by_code.get(code or "")
    return (area.code if area and area.level == table.by else ELSEWHERE), strand


def counted(table: OpenTable, geography: Geography, items: Iterable[Item]) -> dict[Cell, int]:
    """True counts of every cell. They never leave the function that calls this."""
    counts = dict.fromkeys(table.cells(geography), 0)
    for item in items:
        counts[cell_of(table, geography, item)] += 1
    return counts


def noisy(
    table: OpenTable, counts: Mapping[Cell, int], below: Below = secrets.randbelow
) -> dict[Cell, int]:
    """Add noise to every cell, zeros included."""
    return {cell: n + discrete_laplace(table.epsilon, below) for cell, n in counts.items()}
