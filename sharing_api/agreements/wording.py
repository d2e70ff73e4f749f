"""From the text of an agreement to what it means, and to the digest that names it for ever."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from policies.agreements import Agreement, AgreementInvalid, language


def read(text: str) -> Agreement:
    """Read a text as a draft. Raises AgreementInvalid."""
    return language.read(text, "agreement")


def write(agreement: Agreement) -> str:
    """Write an agreement in the one way in which it is kept; its state is no part of it."""
    return language.write(agreement)


def digest(text: str) -> str:
    """Name a text by its content: SHA-256 of its canonical form, in hexadecimal."""
    return language.digest(text)


@lru_cache(maxsize=2000)
def _meaning(name: str, text: str) -> str:
    del name  # the digest names the text; a text never changes
    return json.dumps(read(text))


def meaning(name: str, text: str) -> dict[str, Any]:
    """What a kept text means; read once for each digest."""
    found: dict[str, Any] = json.loads(_meaning(name, text))
    return found


def worded(agreement: Mapping[str, Any]) -> dict[str, Any]:
    """Give an agreement beside its text and the digest of it."""
    text = write(dict(agreement))
    return {**agreement, "text": text, "digest": digest(text)}


def faults(error: AgreementInvalid) -> list[dict[str, Any]]:
    """What is wrong with a text, for whoever wrote it."""
    return [{"field": "text", "rule": problem} for problem in error.problems]
