"""Plain text made comparable, and the values that say nothing ("unknown", "refused", "n/a")."""

from __future__ import annotations

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
def _unusable() -> frozenset[str]:
    return frozenset(lexicon()["unusable"])


def usable(text: str | None) -> str:
    """The plain text, or nothing if it is a way of saying that nothing is known."""
    if not text:
        return ""
    value = plain(text)
    return "" if value in _unusable() else value
