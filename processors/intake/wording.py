"""Canonical forms of text, telephone numbers and e-mail addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

import phonenumbers

_HOME_REGION: Final = "GB"
_UK: Final = re.compile(r"(?:\+44(?:\(0\))?|0044|0)([1-9][0-9]{8,9})")
_PUNCTUATION: Final = str.maketrans("", "", " .-/\t")
_JOINERS: Final = "\u200c\u200d"
_BRACKETS: Final = str.maketrans("", "", "()")


def clean(text: str | None) -> str | None:
    """Text in NFC with single spaces and no control characters; None if nothing is left.

    Invisible marks go, but for the two joiners that Persian and Indic names are spelt with.
    """
    if text is None:
        return None
    if not text.isprintable():
        text = "".join(map(_visible, text))
    return unicodedata.normalize("NFC", " ".join(text.split())) or None


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":
        return char if char in _JOINERS else ""
    return " " if category[0] in "CZ" else char


def cleaned(texts: Iterable[str]) -> list[str]:
    """Every text cleaned, empty ones and repeats left out, in their order."""
    return list(dict.fromkeys(filter(None, map(clean, texts))))


def phone(text: str) -> str:
    """A telephone number as E.164; one without country code is taken as British.

    What cannot be a number keeps its digits as they are: it may still match itself.
    """
    bare = text.translate(_PUNCTUATION)
    match = _UK.fullmatch(bare) or _UK.fullmatch(bare.translate(_BRACKETS))
    if match is not None:
        return f"+44{match[1]}"
    try:
        number = phonenumbers.parse(text, _HOME_REGION)
    except phonenumbers.NumberParseException:
        return bare.translate(_BRACKETS)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phones(texts: Iterable[str]) -> list[str]:
    """Telephone numbers in canonical form, each once, in their order."""
    return list(dict.fromkeys(phone(text) for text in texts))


def emails(texts: Iterable[str]) -> list[str]:
    """E-mail addresses without case, each once, in their order."""
    return list(dict.fromkeys(text.strip().lower() for text in texts))


def uprn(text: str | None) -> str | None:
    """A UPRN without surrounding spaces; None if blank, and for zeros, which stand for no place."""
    bare = (text or "").strip()
    return bare if bare.strip("0") else None


def postcode(text: str | None) -> str | None:
    """A postcode in capitals with its one space (LS1 4AP, LS1 4, LS1); None if blank."""
    compact = "".join((text or "").split()).upper()
    if not compact:
        return None
    if len(compact) > 4 and compact[-1].isalpha() and compact[-3].isdigit():
        return f"{compact[:-3]} {compact[-3:]}"
    return compact
