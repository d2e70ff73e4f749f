"""What is known of one series around a day, before anybody judges it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from processors.tension.event import Event, Series


@dataclass(frozen=True, slots=True)
class Picture:
    """Counted events sorted by day, and what was set aside within the window."""

    series: Series
    opening: date | None  # when the hub's history begins
    events: list[Event]
    folded: int
    uncounted: int
    nil_agencies: list[str]
