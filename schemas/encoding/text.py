"""Plain text made comparable, and the values that say nothing ("unknown", "refused", "n/a").

What says nothing is data (data/placeholders.toml). It is dropped before anything is encoded, so
that two people whose names nobody took have no name in common.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

_LETTERS: Final = str.maketrans(
    {
        "ß": "ss",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
    }
)
_APOSTROPHES: Final = "'`\u2018\u2019\u00b4\u02bb\u02bc"


@lru_cache(maxsize=1)
def lexicon() -> dict[str, Any]:
    """The names data file as it stands."""
    return tomllib.loads(files(__package__).joinpath("data/names.toml").read_text("utf-8"))


@lru_cache(maxsize=65_536)
def plain(text: str) -> str:
    """Lower case, no accents, no apostrophes; anything but letters and digits is one space."""
    lowered = unicodedata.normalize("NFKD", text.lower()).translate(_LETTERS)
    kept = []
    for character in lowered:
        if character.isalnum():
            kept.append(character)
        elif not unicodedata.combining(character) and character not in _APOSTROPHES:
            kept.append(" ")
    return " ".join("".join(kept).split())


@lru_cache(maxsize=1)
def placeholders() -> dict[str, Any]:
    """The data file of what forms are filled with when nothing is known."""
    return tomllib.loads(files(__package__).joinpath("data/placeholders.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def _unusable() -> frozenset[str]:
    known = placeholders()
    listed = (known[name] for name in ("texts", "parts", "tries", "foreign"))
    return frozenset(plain(text) for texts in listed for text in texts)


@lru_cache(maxsize=1)
def _filled() -> re.Pattern[str]:
    """A part with a number ("male 2"), rows of x, and three or more of one letter."""
    parts = "|".join(sorted(plain(text) for text in placeholders()["numbered"]))
    return re.compile(rf"(?:{parts}) \d{{1,2}}|x[x ]*|zz|([a-z])\1{{2,}}")


@lru_cache(maxsize=65_536)
def usable(text: str | None) -> str:
    """The plain text, or nothing if it is a way of saying that nothing is known."""
    if not text:
        return ""
    value = plain(text)
    return "" if value in _unusable() or _filled().fullmatch(value) else value
