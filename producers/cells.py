"""Reading single cells as people type them: dates, times, yes and no, lists.

A time without an offset is local time in the United Kingdom. A clock time that the change to
summer time skips is a fault; one that the change back repeats is taken as the earlier of the two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")

_YES = frozenset({"yes", "y", "true", "1", "x"})
_NO = frozenset({"no", "n", "false", "0"})
_DAY = re.compile(r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})")
_ISO_DAY = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})")
_MONTH = re.compile(r"(?P<m>\d{1,2})[/.-](?P<y>\d{4})")
_ISO_MONTH = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})")
_MOMENT = re.compile(r"(?P<day>.*?)(?:[ T]\s*(?P<clock>\d{1,2}:.*))?")
_NAMED_DAY = re.compile(r"(?P<d>\d{1,2})[ /.-](?P<m>[A-Za-z]{3,9})[ /.-](?P<y>\d{4}|\d{2})")
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
LEVELS: Final = ("imminent", "high", "raised", "moderate", "minor", "normal")
"""Levels of tension from 1 on."""
_GRADING = re.compile(r"(?P<s>[123])[\s/-]*(?P<i>[A-E])[\s/-]*(?P<h>[PC])")
_LEVEL = re.compile(
    rf"(?:level\s*)?(?P<n>[1-6])(?:\.0)?(?:[\s:()-]+(?P<name>{'|'.join(LEVELS)})\)?)?"
)
_CLOCK = re.compile(r"(?P<h>\d{1,2}):(?P<n>\d{2})(?::(?P<s>\d{2})(?:\.\d+)?)?")


class UnreadableCellError(ValueError):
    """The cell is not what its column holds. `code` and `rule` say why."""

    def __init__(self, code: str, rule: str) -> None:
        """Hold both."""
        super().__init__(rule)
        self.code = code
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, and whether the cell gave the time of day."""

    at: datetime
    clock: bool


def text(cell: str) -> str:
    """Give the text."""
    return cell


def many(cell: str) -> list[str]:
    """Give the parts of a list, which bars, semicolons or line breaks part."""
    return [part.strip() for part in re.split(r"[|;\r\n]+", cell) if part.strip()]


def yes_no(cell: str) -> bool:
    """Read yes or no. Raises UnreadableCellError."""
    word = cell.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise UnreadableCellError("not-yes-or-no", "yes or no (also y, n, true, false, 1, 0)")


def number(cell: str) -> int:
    """Read a whole number; a spreadsheet's 34.0 is one. Raises UnreadableCellError."""
    plain = cell.removesuffix(".0").removesuffix(",0")
    if re.fullmatch(r"-?\d{1,9}", plain, re.ASCII):
        return int(plain)
    raise UnreadableCellError("not-a-number", "a whole number")


def birth(cell: str) -> str:
    """Read a date of birth or its known part as ISO text. Raises UnreadableCellError."""
    rule = "dd/mm/yyyy, or what is known of it: mm/yyyy or yyyy; also yyyy-mm-dd"
    cell = re.sub(r"[ T]0?0:00(:00)?$", "", cell)  # spreadsheets add midnight to a date
    if re.fullmatch(r"\d{4}", cell, re.ASCII):
        return cell
    for pattern in (_MONTH, _ISO_MONTH):
        match = pattern.fullmatch(cell)
        if match and 1 <= int(match["m"]) <= 12:
            return f"{match['y']}-{int(match['m']):02d}"
    day = _day(cell)
    if day is None:
        raise UnreadableCellError("not-a-date", rule)
    return day.isoformat()


def moment(cell: str) -> Moment:
    """Read a day, or a day with a time, as UTC. Raises UnreadableCellError."""
    if re.search(r"(?:Z|[+-]\d{2}:?\d{2})$", cell) and "T" in cell:
        return _with_offset(cell)
    match = _MOMENT.fullmatch(cell)
    rest = (match["clock"] if match else None) or ""
    day = _day(match["day"], century="20") if match else None
    clock = _clock(rest)
    if day is None or clock is None:
        raise UnreadableCellError(
            "not-a-time",
            "dd/mm/yyyy hh:mm, or the day alone; also yyyy-mm-dd hh:mm and 1 June 2026",
        )
    local = datetime.combine(day, clock, LONDON)
    at = local.astimezone(UTC)
    if at.astimezone(LONDON).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise UnreadableCellError(
            "no-such-time", "a time that exists: the clocks went forward here"
        )
    return Moment(at, bool(rest))


def _with_offset(cell: str) -> Moment:
    try:
        return Moment(datetime.fromisoformat(cell).astimezone(UTC), clock=True)
    except (ValueError, OverflowError):
        raise UnreadableCellError(
            "not-a-time", "ISO 8601 with an offset, such as 2026-03-01T14:30:00+00:00"
        ) from None


def _day(cell: str, century: str = "") -> date | None:
    """A day; with `century` also one whose month is a word and whose year has two digits."""
    named = _NAMED_DAY.fullmatch(cell)
    if named and (century or len(named["y"]) == 4):
        return _named(named, century)
    match = _DAY.fullmatch(cell) or _ISO_DAY.fullmatch(cell)
    try:
        return date(int(match["y"]), int(match["m"]), int(match["d"])) if match else None
    except ValueError:
        return None


def _named(match: re.Match[str], century: str) -> date | None:
    year = match["y"] if len(match["y"]) == 4 else century + match["y"]
    months = [m for m, name in enumerate(_MONTHS, 1) if name.startswith(match["m"].casefold())]
    try:
        return date(int(year), months[0], int(match["d"])) if months else None
    except ValueError:
        return None


def _clock(cell: str) -> time | None:
    if not cell:
        return time()
    match = _CLOCK.fullmatch(cell)
    try:
        return time(int(match["h"]), int(match["n"]), int(match["s"] or 0)) if match else None
    except ValueError:
        return None


def whole_day(cell: str) -> str:
    """Read a calendar day as ISO text. Raises UnreadableCellError."""
    return moment(cell).at.astimezone(LONDON).date().isoformat()


def grading(cell: str) -> dict[str, Any]:
    """Read a 3x5x2 grading: `2CP`, `1 A C`, `2-c-p`. Raises UnreadableCellError."""
    match = _GRADING.fullmatch(cell.upper())
    if match is None:
        raise UnreadableCellError(
            "not-a-grading",
            "3x5x2: source 1 to 3, intelligence A to E, handling P or C, as 2CP; a condition "
            "stands in handling_conditions",
        )
    return {"source": int(match["s"]), "intelligence": match["i"], "handling": match["h"]}


def level(cell: str) -> int:
    """Read a level of tension: `3`, `Level 3`, `3 - raised`. Raises UnreadableCellError."""
    word = cell.casefold()
    if word in LEVELS:
        return LEVELS.index(word) + 1
    match = _LEVEL.fullmatch(word)
    name = match["name"] if match else None
    if match is None or (name is not None and LEVELS.index(name) + 1 != int(match["n"])):
        raise UnreadableCellError(
            "not-a-level",
            "1 imminent, 2 high, 3 raised, 4 moderate, 5 minor or 6 normal: number, word, or both",
        )
    return int(match["n"])


READERS: Final[dict[str, Any]] = {
    "text": text,
    "list": many,
    "yes_no": yes_no,
    "number": number,
    "date": birth,
    "moment": moment,
    "day": whole_day,
    "grading": grading,
    "level": level,
}
"""Readers by the kinds of the template."""
