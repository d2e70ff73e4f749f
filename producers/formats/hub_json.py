"""Hub JSON: records as the hub spells them, one object, a list of them, or one a line.

An object may say what it is with `"record": "incident"` or `"tension-report"`; otherwise
`observed` makes it a tension report and anything else an incident. Fields and values are those of
the Avro schemas, times as ISO 8601 with an offset.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from producers.formats import Format
from producers.records import INCIDENT, TENSION_REPORT, Fault, Row
from producers.tables import UnreadableFileError, text_of
from producers.value_shape import shape_of

_RECORDS = {
    "incident": INCIDENT,
    INCIDENT: INCIDENT,
    "tension-report": TENSION_REPORT,
    TENSION_REPORT: TENSION_REPORT,
}
_RULE = "JSON (RFC 8259): one object, a list of objects, or one object a line"


def read(path: Path) -> Iterator[Row]:
    """Read a file of hub JSON. Rows are counted as objects of a list, or as lines of the file."""
    try:
        text = text_of(path)
    except UnreadableFileError as error:
        yield Row((), faults=(error.fault,))
        return
    if not text.strip():
        yield Row((), faults=(Fault(None, "", "empty-file", "empty", _RULE),))
        return
    try:
        whole = _parse(text)
    except ValueError:
        yield from _lines(text)
        return
    values = whole if isinstance(whole, list) else [whole]
    yield from (_row(number, value) for number, value in enumerate(values, 1))


def _lines(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = _parse(line)
        except ValueError:
            fault = Fault(number, "", "not-json", f"a line of {len(line)} characters", _RULE)
            yield Row((number,), faults=(fault,))
            if number == 1:  # not lines of JSON at all: one clear fault is enough
                return
            continue
        yield _row(number, value)


def _row(number: int, value: Any) -> Row:
    if not isinstance(value, dict):
        fault = Fault(number, "", "wrong-type", shape_of(value), "an object")
        return Row((number,), faults=(fault,))
    fields = dict(value)
    stated = fields.pop("record", None)
    if stated is None:
        return Row((number,), TENSION_REPORT if "observed" in fields else INCIDENT, fields)
    if not isinstance(stated, str) or stated not in _RECORDS:
        rule = "incident or tension-report, or left out"
        fault = Fault(number, "record", "unknown-record", shape_of(stated), rule)
        return Row((number,), faults=(fault,))
    return Row((number,), _RECORDS[stated], fields)


def _parse(text: str) -> Any:
    def refuse(_constant: str) -> Any:
        raise ValueError("not JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


FORMAT = Format("hub-json", "Hub JSON: one object, a list, or one a line", read, "hub-json.ndjson")
