"""Dates of birth: eight digit positions, of which any part may be unknown."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Final

from .text import placeholders

_DATE: Final = re.compile(r"^\s*(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?\s*$")
_EARLIEST: Final = 1880
_OLDEST: Final = 120

UNKNOWN: Final = ""
"""No usable date."""


def _within(part: str | None, last: int) -> str:
    return part if part and 1 <= int(part) <= last else "  "


@lru_cache(maxsize=65_536)
def digits(date: str | None) -> str:
    """Eight characters YYYYMMDD, spaces where a part is unknown; nothing if no year is known.

    Years before 1880, and the dates that systems fill in (1900-01-01, 1970-01-01), are dropped.
    """
    found = _DATE.match(date or "")
    if not found or int(found[1]) < _EARLIEST:
        return UNKNOWN
    month = _within(found[2], 12)
    day = _within(found[3], 31) if month.strip() else "  "
    written = found[1] + month + day
    return UNKNOWN if written in placeholders()["dates"] else written


def by_convention(written: str) -> bool:
    """Whether the date is 1 January: what systems fill in when only the year is known."""
    return written.endswith("0101")


def ten_years_on(written: str) -> str:
    """The year ten years after that of a date: 2009 of 1999, of which three digits differ."""
    return str(int(written[:4]) + 10)


def years_of_age(age: int | None, recorded_at: datetime | None) -> tuple[str, ...]:
    """The two years in which a person of that age at that time may have been born."""
    if age is None or recorded_at is None or not 0 <= age <= _OLDEST:
        return ()
    return str(recorded_at.year - age - 1), str(recorded_at.year - age)
