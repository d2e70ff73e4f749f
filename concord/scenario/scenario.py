"""A scenario: its events in the order in which the hub gets them, and the truth behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from concord.scenario.agencies import Agency
from concord.scenario.truth import Truth


@dataclass(frozen=True, slots=True)
class Event:
    """One message: `record` is incident.v1 or tension-report.v1, `value` that record."""

    record: str
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that one seed gives."""

    seed: int
    since: date
    until: date
    agencies: tuple[Agency, ...]
    events: tuple[Event, ...]
    truth: Truth
    markers: tuple[str, ...]
    """Texts to search for after intake; empty unless markers were asked for."""

    def incidents(self) -> Iterator[dict[str, Any]]:
        """Incident events in order, later versions and retractions included."""
        return (event.value for event in self.events if event.record == "incident.v1")

    def tension_reports(self) -> Iterator[dict[str, Any]]:
        """Tension reports in order."""
        return (event.value for event in self.events if event.record == "tension-report.v1")
