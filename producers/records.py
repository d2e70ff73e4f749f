"""What a reader makes of a source file: rows with a record, or with what keeps it from being one.

A row becomes an event in two steps. The reader gives the fields it found (`Row.value`, hub JSON,
some left out). `EventMaker` completes them: agency, event id, defaults, and the rules of
`schemas.shape` and `schemas.validation`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from producers.value_shape import shape_of
from schemas import shape
from schemas.identifiers import stable_id
from schemas.validation import validate_incident, validate_tension_report

INCIDENT = "incident.v1"
TENSION_REPORT = "tension-report.v1"

_RULES: dict[str, Callable[..., Any]] = {
    INCIDENT: validate_incident,
    TENSION_REPORT: validate_tension_report,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that a row breaks, for a person with the source file open.

    `seen` is the shape of the value, never the value. `rule` says what is required and what
    would be accepted.
    """

    row: int | None
    column: str
    code: str
    seen: str
    rule: str

    def to_json(self) -> dict[str, Any]:
        """Write it down."""
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "value": self.seen,
            "rule": self.rule,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a source file, from one or more of its rows.

    `numbers` are counted as the source shows them, the header being row 1. `value` is None where
    the faults leave nothing to publish. `notes` are remarks that stop nothing. `columns` names
    the column behind a path of the record, where the two differ.
    """

    numbers: tuple[int, ...]
    record: str = INCIDENT
    value: dict[str, Any] | None = None
    faults: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def number(self) -> int | None:
        """The first source row; None for a fault of the whole file."""
        return self.numbers[0] if self.numbers else None


@dataclass(frozen=True, slots=True)
class Event:
    """A complete record, ready to be published."""

    record: str
    value: dict[str, Any]

    @property
    def event_id(self) -> str:
        """The id that its receipt will name."""
        return str(self.value["event_id"])


class EventMaker:
    """Makes events of rows, for one agency."""

    def __init__(
        self, agency: str, *, secret: bytes = b"", clock: Callable[[], datetime] | None = None
    ) -> None:
        """`secret`, where the agency has one, keys the event ids that are derived from content.

        Without it an id that travels further than its event would let its holder try contents
        until one fits.
        """
        self._agency = agency
        self._secret = hashlib.blake2b(secret, digest_size=32, person=b"event-id").digest()
        self._clock = clock or (lambda: datetime.now(UTC))

    def make(self, row: Row) -> tuple[Event | None, tuple[Fault, ...]]:
        """Complete a row. Gives the event and no faults, or None and all faults of the row.

        A row without an event id gets one from its content: the same row always the same id, so
        that sending it again doubles nothing.
        """
        if row.value is None or row.faults:
            return None, row.faults
        value = {"agency": self._agency, **row.value}
        if not value.get("event_id"):
            value["event_id"] = self._event_id(row.record, value)
        if value["agency"] != self._agency:
            rule = "the id of the agency that publishes, or left out"
            return None, (_fault(row, "agency-mismatch", "agency", rule),)
        record, departures = shape.from_json(row.record, value)
        rules = _RULES[row.record]
        found = departures if record is None else rules(record, now=self._clock())
        if record is None or found:
            return None, tuple(_fault(row, one["code"], one["path"], one["rule"]) for one in found)
        return Event(row.record, record), ()

    def _event_id(self, record: str, value: Mapping[str, Any]) -> str:
        content = json.dumps(
            value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_moment
        )
        digest = hashlib.blake2b(content.encode(), digest_size=32, key=self._secret).hexdigest()
        return stable_id("evt", self._agency, record, digest)


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return shape.timestamp_text(value)
    return repr(type(value))


def _fault(row: Row, code: str, path: str, rule: str) -> Fault:
    return Fault(row.number, _column(row.columns, path), code, shape_of(_at(row.value, path)), rule)


def _column(columns: Mapping[str, str], path: str) -> str:
    """The column behind a path: that of the path itself or of the nearest field around it."""
    around = path
    while around:
        if around in columns:
            return columns[around]
        cut = max(around.rfind("."), around.rfind("["))
        around = around[:cut] if cut > 0 else ""
    return path


def _at(value: Any, path: str) -> Any:
    for step in path.replace("[", ".").replace("]", "").split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
