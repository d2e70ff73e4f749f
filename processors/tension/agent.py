"""Tension on the log: incidents, reports and ticks in, signals out. The rules are in `signals`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from math import inf
from typing import Any

from processors.log import LogRecord
from processors.tension.event import Series
from processors.tension.incidents import item_of
from processors.tension.rules import Rules
from processors.tension.signals import diff
from processors.tension.state import TensionState
from schemas.records import TensionSignal

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class TensionCore:
    """Holds the counted items and the signals that stand; a new day is a full sweep."""

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
        self._touched: set[Series] = set()

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
        """Compute the touched series, or on a new day all, and give the signals that differ."""
        as_of = self.as_of
        sweep = whole or as_of.date() != self._swept
        now = self._state.signals(as_of, None if sweep else self._touched)
        changed = diff(self._standing, now, whole=sweep)
        self._standing.update({signal["signal_id"]: signal for signal in changed})
        self._touched, self._swept = set(), as_of.date()
        return changed

    def audit(self, _output: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """Nothing: a signal is a count."""
        return ()
