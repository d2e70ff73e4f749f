"""Records as JSON, and the first question about an event: whether it has the right shape.

JSON form: timestamps as ISO 8601 with an offset, bytes as base64, everything else as it is. Every
departure is reported, not only the first, each with its path, up to `LIMIT` of them; a value is
never repeated, since it might be a person's.
"""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, TypedDict

from schemas import codec


class Departure(TypedDict):
    """One rule broken: stable code, path such as persons[0].age, and what would be accepted."""

    code: str
    path: str
    rule: str


LIMIT: Final = 100
"""Departures listed for one value; the last one then says that there are more."""

_ABSENT: Final = object()
_INT: Final = range(-(2**31), 2**31)
_LONG: Final = range(-(2**63), 2**63)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def from_json(name: str, value: Any) -> tuple[dict[str, Any] | None, list[Departure]]:
    """Read a JSON value as a record of `name`, defaults filled in.

    Gives the record and no departures, or None and all of them.
    """
    found: list[Departure] = []
    record = _read(codec.resolved(name), value, "", found)
    if len(found) > LIMIT:
        rule = f"only the first {LIMIT - 1} faults are listed; correct them and check again"
        found[LIMIT - 1 :] = [{"code": "more-faults", "path": "", "rule": rule}]
    return (None, found) if found else (record, [])


def check(name: str, value: Any) -> list[Departure]:
    """List what keeps a JSON value from being a record of `name`; empty if it is one."""
    return from_json(name, value)[1]


def to_json(name: str, record: dict[str, Any]) -> dict[str, Any]:
    """Write a record as a JSON value, fields in the schema's order."""
    written: dict[str, Any] = _write(codec.resolved(name), record)
    return written


def timestamp_text(moment: datetime) -> str:
    """Write a moment as ISO 8601 in UTC with milliseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def timestamp(text: str) -> datetime:
    """Read ISO 8601 with an offset or Z as UTC, cut to milliseconds.

    Raises ValueError for anything else, a time without offset included.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no offset")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range") from None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _fault(found: list[Departure], code: str, path: str, rule: str) -> None:
    if len(found) <= LIMIT:
        found.append({"code": code, "path": path, "rule": rule})


def _read(type_: Any, value: Any, path: str, found: list[Departure]) -> Any:
    if isinstance(type_, list):
        if value is None:
            return None
        return _read(next(branch for branch in type_ if branch != "null"), value, path, found)
    kind = type_ if isinstance(type_, str) else type_.get("logicalType", type_["type"])
    return _READERS[kind](type_, value, path, found)


def _record(type_: Any, value: Any, path: str, found: list[Departure]) -> Any:
    if not isinstance(value, dict):
        return _fault(found, "wrong-type", path, "an object")
    prefix = f"{path}." if path else ""
    known = {field["name"] for field in type_["fields"]}
    strangers = (name for name in value if name not in known)
    for stranger in islice(strangers, LIMIT + 1):
        rule = f"no such field; known here: {', '.join(sorted(known))}"
        _fault(found, "unknown-field", f"{prefix}{_printable(stranger)}", rule)
    out: dict[str, Any] = {}
    for field in type_["fields"]:
        name = field["name"]
        given = value.get(name, _ABSENT)
        if given is not _ABSENT:
            out[name] = _read(field["type"], given, f"{prefix}{name}", found)
        elif "default" in field:
            out[name] = codec.default_of(field)
        elif isinstance(field["type"], dict) and field["type"].get("type") == "record":
            out[name] = _read(field["type"], {}, f"{prefix}{name}", found)
        else:
            _fault(found, "missing", f"{prefix}{name}", "required")
    return out


def _array(type_: Any, value: Any, path: str, found: list[Departure]) -> Any:
    if not isinstance(value, list | tuple):
        return _fault(found, "wrong-type", path, "a list")
    return [_read(type_["items"], item, f"{path}[{i}]", found) for i, item in enumerate(value)]


def _map(type_: Any, value: Any, path: str, found: list[Departure]) -> Any:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        return _fault(found, "wrong-type", path, "an object")
    return {
        key: _read(type_["values"], item, f"{path}.{_printable(key)}", found)
        for key, item in value.items()
    }


def _string(_type: Any, value: Any, path: str, found: list[Departure]) -> Any:
    if not isinstance(value, str):
        return _fault(found, "wrong-type", path, "text")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return _fault(found, "wrong-type", path, "text without lone surrogates")
    return value


def _boolean(_type: Any, value: Any, path: str, found: list[Departure]) -> Any:
    if not isinstance(value, bool):
        return _fault(found, "wrong-type", path, "true or false")
    return value


def _whole(limits: range) -> Any:
    def read(_type: Any, value: Any, path: str, found: list[Departure]) -> Any:
        if isinstance(value, bool) or not isinstance(value, int) or value not in limits:
            return _fault(found, "wrong-type", path, f"a whole number up to {limits[-1]}")
        return value

    return read


def _double(_type: Any, value: Any, path: str, found: list[Departure]) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _fault(found, "wrong-type", path, "a number")
    return float(value)


def _timestamp(_type: Any, value: Any, path: str, found: list[Departure]) -> Any:
    rule = "a date and time with offset, such as 2026-03-01T14:30:00Z"
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.isoformat()
    if not isinstance(value, str):
        return _fault(found, "wrong-type", path, rule)
    try:
        return timestamp(value)
    except ValueError:
        return _fault(found, "not-a-time", path, rule)


def _bytes(_type: Any, value: Any, path: str, found: list[Departure]) -> Any:
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        return _fault(found, "wrong-type", path, "bytes in base64")


_READERS: Final[dict[str, Any]] = {
    "record": _record,
    "array": _array,
    "map": _map,
    "string": _string,
    "boolean": _boolean,
    "int": _whole(_INT),
    "long": _whole(_LONG),
    "double": _double,
    "timestamp-millis": _timestamp,
    "bytes": _bytes,
}


def _write(type_: Any, value: Any) -> Any:
    if isinstance(type_, list):
        type_ = next(branch for branch in type_ if branch != "null")
    if isinstance(value, datetime):
        return timestamp_text(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, list):
        return [_write(type_["items"], item) for item in value]
    if isinstance(value, dict):
        return _written_fields(type_, value)
    return value


def _written_fields(type_: Any, value: dict[str, Any]) -> dict[str, Any]:
    if type_["type"] == "map":
        return {key: _write(type_["values"], item) for key, item in value.items()}
    return {
        field["name"]: _write(field["type"], value[field["name"]])
        for field in type_["fields"]
        if field["name"] in value
    }


def _printable(name: Any) -> str:
    """A stranger's field name may be anything, a person's name included: show its form only."""
    text = str(name)
    plain = text.isascii() and text.replace("_", "").isalnum() and len(text) <= 40
    return text if plain and text.islower() else f"<{len(text)} characters>"
