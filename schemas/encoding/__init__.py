"""Encodings of persons for linkage: keyed tokens instead of values, the same for all who seal.

Only intake and a producer that seals at source encode; only linkage compares. This package knows
names, dates and addresses; it must not know clusters or thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import layout
from .encoder import ENCODED_ROLES, encode
from .layout import EncodingError

__all__ = ["ENCODED_ROLES", "Encoding", "EncodingError", "decode", "encode"]


@dataclass(frozen=True, slots=True)
class Encoding:
    """A decoded encoding: 64 words of 32 bits, all of them keyed."""

    words: tuple[int, ...]

    def field(self, name: str) -> tuple[int, ...]:
        """The words of one field; zeros if the person has none. Raises KeyError."""
        at, width = layout.FIELDS[name]
        return self.words[at : at + width]


def decode(data: bytes) -> Encoding:
    """Read an encoding. Raises EncodingError."""
    return Encoding(tuple(layout.unpack(data)))
