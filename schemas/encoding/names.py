"""Names as people give them: taken apart, cleaned, and brought to canonical forms.

Order, particles, double-barrelled names, transliterations, short forms, Slavic gender endings and
single names are handled; which spellings belong together is data (data/names.toml), and given names
that are not listed meet where only letters differ that stand for one sound. No form is held to be
the right one: a canonical form only says which spellings may be one name.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

import metaphone
from nameparser import HumanName
from nameparser.config import Constants

from . import east_asia, order, romaji, syllables
from .known import (
    family_as_listed,
    folded_forms,
    forms,
    initials_of,
    is_common,
    is_given,
    is_given_in_some_spelling,
    particles,
)
from .name import GIVEN, Name
from .spelling import SERVANT, folded, masculine
from .text import lexicon, plain, usable

__all__ = [
    "Name",
    "canonical_family",
    "canonical_given",
    "further_forms",
    "is_common",
    "is_given",
    "phonetic",
    "sound_of_given",
    "take_apart",
    "with_aliases",
]

_MC: Final = re.compile(r"\bmc (?=[^\W\d_]{3})", re.IGNORECASE)
_SHORTEST_HALF: Final = 4


@lru_cache(maxsize=1)
def _noise() -> frozenset[str]:
    return frozenset(lexicon()["titles"]) | frozenset(lexicon()["suffixes"])


@lru_cache(maxsize=1)
def _stand_ins() -> frozenset[str]:
    return frozenset(lexicon()["stand_ins"])


def _joined(words: list[str]) -> list[str]:
    """Join each particle to the word after it: "al rashid" is one name."""
    joined: list[str] = []
    carried = ""
    for word in words:
        if word in particles():
            carried += word
        else:
            joined.append(carried + word)
            carried = ""
    return [*joined, carried] if carried else joined


def _meaningful(text: str | None) -> list[str]:
    # Two letters that mean "none" alone are a name beside others: Li Na.
    words = [word for word in usable(text).split() if len(word) < 3 or usable(word)]
    return [word for word in words if word not in _noise()] or words


def _of_god(servant: str, word: str) -> bool:
    """Whether a word completes "servant of": Abdi by itself is a name, as in Abdi Yusuf."""
    return len(word) > 2 and (servant != "abdi" or word in lexicon()["of_god"])


@lru_cache(maxsize=65_536)
def _given(text: str | None) -> tuple[str, ...]:
    words = _joined(_meaningful(text))
    for at in range(len(words) - 2, -1, -1):
        if SERVANT.fullmatch(words[at]) and _of_god(words[at], words[at + 1]):
            words[at : at + 2] = [words[at] + words[at + 1]]
    return tuple(words)


@lru_cache(maxsize=65_536)
def _family(text: str | None) -> tuple[str, tuple[str, ...]]:
    parts = tuple(_joined(_meaningful(text)))
    return "".join(parts), parts if len(parts) > 1 else ()


@lru_cache(maxsize=1)
def _constants() -> Constants:
    """What splits whole names: a letter is an initial, not the Spanish or Italian "and".

    Titles that are names as well are names: Mahdi Hassan, Lama Nasser, Wing Kei Chan.
    """
    made = Constants()
    made.conjunctions.remove("y", "e", "i")
    made.titles.remove(*lexicon()["no_titles"])
    return made


@lru_cache(maxsize=16_384)
def _whole(text: str) -> Name:
    """Split a whole name; "Khan, Imran" as well as "Imran Khan"."""
    if not usable(text) or plain(text) in _stand_ins():
        return Name()
    before = east_asia.standing_before(text)
    if before.family:
        return before
    parsed = HumanName(_MC.sub("Mc", text), constants=_constants())
    given = _given(f"{parsed.first} {parsed.middle}")
    family, parts = _family(parsed.last)
    if given and not family and len(plain(parsed.last)) == 2:
        family = plain(parsed.last)  # "na" is a syllable here
    if east_asia.two_of_a_given_name(given, family):
        return Name(("".join((*given, family)),), syllable=given[0])
    if given and family:
        return Name(given, family, parts)
    return Name(given or ((family,) if family else ()), lone=True)


def _initial_last(name: Name) -> Name:
    """A letter where the family name should be is an initial: "Harris, O" stands for O Harris."""
    if len(name.family) != 1 or not name.given or len(name.given[0]) < 2:
        return name
    return Name((name.family, *name.given[1:]), name.given[0])


def _usual_order(name: Name, *, fields: bool) -> Name:
    """Exchange a family name that stands first and the given names after it.

    `fields` says that the agency told given and family names apart.
    """
    rest = (*name.given[1:], *(name.family_parts or (name.family,)))
    if not name.given or not name.family:
        return name
    words = (name.given[0], *rest)
    if not order.is_family_only(words[0]) and not order.is_given_only(words[1]):
        return name
    known = [is_given_in_some_spelling(word) for word in words]
    told = fields and len(name.given) == 1
    exchanged = told and order.fields_exchanged(words[0], rest, known=known[0])
    if not exchanged and not order.stands_first(words, known):
        return name
    return Name(rest[:GIVEN], name.given[0])


def take_apart(given: str | None, family: str | None, full: str | None) -> Name:
    """Make one name of what an agency gave: split fields first, the whole name for the rest.

    A given field of several words without any family name is read as a whole name; a whole name of
    one word stands as a given name, and comparison tries it as a family name too. Names of East
    Asia are brought to one order, whichever way round an agency has them, and so are others where
    there can be no doubt.
    """
    name = _initial_last(_taken_apart(given, family, full))
    return east_asia.in_order(_usual_order(name, fields=bool(given and family)))


def _taken_apart(given: str | None, family: str | None, full: str | None) -> Name:
    if f"{plain(given or '')} {plain(family or '')}" in _stand_ins():
        return Name()
    first = _given(given)
    last, parts = _family(family)
    if first and last:
        before = east_asia.standing_before(f"{given} {family}") if len(first) == 1 else Name()
        return before if before.family == first[0] else Name(first, last, parts)
    whole = _whole(full) if full else Name()
    if whole.given or whole.family:
        family = last or whole.family
        return Name(
            first or whole.given,
            family,
            parts or whole.family_parts,
            lone=whole.lone and not first and not family,
            syllable="" if first else whole.syllable,
        )
    if given and len(first) > 1:
        return east_asia.opened(first) or _whole(given)
    if not first and len(parts) > 1:
        return east_asia.opened(parts) or Name((), last, parts)
    # A family name alone in the field for given names may be in the wrong one.
    misplaced = len(first) == 1 and not last and _may_be_misplaced(first[0])
    return Name(first, last, parts, lone=misplaced)


def _may_be_misplaced(given: str) -> bool:
    """Whether the only name known, said to be a given one, is hardly anything but a family name."""
    return order.is_family_only(given) or syllables.is_family_alone(given)


def with_aliases(name: Name, aliases: list[str]) -> Name:
    """Add the names a person also uses: further given names and other family names.

    An alias in another script is left out: it would meet nothing and pass for a middle name.
    """
    given, parts = list(name.given), list(name.family_parts)
    for alias in aliases[:2]:
        if not plain(alias).isascii():
            continue
        other = _whole(alias)
        given.extend(part for part in other.given if part not in given)
        if other.family and other.family != name.family:
            parts.append(other.family)
    return replace(name, given=tuple(given[:GIVEN]), family_parts=tuple(parts[:2]))


@lru_cache(maxsize=65_536)
def canonical_given(name: str) -> str:
    """The form under which spellings and short forms of a given name meet."""
    listed = forms("canonical_given").get(name)
    if listed or len(name) == 1:
        return listed or name
    name = romaji.given(name)
    sound = folded(name)
    return syllables.romanised(name) or folded_forms().get(sound, sound)


@lru_cache(maxsize=65_536)
def sound_of_given(name: str) -> str:
    """How a given name sounds, by the listed form of its spelling.

    A family name of East Asia in its place sounds as it does in its own: Chang as Zhang.
    """
    form = forms("canonical_given").get(name) or syllables.romanised(name)
    if not form and name in syllables.standing_first():
        form = canonical_family(name)
    return phonetic(form or name)


def further_forms(name: Name) -> tuple[str, ...]:
    """Canonical forms of what else the first given name may be written as.

    A short form may stand for several names (Sam for Samantha), Jun Ming may go by Jun or by Ming,
    Wai Man is Wei Wen in Mandarin, and the initial of Bill is also W.
    """
    given = name.given[0]
    longer = [*lexicon()["short_for"].get(given, ()), syllables.otherwise(given)]
    if name.family in syllables.standing_first():
        longer.append(syllables.alone(given))
    second = given.removeprefix(name.syllable) if name.syllable else ""
    whole = canonical_given(given)
    initials = sorted(({whole[0]} | initials_of(whole)) - {given[0]})
    others = (*longer, name.syllable, second if len(second) > 1 else "", *_halves(given), *initials)
    return tuple(canonical_given(each) for each in others if each)


def _halves(given: str) -> tuple[str, ...]:
    """Abdul and Majid of Abdulmajid, who goes by either; Abdi of Abdirahman."""
    servant = SERVANT.match(given)
    rest = given[servant.end() :] if servant else ""
    if len(rest) < _SHORTEST_HALF:
        return ()
    return "abdi" if given.startswith("abdi") else "abdul", rest


@lru_cache(maxsize=65_536)
def canonical_family(name: str) -> str:
    """The form under which spellings of a family name meet, for a man or a woman."""
    known = forms("canonical_family").get(name)
    if known:
        return known
    if name.startswith("mc") and len(name) > 4:
        return "mac" + name[2:]
    for prefix in ("al", "el"):
        bare = name.removeprefix(prefix)
        if bare != name and bare in forms("canonical_family"):
            return forms("canonical_family")[bare]
    return masculine(name) or family_as_listed(name) or romaji.family(name)


@lru_cache(maxsize=65_536)
def phonetic(name: str) -> str:
    """How a name sounds: the first Double Metaphone code (Philips, 2000); dj is j."""
    said = name[1:] if name.startswith("dj") else name
    return str(metaphone.doublemetaphone(said)[0]) or name if name else ""
