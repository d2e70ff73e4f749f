"""What happens to a value on its way out: pure functions from value to JSON value.

A treatment that does not suit the value withholds it. Where a treatment hides a value, its answer
does not depend on whether there was one: a mask is always the same.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from schemas.shape import timestamp_text

MASK: Final = "***"
WITHHELD: Final = object()
"""Stands for no key at all in the answer."""

_BANDS: Final = ((18, "0-17"), (25, "18-24"), (35, "25-34"), (45, "35-44"), (55, "45-54"))
_OLDER: Final = ((65, "55-64"), (75, "65-74"))

Pseudonym = Callable[[str], str]


def apply(treatment: str, value: Any, context: Mapping[str, Any], pseudonym: Pseudonym) -> Any:
    """Treat a value: a JSON value, or WITHHELD.

    `context` has ward, district (codes or None) and today (date); `pseudonym` names an identifier
    for this recipient alone.
    """
    if treatment == "release":
        return plain(value)
    if treatment == "mask":
        return MASK
    if treatment == "pseudonymise":
        return _each(value, pseudonym)
    coarser = _GENERALISE.get(treatment)
    return WITHHELD if coarser is None else coarser(value, context)


_AS_IT_IS: Final = frozenset({str, int, float, bool, type(None)})


def plain(value: Any) -> Any:
    """Write a value as JSON: moments as ISO 8601 in UTC, bytes as base64."""
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, datetime):
        return timestamp_text(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def initials(name: str) -> str:
    """Reduce a name to its initials: "Amina O'Neill-Khan" is "A. O."."""
    return " ".join(f"{part[0].upper()}." for part in name.split() if part)


def age_band(born: str, today: date) -> str | None:
    """Name the age band of somebody born on an ISO date; None if it is no date."""
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return None
    age = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    return next((band for limit, band in (*_BANDS, *_OLDER) if age < limit), "75+")


def _each(value: Any, change: Callable[[str], Any]) -> Any:
    if value is None:
        return None
    if isinstance(value, str):
        return change(value)
    if isinstance(value, (list, tuple)):
        return [change(item) if isinstance(item, str) else None for item in value]
    return WITHHELD


def _period(write: Callable[[date], str]) -> Callable[[Any, Mapping[str, Any]], Any]:
    def coarser(value: Any, _context: Mapping[str, Any]) -> Any:
        if value is None:
            return None
        if isinstance(value, datetime):
            return write(value.astimezone(UTC).date())
        return _each(value, lambda text: _day(text, write))

    return coarser


def _day(text: str, write: Callable[[date], str]) -> str | None:
    try:
        return write(date.fromisoformat(text))
    except ValueError:
        return None


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def _area(name: str) -> Callable[[Any, Mapping[str, Any]], Any]:
    return lambda _value, context: context.get(name, WITHHELD)


_GENERALISE: Final[Mapping[str, Callable[[Any, Mapping[str, Any]], Any]]] = {
    "generalise:week": _period(_week),
    "generalise:month": _period(lambda day: f"{day:%Y-%m}"),
    "generalise:year": _period(lambda day: f"{day:%Y}"),
    "generalise:ward": _area("ward"),
    "generalise:district": _area("district"),
    "generalise:initials": lambda value, _context: _each(value, initials),
    "generalise:age_band": lambda value, context: _each(
        value, lambda born: age_band(born, context["today"])
    ),
}
