"""Japanese names in Latin letters: a long vowel is written in several ways, or not at all.

Ono, Ohno and Oono are one name in a passport, a telephone book and at home; so are Yuki and Yuuki.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_MORAE: Final = re.compile(
    r"(?:(?:[kgsztdnhbpmrj]y?|sh|ch|ts|f|w|y)?(?:ou|oo|oh(?![aeiouy])|uu|[aiueo])|n(?![aiueoy]))+"
)
_LONG: Final = re.compile(r"^oo|ou|oh(?=[kgsztdnbpmrjfw]|$)|uu")
_GIVEN: Final = re.compile(r"(?:k|r|t|y)(?:ou?|oh)$|(?:suke|hei|ta|[jsk]h?i|ko)$")
"""Endings of given names: elsewhere "ou" is a French u, as in Mouna and Noura."""
_GIVEN_LONG: Final = re.compile(r"ou|oh(?=[kgsztdnbpmrjfw]|$)|uu")
_SHORTEST: Final = 4


def _short(found: re.Match[str]) -> str:
    return found.group()[0]


@lru_cache(maxsize=65_536)
def family(name: str) -> str:
    """A family name with its long vowels short; the name itself if it is not Japanese."""
    if len(name) < _SHORTEST or not _MORAE.fullmatch(name):
        return name
    return _LONG.sub(_short, name)


@lru_cache(maxsize=65_536)
def given(name: str) -> str:
    """A given name with its long vowels short, if it ends as those of Japan do."""
    if len(name) < _SHORTEST or not _MORAE.fullmatch(name) or not _GIVEN.search(name):
        return name
    return _GIVEN_LONG.sub(_short, name)
