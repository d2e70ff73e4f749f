"""What a notice says in a sentence: of the kind of record and the fact, never of its content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sharing_api.recall import facts

_DO: Final[Mapping[str, str]] = {
    "delete": "Delete what you received of this {kind}, and tell whoever you passed it on to",
    "stop-use": "Use these fields of this {kind} no more, pass them on to nobody, and delete them",
    "correct": "Ask again for this {kind} and replace these fields",
}
_WHY: Final[Mapping[str, str]] = {
    facts.RETRACTED: "a record that it rests on was withdrawn.",
    facts.CORRECTED: "a later version has other values.",
    facts.SPLIT: "what was held to be one person turned out to be several.",
    facts.CONSENT: "the person's consent does not cover them any more.",
    facts.WISHES: "the victim's wishes rule this out now.",
    facts.RESTRICTED: "what is recorded now does not permit it any more.",
    facts.AGREEMENT_NARROWED: "the agreement they were released under does not release them now.",
    facts.AGREEMENT_WITHDRAWN: "the agreement they were released under was withdrawn.",
}


def instruction(action: str, kind: str, fact: str) -> str:
    """Say what to do and why."""
    return f"{_DO[action].format(kind=kind.replace('-', ' '))}: {_WHY[fact]}"
