"""The decision input: its shape, and the check that stands before either engine.

Rego skips what it cannot iterate, so a list that is not a list would silently lose a denial. The
schema is closed and every field is required; what does not fit is refused without being asked. The
rules refuse it as well (`sharing/shape.rego`), for whoever asks an engine past this check.
The check is compiled from the schema at import, since it is made for every single decision.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

Check = Callable[[Any], bool]

_PYTHON: Final[Mapping[str, type]] = MappingProxyType(
    {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}
)
_ANNOTATIONS: Final = {"$schema", "$id", "$defs", "title"}
_SHAPES: Final = {"$ref", "type", "enum", "items", "properties", "required", "additionalProperties"}
_BOUNDS: Final = {"minimum", "maximum", "minLength", "maxLength", "maxItems"}
_KEYWORDS: Final = frozenset(_ANNOTATIONS | _SHAPES | _BOUNDS)


def schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of the decision input."""
    text = resources.files("policies").joinpath("decision-input.schema.json").read_text("utf-8")
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def validate(document: Any) -> bool:
    """Tell whether an engine may be asked this. Never raises."""
    return _CHECK(document)


def is_name(value: Any) -> bool:
    """Tell whether this can be an id or a name in a decision input. Never raises."""
    return _NAME(value)


def authority(agency_type: str) -> tuple[bool, bool]:
    """Tell whether agencies of a type are relevant authorities, and competent authorities.

    Crime and Disorder Act 1998 s.115; DPA 2018 Part 3. An unknown type is neither.
    """
    row = _AUTHORITIES.get(agency_type, {})
    return row.get("relevant", False), row.get("competent", False)


def _compiled(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> Check:
    unknown = node.keys() - _KEYWORDS
    if unknown:
        raise ValueError(f"the check does not know the keywords {sorted(unknown)}")
    if "$ref" in node:
        return _compiled(definitions[node["$ref"].removeprefix("#/$defs/")], definitions)
    if "enum" in node:
        return _one_of(frozenset(node["enum"]))
    kind = _PYTHON[node["type"]]
    if kind is dict:
        return _object({k: _compiled(v, definitions) for k, v in node["properties"].items()}, node)
    if kind is list:
        return _array(_compiled(node["items"], definitions), node["maxItems"])
    if kind is str:
        return _string(node.get("minLength", 0), node["maxLength"])
    if kind is int:
        return _integer(node["minimum"], node["maximum"])
    return lambda value: type(value) is bool


def _object(members: Mapping[str, Check], node: Mapping[str, Any]) -> Check:
    if node["additionalProperties"] is not False or set(node["required"]) != set(members):
        raise ValueError("an object of the decision input must be closed and complete")
    pairs = tuple(members.items())
    size = len(pairs)

    def check(value: Any) -> bool:
        if type(value) is not dict or len(value) != size:
            return False
        for name, member in pairs:  # noqa: SIM110 (a generator would cost as much as the checks)
            if name not in value or not member(value[name]):
                return False
        return True

    return check


def _array(item: Check, most: int) -> Check:
    return lambda value: type(value) is list and len(value) <= most and all(map(item, value))


def _string(least: int, most: int) -> Check:
    return lambda value: (
        type(value) is str and least <= len(value) <= most and (value.isascii() or _text(value))
    )


def _text(value: str) -> bool:
    """Tell whether this is Unicode text; a lone surrogate is not."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _integer(least: int, most: int) -> Check:
    return lambda value: type(value) is int and least <= value <= most


def _one_of(values: frozenset[str]) -> Check:
    return lambda value: type(value) is str and value in values


def _authorities() -> Mapping[str, Mapping[str, bool]]:
    text = resources.files("policies").joinpath("authorities.toml").read_text("utf-8")
    return MappingProxyType(tomllib.loads(text))


_AUTHORITIES: Final = _authorities()
_CHECK: Final = _compiled(schema(), schema()["$defs"])
_NAME: Final = _compiled(schema()["$defs"]["name"], schema()["$defs"])
