"""Telephone numbers that ring nowhere: the ranges that Ofcom keeps for drama.

There are only a thousand mobile numbers among them. So they are handed out in turn, each to one
subscriber, mobiles first, then the ranges of cities; a large scenario begins again from the start,
as operators do with numbers given back.
"""

from __future__ import annotations

from concord.scenario.chance import Chance

DRAMA_PREFIXES = (
    "07700900",
    "01632960",
    *(f"{city}4960" for city in ("0113", "0114", "0115", "0116", "0117", "0118", "0121", "0131")),
    *(f"{city}4960" for city in ("0141", "0151", "0161")),
    "01914980",
    "02079460",
    "02896496",
    "02920180",
    "03069990",
)
"""Each is followed by three digits."""


class Numbers:
    """Hands numbers out."""

    def __init__(self, chance: Chance) -> None:
        """Shuffles each range."""
        self._free: list[str] = []
        for prefix in DRAMA_PREFIXES:
            range_ = [f"{prefix}{number:03d}" for number in range(1000)]
            chance.source.shuffle(range_)
            self._free.extend(range_)
        self._next = 0

    def take(self) -> str:
        """Give the next number."""
        number = self._free[self._next % len(self._free)]
        self._next += 1
        return number


class Line:
    """A subscriber's line; it takes its number when somebody first asks for it."""

    __slots__ = ("_number", "_numbers")

    def __init__(self, numbers: Numbers) -> None:
        """`numbers` gives the number."""
        self._numbers = numbers
        self._number: str | None = None

    @property
    def digits(self) -> str:
        """The number in national form without spaces."""
        if self._number is None:
            self._number = self._numbers.take()
        return self._number
