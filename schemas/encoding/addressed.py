"""Names that a report leaves out and that its person's e-mail address tells.

Most people who have an address of their own made it of their name: imran.khan, khan.imran7,
imrankhan. A name that the report gives shows where in the local part the other one begins; where it
gives none, two words tell both. Nothing that a report says is replaced. Another family name beside
the given one is a further name: people marry, and keep their address.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from .names import Name, canonical_given, is_given, phonetic
from .text import lexicon, plain

_SEPARATOR: Final = re.compile(r"[._\-]+")
_SHORTEST: Final = 3
"""Letters of a name that is looked for inside a local part, or taken out of it."""


def with_address(name: Name, local: str) -> Name:
    """Complete a name by the local part of an e-mail address, as the person writes it."""
    words = _words(local)
    if not words:
        return name
    if name.given and name.family:
        return _with_further(name, words)
    if not name.given and not name.family:
        return _of_words(words)
    known = name.family or name.given[0]
    rest, first = _beside(known, words)
    if not rest:
        return name
    if name.family:
        return replace(name, given=(rest,))
    if len(rest) == 1:
        # An initial beside it: what is known is the family name, if nobody said which it is.
        return Name((rest,), known) if name.lone else name
    if name.lone:
        return _ordered(known, rest) if first else _ordered(rest, known)
    return replace(name, family=rest)


def _with_further(name: Name, words: tuple[str, ...]) -> Name:
    """Add the family name that stands beside the given one, if it is none that is known."""
    rest, _ = _beside(name.given[0], words)
    known = (*name.given[1:], name.family, *name.family_parts)
    if len(rest) < _SHORTEST or len(name.family_parts) > 1 or _says(words, known):
        return name
    if rest[:2] == name.family[:2] or phonetic(rest) == phonetic(name.family):
        return name  # the same name in another spelling
    return replace(name, family_parts=(*name.family_parts, rest))


def _says(words: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether an address has one of some names in it; initials are not looked for."""
    text = "".join(words)
    return any(each in text for each in names if len(each) > 1)


@lru_cache(maxsize=16_384)
def _words(local: str) -> tuple[str, ...]:
    """The words of a local part, without numbers; none if one of them says what it is for."""
    words = tuple(
        word for part in _SEPARATOR.split(local) if (word := plain(re.sub(r"\d+", "", part)))
    )
    usual = all(word.isascii() and word.isalpha() for word in words)
    return words if usual and _purposes().isdisjoint(words) else ()


@lru_cache(maxsize=1)
def _purposes() -> frozenset[str]:
    return frozenset(lexicon()["purposes"])


def _of_words(words: tuple[str, ...]) -> Name:
    """Both names, of two words."""
    if len(words) != 2 or max(map(len, words)) < _SHORTEST:
        return Name()
    return _ordered(*words)


def _ordered(one: str, two: str) -> Name:
    """Given and family name as they stand, unless only the second is known as a given name."""
    if len(two) == 1 or (is_given(two) and not is_given(one) and len(one) > 1):
        one, two = two, one
    return Name((one,), two)


def _beside(known: str, words: tuple[str, ...]) -> tuple[str, bool]:
    """What stands beside a name that is known, and whether the known one is first.

    Either a word of its own or what remains of the only word; an initial or a name.
    """
    if len(known) < _SHORTEST:
        return "", False
    if len(words) == 2:
        for first, (word, rest) in ((True, words), (False, words[::-1])):
            if word == known or canonical_given(word) == canonical_given(known):
                return _name(rest), first
    if len(words) == 1 and words[0].startswith(known):
        return _name(words[0].removeprefix(known)), True
    if len(words) == 1 and words[0].endswith(known):
        return _name(words[0].removesuffix(known)), False
    return "", False


def _name(rest: str) -> str:
    return rest if len(rest) == 1 or (len(rest) >= _SHORTEST and rest not in _purposes()) else ""
