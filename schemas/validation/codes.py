"""Rules for coded strings: each must be a code of its vocabulary, in any usual spelling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schemas import vocabulary
from schemas.validation.faults import Faults

LISTED: Final = 22
"""A vocabulary up to this size is listed in the rule as a whole."""
MANY: Final = 50
"""Codes in one list at most."""


def _rule(name: str, text: str) -> str:
    rule = f"must be a code of vocabulary {name}"
    allowed = vocabulary.codes(name)
    if len(allowed) <= LISTED:
        rule += f": {', '.join(allowed)}"
    close = vocabulary.nearest(name, text)
    return f"{rule}; the nearest is {close}" if close else rule


def check_code(faults: Faults, path: str, name: str, text: str | None) -> None:
    """Fault `unknown-<vocabulary>` unless the text is absent or spells a code of `name`."""
    if text is not None and not faults.full and vocabulary.resolve(name, text) is None:
        faults.add(f"unknown-{name.replace('_', '-')}", path, _rule(name, text))


def check_codes(faults: Faults, path: str, name: str, texts: Sequence[str]) -> None:
    """The same for each entry of a list of at most `MANY`."""
    if len(texts) > MANY:
        faults.add("too-many", path, f"at most {MANY} entries")
        return
    for index, text in enumerate(texts):
        check_code(faults, f"{path}[{index}]", name, text)
