"""Which of two names is the family name, where lists and endings know it for certain.

Some agencies have one name or another in either order, and a name that stands the other way round
meets the usual one only if both halves are written alike. What is nobody's family name (Dvora,
Tomek) beside what is nobody's given name (Dabrowski) has one order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from .known import forms
from .spelling import folded
from .text import lexicon

_STEM: Final = r"[a-z]{3,}"
"""Letters before an ending that makes a family name: Minsk is none."""
_EXPANDED: Final = 4
"""Letters of another spelling of a listed family name; Gil for Gill is a given name too."""


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    listed = frozenset(lexicon()["family_only"]["names"])
    spelled = (
        {form, *others}
        for form, others in lexicon()["canonical_family"].items()
        if not listed.isdisjoint((form, *others))
    )
    return listed | {each for every in spelled for each in every if len(each) >= _EXPANDED}


@lru_cache(maxsize=1)
def _endings() -> re.Pattern[str]:
    return re.compile(rf"(?:{_STEM}(?:{'|'.join(lexicon()['family_only']['endings'])})|mc{_STEM})")


@lru_cache(maxsize=65_536)
def is_family_only(word: str) -> bool:
    """Whether a word is a family name and hardly anybody's given name, by list or ending."""
    return word in _names() or _endings().fullmatch(word) is not None


@lru_cache(maxsize=1)
def _family_names() -> frozenset[str]:
    common, first = lexicon()["common"]["family"], lexicon()["family_first"]["names"]
    return frozenset(forms("canonical_family")).union(common, first)


def may_be_family(word: str) -> bool:
    """Whether a list or an ending has a word as a family name, whatever else it may be."""
    return word in _family_names() or is_family_only(word)


@lru_cache(maxsize=1)
def _women() -> frozenset[str]:
    return frozenset(map(folded, lexicon()["given_only"]["names"]))


@lru_cache(maxsize=1)
def _given_endings() -> re.Pattern[str]:
    return re.compile(rf"{_STEM}(?:{'|'.join(lexicon()['given_only']['endings'])})")


@lru_cache(maxsize=65_536)
def is_given_only(word: str) -> bool:
    """Whether a word is a given name that nobody has as a family name, in any like spelling."""
    return folded(word) in _women() or _given_endings().fullmatch(word) is not None


def fields_exchanged(given: str, family: Sequence[str], *, known: bool) -> bool:
    """Whether the field for family names begins with what is only a given name.

    `known` says whether a list of given names has what stands in the other field. Two fields say
    that one of the two is a family name; a whole name of two words may be two given names.
    """
    if known or len(given) < _EXPANDED or is_given_only(given) or not is_given_only(family[0]):
        return False
    return not any(map(may_be_family, family))


def stands_first(words: Sequence[str], known: Sequence[bool]) -> bool:
    """Whether the first of several words is the family name, and all others are given names.

    `known` says of each word whether a list of given names has it. Initials may be among them.
    """
    rest = [(word, listed) for word, listed in zip(words[1:], known[1:], strict=True)]
    if known[0] or not is_family_only(words[0]) or max(len(word) for word, _ in rest) < 2:
        return False
    return all(
        len(word) == 1 or ((listed or is_given_only(word)) and not may_be_family(word))
        for word, listed in rest
    )
