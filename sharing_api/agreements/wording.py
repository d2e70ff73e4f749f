"""From the text of an agreement to what it means, and to the digest that names it for ever."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from policies.agreements import Agreement, AgreementInvalid, language

_PLACED: Final = re.compile(r"line (\d+), column (\d+): (.*)", re.DOTALL)
_MEANT: Final = re.compile(r"did you mean “(.*)”\?$", re.DOTALL)
_COULD: Final = re.compile(r"what could: (.*?)(?:; did you mean|$)", re.DOTALL)
_QUOTED: Final = re.compile(r"“([^”]*)”")


def read(text: str) -> Agreement:
    """Read a text as a draft. Raises AgreementInvalid."""
    return language.read(text)


def write(agreement: Mapping[str, Any]) -> str:
    """Write an agreement in the one way in which it is kept; its state is no part of it."""
    return language.write(dict(agreement))


def digest(kept: str) -> str:
    """Name a text as it is kept by its content: SHA-256 in hexadecimal (`language.digest`)."""
    return hashlib.sha256(kept.encode("utf-8")).hexdigest()


def meaning(name: str, kept: str) -> dict[str, Any]:
    """What a kept text means; read once for each digest. Raises AgreementInvalid."""
    found: dict[str, Any] = json.loads(_meaning(name, kept))
    return found


@lru_cache(maxsize=2000)
def _meaning(name: str, kept: str) -> str:
    del name  # the digest names the text; a text never changes
    return json.dumps(read(kept))


def worded(agreement: Mapping[str, Any]) -> dict[str, Any]:
    """Give an agreement beside its text and the digest of it."""
    text = write(agreement)
    return {**agreement, "text": text, "digest": digest(text)}


def faults(error: AgreementInvalid) -> list[dict[str, Any]]:
    """What is wrong with a text, for whoever wrote it: where, what could stand there, a guess."""
    return [_fault(problem) for problem in error.problems]


def _fault(problem: str) -> dict[str, Any]:
    placed = _PLACED.fullmatch(problem)
    if placed is None:
        return {"field": "text", "rule": problem}
    line, column, rule = placed.groups()
    found: dict[str, Any] = {
        "field": "text",
        "rule": rule,
        "line": int(line),
        "column": int(column),
    }
    word, could, meant = _QUOTED.match(rule), _COULD.search(rule), _MEANT.search(rule)
    if word is not None:
        found["found"] = word[1]
    if could is not None:
        found["expected"] = _QUOTED.findall(could[1])
    if meant is not None:
        found["suggestion"] = meant[1]
    return found
