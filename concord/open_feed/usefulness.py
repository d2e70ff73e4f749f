"""What the noise costs: mean error, 95 % noise, and how often a threefold rise is seen at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sharing_api.open_feed import bands
from sharing_api.open_feed.tables import OpenTable, load

INCIDENTS_A_YEAR: Final = 4500
DISTRICTS: Final = 12
WARDS: Final = 120
SHARES: Final = {"race": 0.68, "religion": 0.08, "transgender": 0.025}
"""Shares of strands in police figures, roughly: a frequent, a middling and a rare one."""
_WEEKS: Final = 365.25 / 7


def usefulness() -> list[dict[str, Any]]:
    """A row for each table, and for tables with classes one for each kind of strand."""
    return [row for table in load() for row in _rows(table)]


def _rows(table: OpenTable) -> Iterator[dict[str, Any]]:
    areas = {"county": 1, "district": DISTRICTS, "ward": WARDS}[table.by]
    mean = INCIDENTS_A_YEAR / _WEEKS * table.weeks / areas
    epsilon = float(table.epsilon)
    about = {
        "table": table.id,
        "epsilon": epsilon,
        "mean_error": round(bands.mean_error(epsilon), 2),
        "noise_95": bands.half_width(epsilon),
    }
    cells = {f"strand {name}": mean * share for name, share in SHARES.items()}
    for name, usual in (cells if table.classes else {f"one {table.by}": mean}).items():
        yield {
            **about,
            "cell": name,
            "usual": round(usual, 1),
            "power": round(bands.power(usual, epsilon), 2),
            "power_exact": round(bands.power(usual, None), 2),
        }
