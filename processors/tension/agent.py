"""Tension on the log: incidents, reports and ticks in, signals out. The rules are in `signals`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from math import inf
from typing import Any

from processors.log import LogRecord
from processors.tension.incidents import item_of
from processors.tension.rules import Rules
from processors.tension.signals import diff, series_of
from processors.tension.state import TensionState
from schemas.records import TensionSignal

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class TensionCore:
    """Holds the counted items and the signals that stand; every look is a full sweep."""

    name = "tension"
    inputs = ("hub.incident.v1", "hub.tension.v1", "hub.tick.v1")
    output = "hub.tension-signal.v1"
    key = "signal_id"
    pause = 1.0
    patience = inf

    def __init__(self, rules: Rules) -> None:
        """Begin without items, before all time."""
        self._state = TensionState(rules)
        self._tick = _BEGINNING
        self._swept: date | None = None
        self._standing: dict[str, TensionSignal] = {}
        self._touched = False

    def stood(self, key: str, value: dict[str, Any]) -> None:
        """Learn what the signal topic holds."""
        self._standing[key] = value  # type: ignore[assignment]

    def apply(self, record: LogRecord) -> None:
        """Take an incident, a report's item or a tick."""
        value: Any = record.value
        if value is None:
            return
        if record.topic == "hub.tick.v1":
            self._tick = max(self._tick, value["as_of"])
        else:
            item = item_of(value) if record.topic == "hub.incident.v1" else value
            self._touched |= self._state.apply(item)

    @property
    def as_of(self) -> datetime:
        """The later of the latest tick and the newest item."""
        return max(self._tick, self._state.newest or _BEGINNING)

    def changes(self, *, whole: bool = False) -> Sequence[Mapping[str, Any]]:
        """Sweep over all series if anything came or a day passed; give the signals that differ.

        One sweep costs less than knowing which series a late report touches: what is usual in a
        ward hangs on its district and county.
        """
        as_of = self.as_of
        if not (whole or self._touched or as_of.date() != self._swept):
            return []
        now = {one["signal_id"]: one for one in self._state.signals(as_of)}
        stood = [one for one in self._standing.values() if one["status"] != "quiet"]
        gone = [series_of(one) for one in stood if one["signal_id"] not in now]
        asked = self._state.signals(as_of, only=[one for one in gone if one is not None])
        now |= {one["signal_id"]: one for one in asked}
        changed = diff(self._standing, now.values(), whole=True)
        self._standing.update({signal["signal_id"]: signal for signal in changed})
        self._touched, self._swept = False, as_of.date()
        return changed

    def audit(self, _output: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """Nothing: a signal is a count."""
        return ()
