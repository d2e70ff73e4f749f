"""Names of East Asia, syllable by syllable: which stand first, which open or close a given name.

The same characters are written in many ways (Mandarin, Cantonese, Hokkien, by English ear), and the
two syllables of a given name together or apart. What is known of single syllables is data
(data/names.toml); nothing here knows whole names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from .text import lexicon

_SYLLABLE: Final = re.compile(
    r"(?:[bdfgjlmnqrvwyz]|ch?|gi|gw|hs?|kh?|kw|n[gh]|ph?|qu|sh?|t[hrsz]?|x|zh)?"
    r"(?:a[eiouy]?|e[eiou]?|ia[ou]?|i[eou]?|o[aeiou]?|oei|u[aeiouy]?|uai|uye|y[aeou]?)"
    r"(?:ch?|k|m|n[gh]?|p|t)?"
)
_LONGEST: Final = 7
"""No syllable has as many letters."""


@lru_cache(maxsize=1)
def standing_first() -> frozenset[str]:
    """Family names that stand first at home, in every listed spelling that is no other name.

    Vong is such a name as Wong is.
    """
    known = listed("names")
    others = lexicon()["canonical_family"].items()
    spelled = {each for form, spellings in others if form in known for each in spellings}
    return known | (spelled - listed("elsewhere"))


@lru_cache(maxsize=4)
def listed(kind: str) -> frozenset[str]:
    """One list of the table `family_first`: names, elsewhere, opening or closing."""
    return frozenset(lexicon()["family_first"][kind])


@lru_cache(maxsize=1)
def _forms() -> dict[str, str]:
    table = lexicon()["given_syllables"]
    forms = {each: form for form, others in table["forms"].items() for each in (form, *others)}
    return dict.fromkeys(table["plain"], "") | forms


def is_southern(word: str) -> bool:
    """Whether a syllable is written otherwise in Mandarin: Ka, which is no given name by itself."""
    return _forms().get(word, "") not in {"", word}


@lru_cache(maxsize=65_536)
def is_known(name: str) -> bool:
    """Whether a given name is a known syllable or two of them."""
    known = _forms()
    cuts = (at for at in range(2, len(name) - 1))
    return name in known or any(name[:at] in known and name[at:] in known for at in cuts)


def all_are(words: Sequence[str]) -> bool:
    """Whether every word may be a syllable of a name of East Asia; an initial may."""
    return all(
        len(word) == 1 or word in _forms() or (len(word) < _LONGEST and _SYLLABLE.fullmatch(word))
        for word in words
    )


@lru_cache(maxsize=65_536)
def romanised(name: str) -> str:
    """The form under which a given name of two known syllables meets its other romanisations.

    Kar Ho, Ka Ho and Jia Hao are one. Empty where it does not come apart in just one way, or both
    syllables are written in one way only.
    """
    known = _forms()
    cuts = ((name[:at], name[at:]) for at in range(2, len(name) - 1))
    found = {
        (known[one] or one) + (known[two] or two)
        for one, two in cuts
        if one in known and two in known and (known[one] or known[two])
    }
    return found.pop() if len(found) == 1 else ""
