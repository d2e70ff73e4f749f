"""Events over HTTP: JSON into records, records into messages for the agency's own topic.

Only the shape is judged here. What an event says is judged by intake, the same for all ways in;
its receipt says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from schemas import codec, envelope, identifiers, shape, topics
from schemas.records import Receipt
from schemas.registry import SchemaIds
from sharing_api.problems import Problem, not_accepted
from sharing_api.services import Outgoing

RecordName = Literal["incident.v1", "tension-report.v1"]

KINDS: Final[dict[RecordName, str]] = {"incident.v1": "incident", "tension-report.v1": "tension"}
JSON: Final = "application/json"
LINES: Final = ("application/x-ndjson", "application/jsonl")


MISMATCH: Final = "agency-mismatch"


@dataclass(slots=True)
class Taken:
    """What one request's events came to: messages to send, and receipts of those that cannot be."""

    outgoing: list[Outgoing] = field(default_factory=list)
    event_ids: list[str] = field(default_factory=list)
    rejected: list[Receipt] = field(default_factory=list)

    @property
    def foreign(self) -> bool:
        """Whether all there is are events that name another agency."""
        codes = {fault["code"] for receipt in self.rejected for fault in receipt["faults"]}
        return not self.outgoing and codes == {MISMATCH}


def parse(body: bytes, media_type: str, limit: int) -> list[Any]:
    """The events of a request body: one JSON object, a list of them, or one a line.

    Raises Problem 413 for more than `limit`, 415 for another media type, 422 for what is no JSON.
    """
    kind = media_type.partition(";")[0].strip().lower()
    if kind == JSON:
        value = _json(body, "body")
        found = value if isinstance(value, list) else [value]
    elif kind in LINES:
        lines = [line for line in body.split(b"\n") if line.strip()]
        found = [_json(line, f"body.line.{n}") for n, line in enumerate(lines[: limit + 1], 1)]
    else:
        raise Problem(415, "media-type", f"Send {JSON}, or {LINES[0]} with one event a line.")
    if len(found) > limit:
        raise Problem(413, "too-many-events", f"Send at most {limit} events in one request.")
    if not found:
        raise not_accepted([{"field": "body", "rule": "at least one event"}])
    return found


def _json(text: bytes, where: str) -> Any:
    def refuse(_constant: str) -> Any:
        raise ValueError("not JSON")

    try:
        return json.loads(text, parse_constant=refuse, parse_float=_number)
    except (ValueError, RecursionError):
        raise not_accepted([{"field": where, "rule": "JSON (RFC 8259) in UTF-8"}]) from None


def _number(text: str) -> int | float:
    """1.0 is a whole number in JSON as in JSON Schema."""
    number = float(text)
    return int(number) if number.is_integer() else number


class EventReader:
    """Turns one agency's JSON events into messages."""

    def __init__(self, agency: str, schema_ids: SchemaIds, clock: Callable[[], datetime]) -> None:
        self._agency = agency
        self._schema_ids = schema_ids
        self._clock = clock

    def take(self, values: list[Any], record: RecordName | None = None) -> Taken:
        """Read all events; each ends in `outgoing` or in `rejected`.

        An absent agency is the sender's own. Without `record` an event that says when something was
        observed is a tension report, any other an incident.
        """
        taken = Taken()
        for value in values:
            named = {"agency": self._agency} | value if isinstance(value, dict) else value
            kind = record or _record_of(named)
            read, faults = shape.from_json(kind, named)
            if read is not None and read["agency"] != self._agency:
                rule = "the id of the agency that sends it"
                faults = [{"code": MISMATCH, "path": "agency", "rule": rule}]
            if read is None or faults:
                taken.rejected.append(self._rejection(kind, value, faults))
                continue
            taken.outgoing.append(self._message(kind, read))
            taken.event_ids.append(read["event_id"])
        return taken

    def _message(self, record: RecordName, read: dict[str, Any]) -> Outgoing:
        body = codec.encode(record, read)
        return Outgoing(
            topic=topics.topic_for(KINDS[record], self._agency),
            key=read["reference"].encode(),
            value=codec.frame(self._schema_ids.id_of(record), body),
            headers=envelope.headers(
                id_=read["event_id"],
                source=f"/agency/{self._agency}",
                type_=record,
                time=self._clock(),
            ),
        )

    def _rejection(self, record: str, value: Any, faults: list[Any]) -> Receipt:
        named = value if isinstance(value, dict) else {}
        event_id = named.get("event_id")
        reference = named.get("reference")
        known = event_id if isinstance(event_id, str) else ""
        return {
            "receipt_id": identifiers.receipt_id(self._agency, _encodable(known)),
            "event_id": _encodable(known),
            "agency": self._agency,
            "reference": _encodable(reference) if isinstance(reference, str) else None,
            "record": record,
            "status": "rejected",
            "faults": faults,
            "incident_id": None,
        }


def _record_of(value: Any) -> RecordName:
    return "tension-report.v1" if isinstance(value, dict) and "observed" in value else "incident.v1"


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
