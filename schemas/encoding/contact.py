"""Telephone numbers and e-mail addresses, each in one form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import phonenumbers

from .text import placeholders, plain

_MOBILE: Final = re.compile(r"^(?:\+?44|0044|0)(7\d{9})$")
_FILLER: Final = re.compile(r"[\s().\-/]|\(0\)")
_REPEATED: Final = re.compile(r"(\d)\1{6}")
_SHORTEST: Final = 10
"""Characters of a number in E.164 form, its + included."""
_EMAIL: Final = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")


def _filler(written: str) -> bool:
    """Whether it was typed to fill the field: too short, rows of one digit, listed ones."""
    if len(written) < _SHORTEST:
        return True
    return bool(_REPEATED.search(written)) or written in placeholders()["phones"]


@lru_cache(maxsize=16_384)
def phone(text: str) -> tuple[str, bool]:
    """The number in E.164 form, read as British unless it says otherwise, and whether it is mobile.

    Impossible numbers and those that only fill a field (07000000000, 07123456789) give nothing.
    """
    simple = _MOBILE.match(_FILLER.sub("", text))
    if simple:
        return ("", False) if _filler(f"+44{simple[1]}") else (f"+44{simple[1]}", True)
    try:
        number = phonenumbers.parse(text, "GB")
    except phonenumbers.NumberParseException:
        return "", False
    if not phonenumbers.is_possible_number(number):
        return "", False
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if _filler(written):
        return "", False
    kind = phonenumbers.number_type(number)
    mobile = kind == phonenumbers.PhoneNumberType.MOBILE or written.startswith("+447")
    return written, mobile


@lru_cache(maxsize=1)
def _boilerplate() -> frozenset[str]:
    return frozenset(placeholders()["emails"])


def email(text: str) -> tuple[str, str]:
    """The address and its local part in lower case; agencies' filler addresses give nothing."""
    address = text.strip().lower()
    if not _EMAIL.match(address):
        return "", ""
    local, _, domain = address.partition("@")
    local = local.partition("+")[0]
    if plain(local) in _boilerplate():
        return "", ""
    return f"{local}@{domain}", re.sub(r"[._\-]", "", local)


def first_email(texts: Iterable[str]) -> tuple[str, str]:
    """The first of several that says anything, as `email` gives it."""
    return next((found for found in map(email, texts) if found[0]), ("", ""))


def of_name(local: str, names: Iterable[str]) -> tuple[bool, bool]:
    """Whether a local part is made of its owner's name, and whether it says more than the name.

    Namesakes have like addresses, so likeness of such a local part is no evidence beyond the name's
    own; equality is, if at least two digits or a word come with it.
    """
    own = [name for name in names if len(name) > 2 and name in local]
    if not own:
        return False, True
    for name in own:
        local = local.replace(name, "", 1)
    digits = sum(map(str.isdigit, local))
    return True, digits > 1 or len(local) - digits > 3
