"""Compiled blocking keys: what `blocking.keys_of` gives, as 48-bit hashes, in the same order.

A key is a kind and up to three parts of a row; a part that is 0 is unknown and makes no key. Which
parts make which key is the table below.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from schemas.encoding import layout

from .. import blocking
from ..compiling import inner, lean
from .memory import I64, U32, wide

_START: Final = np.uint64(blocking.START)
_STIR: Final = np.uint64(blocking.STIR)
_A: Final = np.uint64(29)
_B: Final = np.uint64(32)
_C: Final = np.uint64(16)
_CONVENTION: Final = layout.CONVENTION

KINDS_OFFSET: Final = 48
"""A key in a list of keys has its kind above its 48 bits."""
KEY: Final = (1 << KINDS_OFFSET) - 1
KEYS: Final = 48
"""Room for the keys of a row."""

_PARTS: Final = (
    "nothing", "lower_name", "higher_name", "lower_sound", "higher_sound", "name", "sound",
    "given_if_family", "given_sound", "short", "locality", "occupation", "year", "whole_year",
    "whole_day", "month", "day", "outward", "inward", "street", "house", "email", "email_local",
    "mobile", "mobile_2", "landline", "household", "household_2", "number", "number_2", "further",
    "further_2",
)  # fmt: skip
_LINES: Final = (
    ("whole_name", "lower_name", "higher_name"),
    ("whole_sound", "lower_sound", "higher_sound"),
    ("family", "name"),
    ("family_and_locality", "sound", "locality"),
    ("family_and_occupation", "sound", "occupation"),
    ("name_and_locality", "given_if_family", "sound", "locality"),
    ("name_and_year", "given_if_family", "sound", "year"),
    ("family_and_year", "sound", "year"),
    ("given_locality_year", "short", "locality", "year"),
    ("birth_and_family", "sound", "whole_year", "whole_day"),
    ("birth", "whole_year", "whole_day"),
    ("birth_and_given", "given_sound", "whole_year", "whole_day"),
    ("family_and_day", "sound", "whole_day"),
    ("given_and_year_month", "short", "whole_year", "month"),
    ("given_and_year_day", "short", "whole_year", "day"),
    ("given_locality_day", "short", "locality", "whole_day"),
    ("postcode", "outward", "inward"),
    ("given_and_postcode", "short", "outward", "inward"),
    ("family_and_outward", "sound", "outward"),
    ("address", "street", "house"),
    ("given_and_street", "short", "street"),
    ("email", "email"),
    ("email_local", "email_local"),
    ("mobile", "mobile"),
    ("mobile", "mobile_2"),
    ("landline", "landline"),
    ("household", "household", "household_2"),
    ("identifier", "number", "number_2"),
    ("identifier", "further", "further_2"),
)
_TABLE: Final = np.array(
    [
        [blocking.KINDS.index(kind), len(parts), *map(_PARTS.index, parts), *[0] * (3 - len(parts))]
        for kind, *parts in _LINES
    ],
    np.int64,
)
_WORDS: Final = np.array(
    [
        [_PARTS.index(part), layout.FIELDS[field][0] + after]
        for part, field, after in (
            ("locality", "locality", 0), ("occupation", "occupation", 0), ("year", "birth", 0),
            ("short", "given_canonical", 0), ("outward", "postcode", 0), ("inward", "postcode", 1),
            ("street", "street", 0), ("house", "house", 0), ("email", "email", 0),
            ("email_local", "email_local", 0), ("mobile", "mobile", 0), ("mobile_2", "mobile", 2),
            ("landline", "landline", 0),
            ("household", "household", 0), ("household_2", "household", 1),
            ("number", "identifier", 1), ("number_2", "identifier", 2),
            ("further", "identifier", 4), ("further_2", "identifier", 5),
        )
    ],
    np.int64,
)  # fmt: skip
"""Parts that are a word of the row as it stands."""
_SECOND_HALVES: Final = np.array(
    [_PARTS.index(part) for part in ("household_2", "number_2", "further_2")], np.int64
)
_LOWER, _HIGHER = _PARTS.index("lower_name"), _PARTS.index("higher_name")
_LOWER_SOUND, _HIGHER_SOUND = _PARTS.index("lower_sound"), _PARTS.index("higher_sound")
_NAME, _SOUND, _SHORT = _PARTS.index("name"), _PARTS.index("sound"), _PARTS.index("short")
_GIVEN_IF_FAMILY, _GIVEN_SOUND = _PARTS.index("given_if_family"), _PARTS.index("given_sound")
_WHOLE_YEAR, _WHOLE_DAY = _PARTS.index("whole_year"), _PARTS.index("whole_day")
_MONTH, _DAY = _PARTS.index("month"), _PARTS.index("day")
_FAMILY_WORD, _FAMILY_SOUND_WORD = layout.FIELDS["family"][0], layout.FIELDS["family_phonetic"][0]
_GIVEN_WORD, _GIVEN_SOUND_WORD = layout.FIELDS["given"][0], layout.FIELDS["given_phonetic"][0]
_BIRTH_WORD, _FLAGS_WORD = layout.FIELDS["birth"][0], layout.FIELDS["flags"][0]


@inner
def _names(row: U32, part: I64) -> None:
    given, family = wide(row[_GIVEN_WORD]), wide(row[_FAMILY_WORD])
    given_sound = wide(row[_GIVEN_SOUND_WORD])
    sound = wide(row[_FAMILY_SOUND_WORD]) if family else given_sound
    part[_NAME] = family or given
    part[_SOUND] = sound
    if family:
        part[_GIVEN_IF_FAMILY], part[_GIVEN_SOUND] = part[_SHORT], given_sound
    if family and given:
        part[_LOWER], part[_HIGHER] = min(given, family), max(given, family)
        part[_LOWER_SOUND], part[_HIGHER_SOUND] = min(given_sound, sound), max(given_sound, sound)


@inner
def _dates(row: U32, part: I64) -> None:
    year, day = wide(row[_BIRTH_WORD]), wide(row[_BIRTH_WORD + 1])
    if year and day >> 24 and row[_FLAGS_WORD] & _CONVENTION == 0:
        part[_WHOLE_YEAR], part[_WHOLE_DAY] = year, day
        part[_MONTH], part[_DAY] = day & 0xFFFF, day >> 16


@inner
def _hash(line: I64, part: I64) -> int:
    """The key of one line of the table; -1 if a part of it is unknown."""
    state = _START + np.uint64(line[0])
    for k in range(2, 2 + line[1]):
        if part[line[k]] == 0:
            return -1
        state = (state ^ np.uint64(part[line[k]])) * _STIR
        state ^= state >> _A
    state = (state ^ (state >> _B)) * _STIR
    key = wide(state >> _C)
    if key & 0xFFFFFFFF == 0:
        key |= 1
    return int(key | line[0] << KINDS_OFFSET)


@lean
def write_keys(row: U32, out: I64) -> int:
    """List the keys of a row, kind above hash, without repetition; their number.

    The second half of `out`, which has twice `KEYS` places, is worked in.
    """
    part = out[KEYS:]
    part[: len(_PARTS)] = 0
    for k in range(len(_WORDS)):
        part[_WORDS[k, 0]] = row[_WORDS[k, 1]]
    for k in range(len(_SECOND_HALVES)):
        part[_SECOND_HALVES[k]] = max(part[_SECOND_HALVES[k]], 1)
    _names(row, part)
    _dates(row, part)
    n = 0
    for k in range(len(_TABLE)):
        key = _hash(_TABLE[k], part)
        if key >= 0 and (n == 0 or out[n - 1] != key):
            out[n] = key
            n += 1
    return n
