"""The layout of an encoding: which 32-bit word holds what, and the bytes it travels as.

An encoding is 64 words, most of them zero for most people. It travels as one version byte, a
64-bit map of the words that are not zero, then those words (little endian). Nothing here knows
what a name is.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

VERSION: Final = 2
"""What is written now."""
_READ: Final = frozenset({1, 2})  # version 1 ended before the place of birth

_WIDTHS: Final = (
    ("family", 1),
    ("family_canonical", 1),
    ("family_phonetic", 1),
    ("family_other", 2),
    ("given", 4),
    ("given_canonical", 4),
    ("given_phonetic", 1),
    ("initials", 1),
    ("flags", 1),
    ("birth", 2),
    ("birth_years", 1),
    ("postcode", 2),
    ("locality", 1),
    ("street", 1),
    ("house", 1),
    ("email", 2),
    ("email_local", 1),
    ("mobile", 4),
    ("landline", 2),
    ("identifier", 6),
    ("household", 2),
    ("occupation", 1),
    ("family_bloom", 4),
    ("given_bloom", 4),
    ("street_bloom", 4),
    ("locality_bloom", 4),
    ("email_bloom", 4),
    ("place_of_birth", 1),
    ("place_of_birth_phonetic", 1),
)


def _offsets() -> dict[str, tuple[int, int]]:
    offsets, at = {}, 0
    for name, width in _WIDTHS:
        offsets[name] = (at, width)
        at += width
    return offsets


FIELDS: Final = _offsets()
"""Field name -> (first word, number of words)."""
WORDS: Final = sum(width for _, width in _WIDTHS)
"""Number of words of an encoding; at most 64, the size of the map."""

# The word `flags`: its lowest byte is a token of the sex, its third one of the region, its last one
# of the letters of the first given name.
SINGLE_LETTER: Final = 1 << 8
"""The first given name is an initial."""
COMMON_FAMILY: Final = 1 << 9
"""The family name is one of the listed common ones."""
COMMON_GIVEN: Final = 1 << 10
"""The first given name is one of the listed common ones."""
CONVENTION: Final = 1 << 11
"""Born on 1 January: as a rule only the year is known."""
LONE: Final = 1 << 12
"""The only name known, of which nobody said whether it is a given or a family name."""
LISTED_GIVEN: Final = 1 << 13
"""The first given name is one that some list knows."""
STRANGE_GIVEN: Final = 1 << 14
"""No list knows the first given name, and it is no initial: perhaps a slip of the pen."""
REGION_SHIFT: Final = 16
"""Where the byte of the region begins."""
LETTERS_SHIFT: Final = 24
"""Where the byte of the first given name's letters begins, whatever their order."""

_HEAD: Final = struct.Struct("<BQ")


class EncodingError(ValueError):
    """Bytes that are no encoding of a version known here."""


@lru_cache(maxsize=65)
def _packer(count: int) -> struct.Struct:
    return struct.Struct(f"<{count}I")


def pack(words: Sequence[int]) -> bytes:
    """Write 64 words as bytes: 9 for the head and 4 for each word that is not zero."""
    present = 0
    used = []
    for at, word in enumerate(words):
        if word:
            present |= 1 << at
            used.append(word)
    return _HEAD.pack(VERSION, present) + _packer(len(used)).pack(*used)


def unpack(data: bytes) -> list[int]:
    """Read what `pack` wrote. Raises EncodingError for anything else."""
    try:
        version, present = _HEAD.unpack_from(data)
        if version not in _READ or present >> WORDS:
            raise EncodingError("the encoding is of an unknown version")
        used = _packer(present.bit_count()).unpack(data[_HEAD.size :])
    except struct.error:
        raise EncodingError("the encoding has the wrong length") from None
    words = [0] * WORDS
    for word in used:
        lowest = present & -present
        words[lowest.bit_length() - 1] = word
        present ^= lowest
    return words
