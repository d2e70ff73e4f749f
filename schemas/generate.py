"""Writes what follows from the Avro files: typed records and JSON Schemas.

`python -m schemas.generate` writes; `--check` says what is out of date and exits 1.
"""

from __future__ import annotations

import json
import keyword
import sys
from pathlib import Path
from typing import Any, Final

from schemas import codec

_PYTHON: Final = {
    "string": "str",
    "int": "int",
    "long": "int",
    "double": "float",
    "boolean": "bool",
    "bytes": "bytes",
    "timestamp-millis": "datetime",
}
_JSON: Final[dict[str, dict[str, Any]]] = {
    "string": {"type": "string"},
    "int": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "long": {"type": "integer"},
    "double": {"type": "number"},
    "boolean": {"type": "boolean"},
    "bytes": {"type": "string", "contentEncoding": "base64"},
    "timestamp-millis": {"type": "string", "format": "date-time"},
}


def _kind(type_: Any) -> str:
    return type_ if isinstance(type_, str) else str(type_.get("logicalType", type_["type"]))


def _python_type(type_: Any) -> str:
    if isinstance(type_, list):
        inner = next(branch for branch in type_ if branch != "null")
        return f"{_python_type(inner)} | None"
    kind = _kind(type_)
    if kind == "record":
        return str(type_["name"])
    if kind == "array":
        return f"list[{_python_type(type_['items'])}]"
    if kind == "map":
        return f"dict[str, {_python_type(type_['values'])}]"
    return _PYTHON[kind]


def _records(type_: Any, out: dict[str, Any]) -> None:
    """Collect record types, inner ones first."""
    if isinstance(type_, list):
        for branch in type_:
            _records(branch, out)
    elif isinstance(type_, dict):
        for field in type_.get("fields", ()):
            _records(field["type"], out)
        _records(type_.get("items", "string"), out)
        if type_["type"] == "record":
            known = out.setdefault(type_["name"], type_)
            if [f["name"] for f in known["fields"]] != [f["name"] for f in type_["fields"]]:
                raise SystemExit(f"two records called {type_['name']} differ")


def _wrapped(text: str, indent: str, width: int = 96) -> list[str]:
    lines, line = [], indent + '"""'
    for word in (text + '"""').split(" "):
        if len(line) + len(word) + 1 > width and line.strip():
            lines.append(line.rstrip())
            line = indent
        line += word + " "
    return [*lines, line.rstrip()]


def python_source() -> str:
    """Write the module of typed records."""
    found: dict[str, Any] = {}
    for name in codec.NAMES:
        _records(codec.resolved(name), found)
    lines = [
        '"""Typed records, generated from `schemas/avro`: change those and run `make generate`."""',
        "",
        "from __future__ import annotations",
        "",
        "from datetime import datetime",
        "from typing import TypedDict",
    ]
    for record in found.values():
        if any(keyword.iskeyword(field["name"]) for field in record["fields"]):
            lines += _functional(record)
            continue
        lines += ["", "", f"class {record['name']}(TypedDict):"]
        lines += _wrapped(record["doc"], "    ")
        lines.append("")
        for field in record["fields"]:
            lines.append(f"    {field['name']}: {_python_type(field['type'])}")
    return "\n".join(lines) + "\n"


def _functional(record: dict[str, Any]) -> list[str]:
    """Write a record with a field that is a Python keyword."""
    name = record["name"]
    fields = [f'        "{f["name"]}": {_python_type(f["type"])},' for f in record["fields"]]
    lines = ["", "", f"{name} = TypedDict(", f'    "{name}",', "    {", *fields, "    },", ")"]
    return [*lines, *_wrapped(record["doc"], "")]


def _json_type(type_: Any) -> dict[str, Any]:
    if isinstance(type_, list):
        inner = next(branch for branch in type_ if branch != "null")
        return {"anyOf": [_json_type(inner), {"type": "null"}]}
    kind = _kind(type_)
    if kind == "record":
        fields = type_["fields"]
        required = [f["name"] for f in fields if "default" not in f and _kind_of(f) != "record"]
        return {
            "type": "object",
            "title": type_["name"],
            "description": type_["doc"],
            "properties": {
                f["name"]: {**_json_type(f["type"]), "description": f["doc"]} for f in fields
            },
            "required": required,
            "additionalProperties": False,
        }
    if kind == "array":
        return {"type": "array", "items": _json_type(type_["items"])}
    if kind == "map":
        return {"type": "object", "additionalProperties": _json_type(type_["values"])}
    return dict(_JSON[kind])


def _kind_of(field: dict[str, Any]) -> str:
    return "union" if isinstance(field["type"], list) else _kind(field["type"])


def json_source(name: str) -> str:
    """Write the JSON Schema (2020-12) of a record's JSON form."""
    body = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:concord:{name}",
        **_json_type(codec.resolved(name)),
    }
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def outputs() -> dict[Path, str]:
    """Give every generated file's text by its path."""
    root = Path(__file__).parent
    files = {root / "records.py": python_source()}
    for name in codec.NAMES:
        files[root / "json" / f"{name}.schema.json"] = json_source(name)
    return files


def main(arguments: list[str]) -> int:
    """Write, or with --check compare."""
    stale = []
    for path, text in outputs().items():
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale.append(path)
        if "--check" not in arguments:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
    verb = "out of date" if "--check" in arguments else "written"
    for path in stale:
        sys.stdout.write(f"{verb}: schemas/{path.relative_to(Path(__file__).parent)}\n")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
