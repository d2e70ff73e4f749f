"""Which schemas of strangers bytes may be decoded with: those that cost time by the byte.

An Avro schema can nest without end, so that decoding exhausts the stack and takes the process with
it, or hold items of no bytes, so that ten bytes stand for a million million of them. Whoever may
register a schema could stop the hub with one message. Here every value costs at least one byte, and
nothing contains itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import fastavro

DEPTH: Final = 32
"""Levels of JSON in a schema at most; our own have eleven."""


def parsed(source: Any) -> Any | None:
    """Give the parsed form of a schema; None if it is no Avro schema or not safe to decode with."""
    if not _shallow(source):
        return None
    try:
        schema = fastavro.parse_schema(source)
    except Exception:  # noqa: BLE001 (whatever a stranger registered, it is not a schema)
        return None
    return schema if _costs(schema, {}) else None


def _shallow(source: Any) -> bool:
    level = [source]
    for _ in range(DEPTH):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return not level


def _costs(type_: Any, named: dict[str, bool]) -> bool:
    """Whether every value of the type, and every value inside it, takes at least one byte.

    `named` holds the named types met so far: False while one is still open, so that a type which
    contains itself does not cost.
    """
    if isinstance(type_, list):
        return all(branch == "null" or _costs(branch, named) for branch in type_)
    if isinstance(type_, str):
        return named.get(type_, type_ != "null")
    cost = _COSTS.get(type_["type"])
    if cost is None:
        return _costs(type_["type"], named)
    name = type_.get("name", "")
    named[name] = False
    named[name] = cost(type_, named)
    return named[name]


def _record(type_: Mapping[str, Any], named: dict[str, bool]) -> bool:
    fields = [_costs(field["type"], named) for field in type_["fields"]]
    return bool(fields) and all(fields)


_COSTS: Final[Mapping[str, Callable[[Mapping[str, Any], dict[str, bool]], bool]]] = {
    "record": _record,
    "error": _record,
    "array": lambda type_, named: _costs(type_["items"], named),
    "map": lambda type_, named: _costs(type_["values"], named),
    "enum": lambda _type, _named: True,
    "fixed": lambda type_, _named: type_["size"] > 0,
}
