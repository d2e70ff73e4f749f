"""Gathering the faults of one event: all of them, up to a limit that keeps a receipt small."""

from __future__ import annotations

from typing import Final

from schemas.records import Fault

LIMIT: Final = 100
"""Faults listed for one event; the last one then says that there are more."""


class Faults:
    """The faults found so far, in the order of the rules."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def add(self, code: str, path: str, rule: str) -> None:
        """Note a fault. `rule` says what is required and never repeats a value of the event."""
        if not self.full:
            self._found.append({"code": code, "path": path, "rule": rule})

    @property
    def full(self) -> bool:
        """Whether further faults would not be listed: no need to put them into words."""
        return len(self._found) > LIMIT

    def listed(self) -> list[Fault]:
        """The faults, at most `LIMIT` of them."""
        if len(self._found) <= LIMIT:
            return self._found
        more: Fault = {
            "code": "more-faults",
            "path": "",
            "rule": f"only the first {LIMIT - 1} faults are listed; correct them and check again",
        }
        return [*self._found[: LIMIT - 1], more]
