"""What people state in words: the purpose of a request, and why they ask or decide.

A sentence may be in any script: an officer writes “tŷ” or “£50”. What no reader sees is
not accepted, that is control characters and those that hide or turn what stands beside them: the
ledger and its evidence show the sentence for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import StringConstraints

PURPOSE_PATTERN: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
PURPOSE_LONGEST: Final = 64
"""Purposes are named as agreements name them (`policies/agreement.schema.json`)."""
Purpose = Annotated[str, StringConstraints(pattern=PURPOSE_PATTERN, max_length=PURPOSE_LONGEST)]
EMERGENCY_PATTERN: Final = r"^emr_[0-9a-f]{24}$"
DIGEST_PATTERN: Final = r"^[0-9a-f]{64}$"
_UNSEEN: Final = (
    r"\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb"
)
TEXT_PATTERN: Final = rf"^[^{_UNSEEN}]*[^{_UNSEEN}\s][^{_UNSEEN}]*$"
NOTE_PATTERN: Final = rf"^[^{_UNSEEN}]*$"
LONGEST: Final = 500
Sentence = Annotated[str, StringConstraints(pattern=TEXT_PATTERN, max_length=LONGEST)]
Note = Annotated[str, StringConstraints(pattern=NOTE_PATTERN, max_length=LONGEST)]
RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        PURPOSE_PATTERN: "a purpose as agreements name it: small letters, digits and hyphens",
        EMERGENCY_PATTERN: "the id of an emergency request",
        DIGEST_PATTERN: "the digest of a version: 64 digits and letters from a to f",
        TEXT_PATTERN: "a sentence of 1 to 500 characters on one line",
        NOTE_PATTERN: "a sentence of at most 500 characters on one line",
    }
)
"""What a text that does not match a pattern should be, for people."""


def from_wire(value: object) -> object:
    """Give the value of a header as its sender wrote it.

    A header is bytes, which the server reads as Latin-1; those that are UTF-8 are read so instead.
    """
    if not isinstance(value, str):
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
