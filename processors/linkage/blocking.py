"""Which mentions are compared at all: keys that two encodings can share, each with a cap.

A key is an exact number made of words of the encoding. A key held by more rows than its cap is
over-common (a hostel's address, a very frequent name): it is dead, and compares nothing, until
enough holders have gone or a coordinator restores it, which gives it a higher cap. `SHARED` are the
kinds whose death a coordinator should know, because the value was expected to tell persons apart.

This is the plain statement. The engine's compiled form (engine/keys.py) holds the 48-bit `hashed`
key instead. Two keys that collide there are one key: their holders are compared with each other as
well and count towards one cap. That costs comparisons; it never makes a link, because pairs are
scored on their words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from schemas.encoding import layout

CAPS: Final = {
    "birth_and_family": 240,
    "birth": 60,
    "whole_name": 240,
    "whole_sound": 100,
    "birth_and_given": 240,
    "given_and_postcode": 240,
    "email_local": 240,
    "mobile": 60,
    "landline": 60,
    "identifier": 60,
    "household": 60,
    "family_and_locality": 100,
    "family_and_outward": 100,
    "family_and_year": 100,
    "family_and_day": 100,
    "family_and_occupation": 80,
    "postcode": 60,
    "address": 60,
    "family": 60,
    "given_and_year_month": 100,
    "given_and_year_day": 100,
    "given_locality_year": 80,
    "given_locality_day": 80,
    "given_and_street": 100,
    "name_and_locality": 100,
    "name_and_year": 100,
    "email": 60,
}
"""Kind of key -> how many rows may hold one before it dies."""

RESTORED: Final = 400
"""How many rows may hold a key that a coordinator has restored: as many as can be compared at once
without a noticeable pause."""

SHARED: Final = frozenset(
    {"email", "email_local", "mobile", "landline", "identifier", "household", "address"}
)
"""Kinds of key whose death is flagged on the entities that hold it."""

KINDS: Final = tuple(CAPS)
_NUMBER: Final = {kind: number for number, kind in enumerate(KINDS)}
_BITS: Final = 32
_KIND_BITS: Final = 5
_FAMILY = layout.FIELDS["family"][0]
_SOUND = layout.FIELDS["family_phonetic"][0]
_GIVEN = layout.FIELDS["given"][0]
_SHORT = layout.FIELDS["given_canonical"][0]
_GIVEN_SOUND = layout.FIELDS["given_phonetic"][0]
_FLAGS = layout.FIELDS["flags"][0]
_BIRTH = layout.FIELDS["birth"][0]
_POSTCODE = layout.FIELDS["postcode"][0]
_LOCALITY = layout.FIELDS["locality"][0]
_STREET = layout.FIELDS["street"][0]
_HOUSE = layout.FIELDS["house"][0]
_EMAIL = layout.FIELDS["email"][0]
_EMAIL_LOCAL = layout.FIELDS["email_local"][0]
_MOBILE = layout.FIELDS["mobile"][0]
_LANDLINE = layout.FIELDS["landline"][0]
_IDENTIFIER = layout.FIELDS["identifier"][0]
_HOUSEHOLD = layout.FIELDS["household"][0]
_OCCUPATION = layout.FIELDS["occupation"][0]

Words = Sequence[int]
_MASK: Final = 0xFFFFFFFFFFFFFFFF
START: Final = 0x9E3779B97F4A7C15
"""Where hashing begins; with STIR, odd constants without meaning."""
STIR: Final = 0xFF51AFD7ED558CCD


class _Keys:
    """Collects keys; a part that is 0 is unknown and makes no key."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[int] = []

    def add(self, kind: str, *parts: int) -> None:
        key = 0
        for part in parts:
            if not part:
                return
            key = key << _BITS | part
        self.found.append(key << _KIND_BITS | _NUMBER[kind])


def kind_of(key: int) -> str:
    """The kind of a key."""
    return KINDS[key & (1 << _KIND_BITS) - 1]


def _names(row: Words, keys: _Keys, sound: int) -> None:
    given, family = row[_GIVEN], row[_FAMILY]
    if family and given:
        first, second = sorted((given, family))
        keys.add("whole_name", first, second)
        first, second = sorted((row[_GIVEN_SOUND], sound))
        keys.add("whole_sound", first, second)
    keys.add("family", family or given)
    keys.add("family_and_locality", sound, row[_LOCALITY])
    keys.add("family_and_occupation", sound, row[_OCCUPATION])
    if family:
        keys.add("name_and_locality", row[_SHORT], sound, row[_LOCALITY])
        keys.add("name_and_year", row[_SHORT], sound, row[_BIRTH])


def _dates(row: Words, keys: _Keys, sound: int) -> None:
    year, day = row[_BIRTH], row[_BIRTH + 1]
    short, locality = row[_SHORT], row[_LOCALITY]
    keys.add("family_and_year", sound, year)
    keys.add("given_locality_year", short, locality, year)
    if not year or not day >> 24 or row[_FLAGS] & layout.CONVENTION:
        return
    keys.add("birth_and_family", sound, year, day)
    keys.add("birth", year, day)
    if row[_FAMILY]:
        keys.add("birth_and_given", row[_GIVEN_SOUND], year, day)
    keys.add("family_and_day", sound, day)
    keys.add("given_and_year_month", short, year, day & 0xFFFF)
    keys.add("given_and_year_day", short, year, day >> 16)
    keys.add("given_locality_day", short, locality, day)


def _places(row: Words, keys: _Keys, sound: int) -> None:
    outward, inward, short = row[_POSTCODE], row[_POSTCODE + 1], row[_SHORT]
    keys.add("postcode", outward, inward)
    keys.add("given_and_postcode", short, outward, inward)
    keys.add("family_and_outward", sound, outward)
    keys.add("address", row[_STREET], row[_HOUSE])
    keys.add("given_and_street", short, row[_STREET])


def _contacts(row: Words, keys: _Keys) -> None:
    keys.add("email", row[_EMAIL])
    keys.add("email_local", row[_EMAIL_LOCAL])
    keys.add("mobile", row[_MOBILE])
    keys.add("mobile", row[_MOBILE + 2])
    keys.add("landline", row[_LANDLINE])
    keys.add("household", row[_HOUSEHOLD], row[_HOUSEHOLD + 1] or 1)
    keys.add("identifier", row[_IDENTIFIER + 1], row[_IDENTIFIER + 2] or 1)
    keys.add("identifier", row[_IDENTIFIER + 4], row[_IDENTIFIER + 5] or 1)


def keys_of(row: Words) -> list[int]:
    """The keys of a row, without repetition."""
    keys = _Keys()
    sound = row[_SOUND] if row[_FAMILY] else row[_GIVEN_SOUND]
    parts: tuple[Callable[[Words, _Keys, int], None], ...] = (_names, _dates, _places)
    for part in parts:
        part(row, keys, sound)
    _contacts(row, keys)
    return list(dict.fromkeys(keys.found))


def cap_of(key: int) -> int:
    """How many rows may hold the key."""
    return CAPS[kind_of(key)]


def hashed(key: int) -> int:
    """The 48 bits that stand for a key in the engine, their lower half never 0."""
    kind, rest = key & (1 << _KIND_BITS) - 1, key >> _KIND_BITS
    parts = []
    while rest:
        parts.append(rest & 0xFFFFFFFF)
        rest >>= _BITS
    state = START + kind
    for part in reversed(parts):
        state = (state ^ part) * STIR & _MASK
        state ^= state >> 29
    state = (state ^ (state >> 32)) * STIR & _MASK
    state >>= 16
    return state if state & 0xFFFFFFFF else state | 1
