"""One token for one place: keyed, so that nobody can try addresses until one fits."""

from __future__ import annotations

import re
from typing import Final

from schemas.identifiers import Pseudonyms
from schemas.records import Location

_WORDS: Final = re.compile(r"\w+")
_SHORT: Final = {
    "rd": "road",
    "st": "street",
    "str": "street",
    "ave": "avenue",
    "av": "avenue",
    "ln": "lane",
    "dr": "drive",
    "cl": "close",
    "crt": "court",
    "ct": "court",
    "cres": "crescent",
    "gdns": "gardens",
    "gr": "grove",
    "pl": "place",
    "sq": "square",
    "ter": "terrace",
    "terr": "terrace",
}


def place_token(place: Location, pseudonyms: Pseudonyms) -> bytes | None:
    """Token of the UPRN, else of street and whole postcode; None where the place is not so known.

    `place` is in canonical form. The house number is left out: trouble in a street is trouble
    at one place. An online incident has no place.
    """
    if place["online"]:
        return None
    if place["uprn"] is not None:
        return pseudonyms.token("place", f"uprn:{place['uprn'].lstrip('0')}")
    postcode, street = place["postcode"] or "", street_key(place["street"] or "")
    if not street or not postcode[-1:].isalpha() or " " not in postcode:
        return None
    return pseudonyms.token("place", f"street:{street}|{postcode}")


def street_key(street: str) -> str:
    """A street without case, punctuation, house number and usual abbreviations."""
    words = _WORDS.findall(street.casefold().replace("'", "").replace("\u2019", ""))
    if len(words) > 1 and words[0][0].isdigit():
        words = words[1:]
    if len(words) > 1:
        words[-1] = _SHORT.get(words[-1], words[-1])
    return " ".join(words)
