"""Trigger windows, from the hub's configuration: days that something elsewhere may spill over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class TriggerWindow:
    """Days, both included, on which some strands or groups are watched more closely.

    `strands` empty: all are.
    """

    name: str
    first: date
    last: date
    strands: tuple[str, ...] = ()

    def concerns(self, strand: str | None) -> bool:
        """Tell whether a strand is watched; None asks for any."""
        named = {each.partition(":")[0] for each in self.strands} | {*self.strands}
        return strand is None or not named or strand in named
