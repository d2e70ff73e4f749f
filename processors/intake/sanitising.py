"""Free text of a return without the persons in it, as far as they can be recognised.

A monitor needs what is said, not who said it. Addresses of e-mail and web, telephone numbers,
postcodes, streets with a house number, handles, National Insurance and vehicle numbers, and what
looks like a name are replaced by what they were. A name is recognised by its form: capitalised
words together, after a title, or beside a known first name. So places in capitals go as well unless
they are among the words below, and a name written in small letters, a nickname or a description
stays. Who writes a return is told so.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from itertools import chain
from typing import Final

_EMAIL: Final = re.compile(
    r"[\w.+'-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\s?(?:\.|\(dot\))\s?[\w-]+)+"
)
_WEB: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HANDLE: Final = re.compile(r"(?<!\w)@\w{2,}")
_PHONE: Final = re.compile(r"(?<![\w/])(?:\+|\(?0)\d?(?:[\s().-]{0,2}\d){8,13}(?!\w)")
_DIGITS: Final = re.compile(r"(?<!\w)\d(?:[\s-]?\d){8,}(?!\w)")
_POSTCODE: Final = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.IGNORECASE)
_INSURANCE: Final = re.compile(r"\b[A-Z]{2}\s?(?:\d{2}\s?){3}[A-D]\b", re.IGNORECASE)
_VEHICLE: Final = re.compile(r"\b[A-Z]{2}\d{2}\s?[A-Z]{3}\b")
_KINDS: Final = (
    "road|rd|street|st|avenue|ave|lane|ln|drive|dr|close|crescent|gardens|grove|place|terrace|"
    "court|way|walk|view|rise|hill|mews|square|row|parade|house|flats|estate"
)
_ADDRESS: Final = re.compile(
    rf"\b(?:(?:flat|unit|apartment|apt)\s*\w{{1,4}}\W{{1,3}})?(?:no\.?\s*)?\d{{1,4}}[a-z]?,?\s+"
    rf"(?:[\w'\u2019-]+\s+){{1,3}}(?:{_KINDS})\b\.?",
    re.IGNORECASE,
)
_TITLES: Final = "mr|mrs|miss|ms|mx|dr|prof|professor|sir|lady|lord|rev|revd|imam|rabbi|cllr|pc|sgt"
_TITLED: Final = re.compile(
    rf"\b(?i:{_TITLES})\.?\s+(?:[A-Z]\.?\s+)*[^\W\d_][\w'\u2019-]+(?:\s+[A-Z][\w'\u2019-]+)*"
)
_NAMED: Final = re.compile(
    r"\b(?i:named|called|known as|surname|forename|first name|last name)\W{1,3}"
    r"(?:[^\W\d_][\w'\u2019-]+)(?:\s+[A-Z][\w'\u2019-]+)*"
)
_CAPITAL: Final = r"[A-Z\u00c0-\u00d6\u00d8-\u00de\u0100-\u024f][\w'\u2019-]*"
_RUN: Final = re.compile(
    rf"\b{_CAPITAL}(?:\s+(?:(?:bin|al|el|de|van|von|der|ap|ibn)\s+)?{_CAPITAL})*"
)
_SHAPES: Final = (
    (_WEB, "[address on the web]"),
    (_EMAIL, "[e-mail]"),
    (_HANDLE, "[handle]"),
    (_PHONE, "[telephone]"),
    (_INSURANCE, "[number]"),
    (_DIGITS, "[number]"),
    (_ADDRESS, "[address]"),
    (_POSTCODE, "[postcode]"),
    (_VEHICLE, "[vehicle]"),
    (_TITLED, "[name]"),
    (_NAMED, "[name]"),
)


def sanitised(text: str | None) -> str | None:
    """The text with what is recognised replaced; None for none."""
    if text is None:
        return None
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return _RUN.sub(_without_name, text)


def _without_name(found: re.Match[str]) -> str:
    """Keep a run of capitalised words if none of it can be a name."""
    words = found[0].split()
    strange = [word for word in words if not _is_kept(word)]
    begins = _begins_sentence(found.string, found.start())
    first_alone = begins and strange == words[:1] and not _is_given(words[0])
    if not strange or first_alone:
        return found[0]
    if len(words) == 1 and not _is_given(words[0]):
        return found[0]
    kept = [word for word in words if _is_kept(word)]
    return " ".join([*(kept[:1] if _is_kept(words[0]) else []), "[name]"])


def _is_kept(word: str) -> bool:
    bare = word.casefold().removesuffix("'s").removesuffix("\u2019s")
    return bare in _kept_words()


def _is_given(word: str) -> bool:
    bare = re.sub(r"['\u2019]s$", "", word).casefold()
    return bare in _given_names()


def _begins_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip()
    return not before or before[-1] in ".!?:;\n"


@cache
def _kept_words() -> frozenset[str]:
    data = resources.files(__package__).joinpath("kept_words.toml").read_text("utf-8")
    return frozenset(tomllib.loads(data)["words"].split())


@cache
def _given_names() -> frozenset[str]:
    data = resources.files("schemas.encoding").joinpath("data/names.toml").read_text("utf-8")
    table = tomllib.loads(data)
    forms = table["canonical_given"]
    return frozenset(chain(forms, *forms.values(), table["common"]["given"])) - _kept_words()
