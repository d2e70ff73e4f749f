"""Addresses: postcode, house, street and locality, each in one form."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from uk_postcodes_parsing import ukpostcode

from .text import usable

_POSTCODE: Final = re.compile(r"^([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})$")
_OUTWARD: Final = re.compile(r"^[A-Z]{1,2}[0-9][A-Z0-9]?$")
_NON_ADDRESS: Final = frozenset({"ZZ993VZ", "ZZ993WZ", "ZZ993CZ", "XX11XX", "AA11AA"})
_STREETS: Final = {
    "st": "street", "str": "street", "rd": "road", "ave": "avenue", "av": "avenue", "ln": "lane",
    "dr": "drive", "cl": "close", "cres": "crescent", "cresc": "crescent", "ct": "court",
    "crt": "court", "gdns": "gardens", "gdn": "gardens", "gr": "grove", "grv": "grove",
    "pl": "place", "sq": "square", "terr": "terrace", "ter": "terrace", "pk": "park",
    "mt": "mount", "gn": "green", "wk": "walk", "hse": "house", "bldgs": "buildings",
}  # fmt: skip
_HOUSE: Final = re.compile(r"\b(?:flat|apartment|apt|room|unit|no|number)\b")
_POSITIONS: Final = 7


@lru_cache(maxsize=65_536)
def postcode(text: str | None) -> str:
    """Seven characters: outward code padded to four, inward code; nothing if unusable.

    An outward code alone leaves the inward part unknown (spaces). A code of another country keeps
    its first seven characters; that it is shorter is known, so it is filled up with tildes.
    """
    compact = "".join(character for character in (text or "").upper() if character.isalnum())
    if not usable(compact) or compact in _NON_ADDRESS:
        return ""
    found = _POSTCODE.match(compact)
    if found:
        return f"{found[1]:<4}{found[2]}"
    if _OUTWARD.match(compact):
        return f"{compact:<4}"
    parsed = ukpostcode.parse(text or "", attempt_fix=True)
    if parsed:
        return f"{parsed.outcode:<4}{parsed.incode}"
    return f"{compact[:_POSITIONS]:~<7}" if any(map(str.isdigit, compact)) else ""


@lru_cache(maxsize=65_536)
def street(text: str | None) -> str:
    """The street with its kind written out: "mill rd" is "mill road"."""
    words = usable(text).split()
    return " ".join([*words[:1], *(_STREETS.get(word, word) for word in words[1:])])


@lru_cache(maxsize=65_536)
def house(text: str | None) -> str:
    """House number or name without the words around it: "Flat 3, 12" is "3 12"."""
    return " ".join(_HOUSE.sub(" ", usable(text)).split())
