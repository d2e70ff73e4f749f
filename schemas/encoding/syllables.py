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


@lru_cache(maxsize=8)
def listed(kind: str) -> frozenset[str]:
    """One list of the table `family_first`: names, elsewhere, opening, closing or vietnamese."""
    return frozenset(lexicon()["family_first"][kind])


@lru_cache(maxsize=1)
def _forms() -> dict[str, str]:
    table = lexicon()["given_syllables"]
    forms = {each: form for form, others in table["forms"].items() for each in (form, *others)}
    return dict.fromkeys(table["plain"], "") | forms


@lru_cache(maxsize=1)
def _also() -> dict[str, str]:
    table: dict[str, str] = lexicon()["given_syllables"]["also"]
    return table


def is_southern(word: str) -> bool:
    """Whether a syllable is written otherwise in Mandarin: Ka, which is no given name by itself.

    Mai is one in Vietnam, and Young a family name.
    """
    if word in listed("vietnamese") or word in listed("elsewhere"):
        return False
    return _forms().get(word, "") not in {"", word}


@lru_cache(maxsize=65_536)
def made_of_listed(name: str) -> bool:
    """Whether a given name is a listed syllable or two of them."""
    return name in _forms() or bool(_cut(name))


@lru_cache(maxsize=1)
def _of_given_names() -> frozenset[str]:
    return listed("vietnamese").union(_forms())


@lru_cache(maxsize=2)
def _only_family(*, elsewhere: bool) -> frozenset[str]:
    """Family names of East Asia, or those that are names elsewhere too, but no syllables."""
    names = listed("elsewhere") if elsewhere else standing_first()
    return names - _of_given_names() - listed("opening") - listed("closing")


def leads(word: str, rest: Sequence[str]) -> bool:
    """Whether a word is a family name of East Asia that stands before a given name.

    Law and Fam are names elsewhere too, but not before Ka Yan and Hai.
    """
    if word in standing_first():
        return True
    if word not in _only_family(elsewhere=True):
        return False
    return all(each in _of_given_names() and each not in standing_first() for each in rest)


def is_family_alone(word: str) -> bool:
    """Whether a word is a family name of East Asia and no syllable of given names: Tan, Nguyen."""
    return word in _only_family(elsewhere=False)


def begins_given(words: Sequence[str]) -> bool:
    """Whether two words are a given name: the first opens many, the second is one that does not."""
    opening = listed("opening")
    if len(words) != 2 or words[0] not in opening or words[1] in opening:
        return False
    return words[1] in _of_given_names() or words[1] in listed("closing")


def known(words: Sequence[str]) -> bool:
    """Whether every word is a listed syllable of given names, the first no name by itself."""
    opens = words[0] in listed("opening") or is_southern(words[0])
    return opens and all(word in _forms() for word in words)


def parted(words: Sequence[str]) -> tuple[str, ...]:
    """Given names that three syllables may be: Hui and Wai Yee, Mei Ling and Yan.

    Where the second syllable opens many names and the first does not, the first is a name by
    itself. Else either reading stands: the one with the longer name first.
    """
    one, two, three = words
    opening = listed("opening")
    if two in opening and one not in opening:
        return one, two + three
    return one + two, three, one, two + three


def all_are(words: Sequence[str]) -> bool:
    """Whether every word may be a syllable of a name of East Asia; an initial may."""
    return all(
        len(word) == 1 or word in _forms() or (len(word) < _LONGEST and _SYLLABLE.fullmatch(word))
        for word in words
    )


def _cut(name: str) -> list[tuple[str, str]]:
    """The ways in which a name comes apart into two known syllables."""
    cuts = ((name[:at], name[at:]) for at in range(2, len(name) - 1))
    return [(one, two) for one, two in cuts if one in _forms() and two in _forms()]


@lru_cache(maxsize=65_536)
def romanised(name: str) -> str:
    """The form under which a given name of two known syllables meets its other romanisations.

    Kar Ho, Ka Ho and Jia Hao are one. Empty where it does not come apart in just one way, or both
    syllables are written in one way only.
    """
    forms = _forms()
    cuts = [(forms[one], forms[two], one, two) for one, two in _cut(name)]
    found = {(a or one) + (b or two) for a, b, one, two in cuts if a or b}
    return found.pop() if len(found) == 1 else ""


@lru_cache(maxsize=65_536)
def otherwise(name: str) -> str:
    """What a southern given name of two syllables may be in Mandarin beside its form.

    Wai Man is Wei Wen, and Wai Yee Hui Yi as often as Wei Yi. Empty where nothing is known, or
    nothing says that the name is southern: Man is a syllable of Mandarin too.
    """
    cuts = _cut(name)
    if len(cuts) != 1 or not any(map(_only_southern, cuts[0])):
        return ""
    unclear = [word for word in cuts[0] if not _forms()[word]] if _unclear(cuts[0]) else cuts[0]
    read = "".join(
        _also().get(word, _forms()[word] or word) if word in unclear else _forms()[word] or word
        for word in cuts[0]
    )
    return "" if read == romanised(name) else read


def _only_southern(word: str) -> bool:
    """Whether Mandarin has no such syllable."""
    both = lexicon()["given_syllables"]["both"]
    return _forms()[word] not in {"", word} or (word in _also() and word not in both)


def _unclear(words: Sequence[str]) -> bool:
    """Whether one of some syllables has no form, and is known to be read otherwise."""
    return any(word in _also() and not _forms()[word] for word in words)


def alone(word: str) -> str:
    """The form of one syllable that is a whole given name: Qiang of Keung; empty if it has none."""
    form = _forms().get(word, "")
    return form if form != word else ""
