"""Compiled blocking keys: what `blocking.keys_of` gives, as 48-bit hashes, in the same order."""

from __future__ import annotations

from typing import Final

import numpy as np

from schemas.encoding import layout

from .. import blocking
from ..compiling import compiled
from .memory import I64, U32

_KIND: Final = {kind: number for number, kind in enumerate(blocking.KINDS)}
_START: Final = np.uint64(blocking.START)
_STIR: Final = np.uint64(blocking.STIR)
_A: Final = np.uint64(29)
_B: Final = np.uint64(32)
_C: Final = np.uint64(16)

_FAMILY, _SOUND = layout.FIELDS["family"][0], layout.FIELDS["family_phonetic"][0]
_GIVEN, _SHORT = layout.FIELDS["given"][0], layout.FIELDS["given_canonical"][0]
_GIVEN_SOUND, _FLAGS = layout.FIELDS["given_phonetic"][0], layout.FIELDS["flags"][0]
_BIRTH, _POSTCODE = layout.FIELDS["birth"][0], layout.FIELDS["postcode"][0]
_LOCALITY, _STREET = layout.FIELDS["locality"][0], layout.FIELDS["street"][0]
_HOUSE, _EMAIL = layout.FIELDS["house"][0], layout.FIELDS["email_local"][0]
_MOBILE, _LANDLINE = layout.FIELDS["mobile"][0], layout.FIELDS["landline"][0]
_IDENTIFIER, _HOUSEHOLD = layout.FIELDS["identifier"][0], layout.FIELDS["household"][0]
_OCCUPATION: Final = layout.FIELDS["occupation"][0]
_CONVENTION: Final = layout.CONVENTION

_WHOLE_NAME, _WHOLE_SOUND = _KIND["whole_name"], _KIND["whole_sound"]
_FAMILY_ALONE, _FAMILY_LOCALITY = _KIND["family"], _KIND["family_and_locality"]
_FAMILY_OCCUPATION, _NAME_LOCALITY = _KIND["family_and_occupation"], _KIND["name_and_locality"]
_NAME_YEAR, _FAMILY_YEAR = _KIND["name_and_year"], _KIND["family_and_year"]
_GIVEN_LOCALITY_YEAR, _BIRTH_FAMILY = _KIND["given_locality_year"], _KIND["birth_and_family"]
_BIRTH_ALONE, _BIRTH_GIVEN = _KIND["birth"], _KIND["birth_and_given"]
_FAMILY_DAY, _GIVEN_MONTH = _KIND["family_and_day"], _KIND["given_and_year_month"]
_GIVEN_DAY, _GIVEN_LOCALITY_DAY = _KIND["given_and_year_day"], _KIND["given_locality_day"]
_POSTCODE_ALONE, _GIVEN_POSTCODE = _KIND["postcode"], _KIND["given_and_postcode"]
_FAMILY_OUTWARD, _ADDRESS = _KIND["family_and_outward"], _KIND["address"]
_GIVEN_STREET, _EMAIL_LOCAL = _KIND["given_and_street"], _KIND["email_local"]
_MOBILE_NUMBER, _LANDLINE_NUMBER = _KIND["mobile"], _KIND["landline"]
_HOUSEHOLD_NUMBER, _IDENTIFIER_NUMBER = _KIND["household"], _KIND["identifier"]

KINDS_OFFSET: Final = 48
"""A key in a list of keys has its kind above its 48 bits."""
KEY: Final = (1 << KINDS_OFFSET) - 1


@compiled
def _at(row: U32, word: int) -> int:
    return np.int64(row[word])  # type: ignore[return-value]  # a machine's integer


@compiled
def _stirred(state: np.uint64, part: int) -> np.uint64:
    state = (state ^ np.uint64(part)) * _STIR
    return state ^ (state >> _A)


@compiled
def _put(out: I64, n: int, kind: int, state: np.uint64) -> int:
    """Finish a key and list it, unless it is listed."""
    state = (state ^ (state >> _B)) * _STIR
    key = np.int64(state >> _C)
    if key & 0xFFFFFFFF == 0:
        key |= 1
    key |= np.int64(kind) << KINDS_OFFSET
    for k in range(n):
        if out[k] == key:
            return n
    out[n] = key
    return n + 1


@compiled
def _one(out: I64, n: int, kind: int, a: int) -> int:
    if a == 0:
        return n
    return _put(out, n, kind, _stirred(_START + np.uint64(kind), a))


