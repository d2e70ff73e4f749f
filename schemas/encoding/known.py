"""What lists know of single names: which are given names, which are common, which are one.

No list says that a name is right, or whose it is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from .spelling import folded
from .text import lexicon

_MOST_INITIALS: Final = 4
_SHORTEST_FOLDED: Final = 5
"""Letters of a family name; in shorter ones too much depends on each."""


@lru_cache(maxsize=4)
def forms(table: str) -> dict[str, str]:
    """The form of each spelling in a table: canonical_given or canonical_family."""
    found: dict[str, str] = {}
    for canonical, variants in lexicon()[table].items():
        found.setdefault(canonical, canonical)
        for variant in variants:
            found.setdefault(variant.replace(" ", ""), canonical)
    return found


@lru_cache(maxsize=8)
def _common(kind: str) -> frozenset[str]:
    return frozenset(lexicon()["common"][kind])


@lru_cache(maxsize=1)
def particles() -> frozenset[str]:
    """Words that belong to the name after them, but for names of East Asia."""
    return frozenset(lexicon()["particles"])


def is_given(word: str) -> bool:
    """Whether a word is known as a given name."""
    return word in forms("canonical_given") or is_common("given", word)


def is_common(kind: str, name: str) -> bool:
    """Whether so many people bear it that sharing it says little; kind is family or given."""
    return name in _common(kind)


@lru_cache(maxsize=1)
def folded_forms() -> dict[str, str]:
    """Canonical form of each folded listed spelling; where two forms fold alike, neither."""
    found: dict[str, set[str]] = {}
    for spelling, canonical in forms("canonical_given").items():
        found.setdefault(folded(spelling), set()).add(canonical)
    return {sound: those.pop() for sound, those in found.items() if len(those) == 1}


def is_given_in_some_spelling(word: str) -> bool:
    """Whether a word is a given name in a listed spelling, in one that sounds so, or in short."""
    return is_given(word) or word in lexicon()["short_for"] or folded(word) in folded_forms()


@lru_cache(maxsize=1)
def _initials() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for spelling, canonical in forms("canonical_given").items():
        found.setdefault(canonical, set()).add(spelling[0])
    return {form: frozenset(letters) for form, letters in found.items()}


def initials_of(canonical: str) -> frozenset[str]:
    """Letters that the listed spellings of a given name begin with: U and O of Omar.

    Empty where they are so many that any letter would do, as for John, Ivan, Sean and Evan.
    """
    letters = _initials().get(canonical, frozenset())
    return letters if len(letters) <= _MOST_INITIALS else frozenset()


@lru_cache(maxsize=1)
def folded_family_forms() -> dict[str, str]:
    """Form of each folded listed family name that is not short; where two fold alike, neither.

    Folding leaves the first letter, or the Somali Cumar would be Kumar.
    """
    found: dict[str, set[str]] = {}
    for spelling, form in forms("canonical_family").items():
        sound = folded(spelling)
        if len(spelling) >= _SHORTEST_FOLDED and sound[0] == spelling[0]:
            found.setdefault(sound, set()).add(form)
    return {sound: those.pop() for sound, those in found.items() if len(those) == 1}


@lru_cache(maxsize=65_536)
def family_as_listed(name: str) -> str:
    """The form of a family name that is listed as a given name, or sounds as a listed one.

    Huseyin is Hussain in either place. Empty if no list says so.
    """
    listed = forms("canonical_family").get(forms("canonical_given").get(name, ""), "")
    if listed or len(name) < _SHORTEST_FOLDED:
        return listed
    return folded_family_forms().get(folded(name), "")
