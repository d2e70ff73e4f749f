"""Rules for places: postcodes, UPRNs, and lengths of address lines."""

from __future__ import annotations

import re
from typing import Final

from schemas.records import Address, Location
from schemas.validation import codes, text
from schemas.validation.faults import Faults

_POSTCODE: Final = re.compile(
    r"(?:[A-Z]{1,2}[0-9][A-Z0-9]?|GIR|ASCN|BBND|BIQQ|FIQQ|PCRN|SIQQ|STHL|TDCU|TKCA)"
    r"(?:[0-9](?:[A-Z]{2})?)?|BFPO[0-9]{1,4}"
)
_UPRN: Final = re.compile(r"[0-9]{1,12}")


def compact_postcode(text_: str) -> str:
    """A postcode in capitals without its spaces."""
    return "".join(text_.split()).upper()


def is_postcode(text_: str) -> bool:
    """Whether a text is a UK postcode, a sector (LS1 4) or an outward code (LS1), any spacing."""
    return bool(_POSTCODE.fullmatch(compact_postcode(text_)))


def check_postcode(faults: Faults, path: str, text_: str | None) -> None:
    """Fault unless the text is absent, blank or has the form of a UK postcode or its first part.

    A place abroad leaves the field out.
    """
    if text_ and not text_.isspace() and not is_postcode(text_):
        rule = (
            "a UK postcode such as LS1 4AP, or its first part; leave it out where it is not known, "
            "and for a place abroad"
        )
        faults.add("postcode-form", path, rule)


def check_uprn(faults: Faults, path: str, text_: str | None) -> None:
    """Fault unless the text is absent, blank or 1 to 12 digits."""
    if text_ and not text_.isspace() and not _UPRN.fullmatch(text_.strip()):
        faults.add("uprn-form", path, "1 to 12 digits")


def check_location(faults: Faults, place: Location) -> None:
    """Faults of where it happened. Nothing is required: online and unknown places are places."""
    check_uprn(faults, "location.uprn", place["uprn"])
    text.check_length(faults, "location.house", place["house"])
    text.check_length(faults, "location.street", place["street"])
    check_postcode(faults, "location.postcode", place["postcode"])
    text.check_area(faults, "location.ward", place["ward"])
    text.check_area(faults, "location.district", place["district"])
    codes.check_code(faults, "location.place_type", "place_type", place["place_type"])
    text.check_length(faults, "location.platform", place["platform"])


def check_address(faults: Faults, path: str, address: Address) -> None:
    """Faults of a person's address."""
    text.check_length(faults, f"{path}.house", address["house"])
    text.check_length(faults, f"{path}.street", address["street"])
    text.check_length(faults, f"{path}.locality", address["locality"])
    text.check_length(faults, f"{path}.region", address["region"])
    check_postcode(faults, f"{path}.postcode", address["postcode"])
    check_uprn(faults, f"{path}.uprn", address["uprn"])
