"""Checking a whole file before anything is sent: every fault of every row, and what is in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from producers.formats import Format
from producers.records import Event, EventMaker, Fault, Row
from producers.value_shape import shape_of

UNNAMED = "agency"
"""Stands for the agency where a file is checked without saying whose it is."""


@dataclass(slots=True)
class Report:
    """What a file holds."""

    rows: int = 0
    events: list[Event] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    faulty: int = 0
    """Records of the file that have faults."""

    repeated: int = 0
    """Records that say the same as an earlier one, word for word."""

    @property
    def clean(self) -> bool:
        """Whether the whole file may be published."""
        return not self.faults

    def to_json(self) -> dict[str, Any]:
        """Write the report down."""
        return {
            "rows": self.rows,
            "events": len(self.events),
            "by_record": dict(Counter(event.record for event in self.events)),
            "faulty": self.faulty,
            "repeated": self.repeated,
            "faults": [fault.to_json() for fault in self.faults],
            "notes": [note.to_json() for note in self.notes],
        }


class _Seen:
    """What earlier rows of the file said."""

    def __init__(self) -> None:
        self._by_version: dict[tuple[str, str, int], tuple[int | None, Event]] = {}
        self._by_event: dict[str, int | None] = {}

    def judge(self, row: Row, event: Event) -> tuple[Fault | None, bool]:
        """Give a fault if an earlier row contradicts this one, and whether one says the same."""
        value = event.value
        key = (event.record, value["reference"], value["version"])
        earlier = self._by_version.get(key)
        if earlier is not None:
            if earlier[1].value == value:
                return None, True
            rule = f"one row for each version; row {earlier[0]} differs: raise the version"
            seen = shape_of(value["reference"])
            return Fault(row.number, "reference", "version-twice", seen, rule), False
        if event.event_id in self._by_event:
            rule = f"an id of its own; row {self._by_event[event.event_id]} has the same"
            seen = shape_of(event.event_id)
            return Fault(row.number, "event_id", "event-id-twice", seen, rule), False
        self._by_version[key] = (row.number, event)
        self._by_event[event.event_id] = row.number
        return None, False


def check(
    path: Path,
    format_: Format,
    agency: str | None = None,
    *,
    secret: bytes = b"",
    clock: Callable[[], datetime] | None = None,
) -> Report:
    """Read and judge a whole file; sends nothing and never raises for what the file holds.

    Without `agency` rows may name any one agency. `secret` is the one that will be used to
    publish, so that event ids come out alike.
    """
    report, seen = Report(), _Seen()
    for row, maker in _with_makers(format_.read(path), agency, secret, clock):
        report.rows += len(row.numbers)
        report.notes.extend(row.notes)
        event, faults = maker.make(row)
        if event is not None:
            fault, repeated = seen.judge(row, event)
            report.repeated += repeated
            if fault is not None:
                faults = (fault,)
            elif not repeated:
                report.events.append(event)
        if faults:
            report.faulty += 1
            report.faults.extend(faults)
    return report


def _with_makers(
    rows: Iterator[Row],
    agency: str | None,
    secret: bytes,
    clock: Callable[[], datetime] | None,
) -> Iterator[tuple[Row, EventMaker]]:
    """Each row with the maker of its agency: the given one, or else that of the first row."""
    maker = EventMaker(agency, secret=secret, clock=clock) if agency else None
    for row in rows:
        if maker is None:
            named = (row.value or {}).get("agency")
            found = named if isinstance(named, str) and named else UNNAMED
            maker = EventMaker(found, secret=secret, clock=clock)
        yield row, maker