@compiled
def _two(out: I64, n: int, kind: int, a: int, b: int) -> int:
    if a == 0 or b == 0:
        return n
    return _put(out, n, kind, _stirred(_stirred(_START + np.uint64(kind), a), b))


@compiled
def _three(out: I64, n: int, kind: int, a: int, b: int, c: int) -> int:
    if a == 0 or b == 0 or c == 0:
        return n
    first = _stirred(_stirred(_START + np.uint64(kind), a), b)
    return _put(out, n, kind, _stirred(first, c))


@compiled
def _names(row: U32, sound: int, out: I64) -> int:
    n, given, family = 0, _at(row, _GIVEN), _at(row, _FAMILY)
    if family and given:
        n = _two(out, n, _WHOLE_NAME, min(given, family), max(given, family))
        other = _at(row, _GIVEN_SOUND)
        n = _two(out, n, _WHOLE_SOUND, min(other, sound), max(other, sound))
    n = _one(out, n, _FAMILY_ALONE, family if family else given)
    n = _two(out, n, _FAMILY_LOCALITY, sound, _at(row, _LOCALITY))
    n = _two(out, n, _FAMILY_OCCUPATION, sound, _at(row, _OCCUPATION))
    if family:
        n = _three(out, n, _NAME_LOCALITY, _at(row, _SHORT), sound, _at(row, _LOCALITY))
        n = _three(out, n, _NAME_YEAR, _at(row, _SHORT), sound, _at(row, _BIRTH))
    return n


@compiled
def _dates(row: U32, sound: int, out: I64, n: int) -> int:
    year, day = _at(row, _BIRTH), _at(row, _BIRTH + 1)
    short, locality = _at(row, _SHORT), _at(row, _LOCALITY)
    n = _two(out, n, _FAMILY_YEAR, sound, year)
    n = _three(out, n, _GIVEN_LOCALITY_YEAR, short, locality, year)
    if year == 0 or day >> 24 == 0 or _at(row, _FLAGS) & _CONVENTION:
        return n
    n = _three(out, n, _BIRTH_FAMILY, sound, year, day)
    n = _two(out, n, _BIRTH_ALONE, year, day)
    if _at(row, _FAMILY):
        n = _three(out, n, _BIRTH_GIVEN, _at(row, _GIVEN_SOUND), year, day)
    n = _two(out, n, _FAMILY_DAY, sound, day)
    n = _three(out, n, _GIVEN_MONTH, short, year, day & 0xFFFF)
    n = _three(out, n, _GIVEN_DAY, short, year, day >> 16)
    return _three(out, n, _GIVEN_LOCALITY_DAY, short, locality, day)


@compiled
def _places(row: U32, sound: int, out: I64, n: int) -> int:
    outward, inward, short = _at(row, _POSTCODE), _at(row, _POSTCODE + 1), _at(row, _SHORT)
    n = _two(out, n, _POSTCODE_ALONE, outward, inward)
    n = _three(out, n, _GIVEN_POSTCODE, short, outward, inward)
    n = _two(out, n, _FAMILY_OUTWARD, sound, outward)
    n = _two(out, n, _ADDRESS, _at(row, _STREET), _at(row, _HOUSE))
    return _two(out, n, _GIVEN_STREET, short, _at(row, _STREET))


@compiled
def _contacts(row: U32, out: I64, n: int) -> int:
    n = _one(out, n, _EMAIL_LOCAL, _at(row, _EMAIL))
    n = _one(out, n, _MOBILE_NUMBER, _at(row, _MOBILE))
    n = _one(out, n, _MOBILE_NUMBER, _at(row, _MOBILE + 2))
    n = _one(out, n, _LANDLINE_NUMBER, _at(row, _LANDLINE))
    n = _two(out, n, _HOUSEHOLD_NUMBER, _at(row, _HOUSEHOLD), max(_at(row, _HOUSEHOLD + 1), 1))
    for at in range(_IDENTIFIER + 1, _IDENTIFIER + 5, 3):
        n = _two(out, n, _IDENTIFIER_NUMBER, _at(row, at), max(_at(row, at + 1), 1))
    return n


@compiled
def write_keys(row: U32, out: I64) -> int:
    """List the keys of a row, kind above hash, without repetition; their number."""
    sound = _at(row, _SOUND) if _at(row, _FAMILY) else _at(row, _GIVEN_SOUND)
    n = _names(row, sound, out)
    n = _dates(row, sound, out, n)
    n = _places(row, sound, out, n)
    return _contacts(row, out, n)
