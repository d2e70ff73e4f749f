"""What an agreement must be to be used: its shape, its dates, its fields, texts that can be kept.

Nothing here reads a file or a sentence; nothing here decides about a release.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any, Final

from jsonschema import Draft202012Validator

from policies.fields import FIELDS, SUITABLE

EPOCH: Final = date(1970, 1, 1)
REACHED_AT: Final = ", reached at:"
"""What stands between a contact and its address."""

Agreement = dict[str, Any]
"""One agreement as `policies/agreement.schema.json` describes it."""


class AgreementInvalid(Exception):
    """An agreement cannot be used. `problems` names each place and what is wrong there."""

    def __init__(self, source: str, problems: tuple[str, ...]) -> None:
        """`source` is the file's name."""
        super().__init__(f"{source}: " + "; ".join(problems))
        self.source = source
        self.problems = problems


def faults(value: Any) -> tuple[str, ...]:
    """List what is wrong with an agreement, each with its path; empty if it can be used."""
    shape = tuple(
        f"{error.json_path.removeprefix('$.')}: {error.message}"
        for error in sorted(_validator().iter_errors(value), key=lambda e: e.json_path)
    )
    return shape or (
        *_dates(value),
        *_items(value["clauses"]),
        *_history(value["clauses"]),
        *_examples(value.get("examples", [])),
        *_texts(value),
        *_contacts(value["contacts"]),
    )


def epoch_day(text: str) -> int:
    """Count the days from 1 January 1970 to an ISO date."""
    return (date.fromisoformat(text) - EPOCH).days


def tidy(text: str) -> str:
    """Give a text as it is kept: no control characters, no white space at its ends or at a line's.

    Tabs and line feeds inside stay; every other way to end a line becomes a line feed.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ("".join(map(_kept, line)).rstrip() for line in lines)
    return "\n".join(kept).strip()


def _kept(character: str) -> str:
    if character == "\t" or unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}:
        return character
    return ""


@cache
def _validator() -> Draft202012Validator:
    text = resources.files("policies").joinpath("agreement.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


def _dates(agreement: Mapping[str, Any]) -> Iterator[str]:
    days: dict[str, int] = {}
    for name in ("starts", "review", "ends"):
        try:
            days[name] = epoch_day(agreement[name])
        except ValueError:
            yield f"{name}: there is no such day"
    if len(days) == 3 and not days["starts"] <= days["review"] <= days["ends"]:
        yield "review: must lie between starts and ends"


def _items(clauses: list[Mapping[str, Any]]) -> Iterator[str]:
    for number, clause in enumerate(clauses):
        for kind, items in clause["items"].items():
            for name, treatment in items.items():
                problem = unsuitable(kind, name, treatment)
                if problem:
                    yield f"clauses[{number}].items.{kind}.{name}: {problem}"


def _history(clauses: list[Mapping[str, Any]]) -> Iterator[str]:
    for number, clause in enumerate(clauses):
        if clause["transgender_history"] == "with-consent" and not clause["consent"]:
            yield f"clauses[{number}].transgender_history: with-consent needs a consent condition"


def _examples(examples: list[Mapping[str, Any]]) -> Iterator[str]:
    for number, example in enumerate(examples):
        kind, then = example["given"]["kind"], example["then"]
        expected = [*then["fields"].items(), *((name, "withhold") for name in then["withheld"])]
        for name, treatment in expected:
            problem = unsuitable(kind, name, treatment)
            if problem:
                yield f"examples[{number}].then.fields.{name}: {problem}"
        if set(then["fields"]) & set(then["withheld"]):
            yield f"examples[{number}].then.withheld: a field cannot be given and withheld"
        if expected and not then["permit"]:
            yield f"examples[{number}].then.permit: a refusal gives no field"
        if "on" in example["when"]:
            try:
                epoch_day(example["when"]["on"])
            except ValueError:
                yield f"examples[{number}].when.on: there is no such day"


def unsuitable(kind: str, name: str, treatment: str) -> str | None:
    """Say why a field of a kind of record cannot be treated so; None if it can."""
    field = FIELDS.get(kind, {}).get(name)
    if field is None:
        return "no such field of this kind of record (policies/fields.toml)"
    suitable = SUITABLE[field.shape]
    if treatment not in suitable:
        return f"{treatment} does not suit it; {', '.join(sorted(suitable))} would"
    return None


def _texts(agreement: Mapping[str, Any]) -> Iterator[str]:
    for path, text in free_texts(agreement):
        if tidy(text) != text:
            yield f"{path}: has white space at a line's end, or a character that cannot be kept"


def free_texts(agreement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give every text that an officer words freely, with its path."""
    yield from ((name, agreement[name]) for name in ("title", "controllers", "purpose", "gateway"))
    for name in ("parties", "article_9", "schedule_8"):
        yield from ((f"{name}[{n}]", text) for n, text in enumerate(agreement[name]))
    for name, text in agreement["governance"].items():
        yield f"governance.{name}", text
    for number, contact in enumerate(agreement["contacts"]):
        yield from ((f"contacts[{number}].{part}", contact[part]) for part in ("role", "reach"))
    yield from ((f"clauses[{n}].text", one["text"]) for n, one in enumerate(agreement["clauses"]))
    examples = agreement.get("examples", [])
    yield from ((f"examples[{n}].name", one["name"]) for n, one in enumerate(examples))


def _contacts(contacts: Iterable[Mapping[str, str]]) -> Iterator[str]:
    for number, contact in enumerate(contacts):
        if REACHED_AT in contact["role"]:
            yield f"contacts[{number}].role: cannot hold “{REACHED_AT}”"
