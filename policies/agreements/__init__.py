"""Sharing agreements as data: loading them, and saying exactly what is wrong with one that is not.

Clauses are judged by the rules in `policies/sharing`; nothing here decides about a release.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from policies.fields import FIELDS, SUITABLE

EPOCH: Final = date(1970, 1, 1)

Agreement = dict[str, Any]
"""One agreement as `policies/agreement.schema.json` describes it."""


class AgreementInvalid(Exception):
    """An agreement cannot be used. `problems` names each path and what is wrong there."""

    def __init__(self, source: str, problems: tuple[str, ...]) -> None:
        """`source` is the file's name."""
        super().__init__(f"{source}: " + "; ".join(problems))
        self.source = source
        self.problems = problems


def load(folder: Path | None = None) -> tuple[Agreement, ...]:
    """Read every agreement of a folder (the demonstration agreements by default), sorted by id.

    Raises AgreementInvalid for the first file that is not a valid agreement, or whose id another
    file has too.
    """
    loaded: dict[str, Agreement] = {}
    for file in _files(folder):
        agreement = parse(file.name, file.read_text("utf-8"))
        if agreement["id"] in loaded:
            raise AgreementInvalid(file.name, (f"id: {agreement['id']} is taken by another file",))
        loaded[agreement["id"]] = agreement
    return tuple(loaded[name] for name in sorted(loaded))


def contents(folder: Path | None = None) -> dict[str, bytes | None]:
    """Read the agreement files of a folder (the demonstration agreements by default) by name.

    None stands for a file that cannot be read. Raises OSError for a folder that cannot.
    """
    found: dict[str, bytes | None] = {}
    for file in _files(folder):
        try:
            found[file.name] = file.read_bytes()
        except OSError:
            found[file.name] = None
    return found


def sift(
    files: Mapping[str, bytes | None],
) -> tuple[tuple[Agreement, ...], dict[str, tuple[str, ...]]]:
    """Give the usable agreements, sorted by id, and what is wrong with each other file.

    Of files with one id none is usable: it cannot be told which of them is meant.
    """
    usable: dict[str, Agreement] = {}
    faulty: dict[str, tuple[str, ...]] = {}
    names: dict[str, list[str]] = {}
    for name, data in sorted(files.items()):
        value, problems = _value(data)
        identifier = value.get("id") if isinstance(value, dict) else None
        if isinstance(identifier, str):
            names.setdefault(identifier, []).append(name)
        if problems:
            faulty[name] = problems
        else:
            usable[value["id"]] = value
    for identifier, several in names.items():
        if len(several) > 1:
            usable.pop(identifier, None)
            taken = (f"id: {identifier} is taken by another file",)
            faulty |= {name: (*faulty.get(name, ()), *taken) for name in several}
    return tuple(usable[identifier] for identifier in sorted(usable)), faulty


def _value(data: bytes | None) -> tuple[Any, tuple[str, ...]]:
    if data is None:
        return None, ("cannot be read",)
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        return None, (f"not JSON in UTF-8 ({type(error).__name__})",)
    return value, faults(value)


def _files(folder: Path | None) -> list[Traversable]:
    source: Traversable = folder or resources.files("policies").joinpath("agreements")
    return sorted(
        (item for item in source.iterdir() if item.name.endswith(".json")), key=lambda f: f.name
    )


def parse(source: str, text: str) -> Agreement:
    """Read one agreement. Raises AgreementInvalid."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise AgreementInvalid(source, (f"not JSON: {error}",)) from None
    problems = faults(value)
    if problems:
        raise AgreementInvalid(source, problems)
    agreement: Agreement = value
    return agreement


def faults(value: Any) -> tuple[str, ...]:
    """List what is wrong with an agreement, each with its path; empty if it can be used."""
    shape = tuple(
        f"{error.json_path.removeprefix('$.')}: {error.message}"
        for error in sorted(_validator().iter_errors(value), key=lambda e: e.json_path)
    )
    return shape or (*_dates(value), *_items(value["clauses"]), *_history(value["clauses"]))


def epoch_day(text: str) -> int:
    """Count the days from 1 January 1970 to an ISO date."""
    return (date.fromisoformat(text) - EPOCH).days


@cache
def _validator() -> Draft202012Validator:
    text = resources.files("policies").joinpath("agreement.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


def _dates(agreement: Mapping[str, Any]) -> Iterable[str]:
    days: dict[str, int] = {}
    for name in ("starts", "review", "ends"):
        try:
            days[name] = epoch_day(agreement[name])
        except ValueError:
            yield f"{name}: there is no such day"
    if len(days) == 3 and not days["starts"] <= days["review"] <= days["ends"]:
        yield "review: must lie between starts and ends"


def _items(clauses: list[Mapping[str, Any]]) -> Iterable[str]:
    for number, clause in enumerate(clauses):
        for kind, items in clause["items"].items():
            for name, treatment in items.items():
                problem = _item(kind, name, treatment)
                if problem:
                    yield f"clauses[{number}].items.{kind}.{name}: {problem}"


def _history(clauses: list[Mapping[str, Any]]) -> Iterable[str]:
    for number, clause in enumerate(clauses):
        if clause["transgender_history"] == "with-consent" and not clause["consent"]:
            yield f"clauses[{number}].transgender_history: with-consent needs a consent condition"


def _item(kind: str, name: str, treatment: str) -> str | None:
    field = FIELDS.get(kind, {}).get(name)
    if field is None:
        return "no such field of this kind of record (policies/fields.toml)"
    suitable = SUITABLE[field.shape]
    if treatment not in suitable:
        return f"{treatment} does not suit it; {', '.join(sorted(suitable))} would"
    return None
