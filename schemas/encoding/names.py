"""Names as people give them: taken apart, cleaned, and brought to canonical forms.

Order, particles, double-barrelled names, transliterations, short forms, Slavic gender endings and
single names are handled; which spellings belong together is data (data/names.toml), and given names
that are not listed meet where only letters differ that stand for one sound. No form is held to be
the right one: a canonical form only says which spellings may be one name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

import metaphone
from nameparser import HumanName
from nameparser.config import Constants

from . import syllables
from .text import lexicon, plain, usable

_SLAVIC: Final = (
    (re.compile(r"([sc])ka(ya|ia)?$"), r"\1ki"),
    (re.compile(r"([sc])k(y|yy|iy|ij|yi)$"), r"\1ki"),
    (re.compile(r"([oe])(va|w|wa|ff)$"), r"\1v"),
)
_FOLDS: Final = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        *((r"^dj", "j"), (r"^t?sch", "sh"), (r"e(?:igh|y)$", "i"), (r"(?<=i)j(?=a$)", "")),
        *((r"(?<=[a-z]{3})er$", "ar"), (r"(?<=[bd])h", "")),
        *((r"kh", "h"), (r"gh", "g"), (r"ph", "f"), (r"th", "t"), (r"ck", "k"), (r"x", "ks")),
        *((r"c(?=[aoukrlt]|$)", "k"), (r"q", "k")),
        *((r"w", "v"), (r"ee|ie|ii|ij|iy|yi", "i"), (r"oo|ou", "u"), (r"y", "i")),
        *((r"(.)\1+", r"\1"), (r"(?<=[aeiou])h$", "")),
    )
)
"""Ways of writing one sound, in the order in which they are replaced."""
_SERVANT: Final = re.compile(r"abd(?:ou|[aeiu])(?:l|([dnrstz])(?=\1|$))?(?=[a-z]{3}|$)")
"""The first part of Abdurrahman, Abdirahman and Abdel Rahman: half a name."""
_MC: Final = re.compile(r"\bmc (?=[^\W\d_]{3})", re.IGNORECASE)
_GIVEN: Final = 4


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart: plain text without spaces in each part; empty where unknown."""

    given: tuple[str, ...] = ()
    family: str = ""
    family_parts: tuple[str, ...] = ()
    lone: bool = False
    """One word of a whole name: stands as given name, may be the family name."""
    syllable: str = field(default="", compare=False)
    """The first of two syllables that were brought together: Jun of Jun Ming."""


@lru_cache(maxsize=4)
def _forms(table: str) -> dict[str, str]:
    forms: dict[str, str] = {}
    for canonical, variants in lexicon()[table].items():
        forms.setdefault(canonical, canonical)
        for variant in variants:
            forms.setdefault(variant.replace(" ", ""), canonical)
    return forms


@lru_cache(maxsize=8)
def _common(kind: str) -> frozenset[str]:
    return frozenset(lexicon()["common"][kind])


@lru_cache(maxsize=1)
def _noise() -> frozenset[str]:
    return frozenset(lexicon()["titles"]) | frozenset(lexicon()["suffixes"])


@lru_cache(maxsize=1)
def _particles() -> frozenset[str]:
    return frozenset(lexicon()["particles"])


@lru_cache(maxsize=1)
def _stand_ins() -> frozenset[str]:
    return frozenset(lexicon()["stand_ins"])


def _joined(words: list[str]) -> list[str]:
    """Join each particle to the word after it: "al rashid" is one name."""
    joined: list[str] = []
    carried = ""
    for word in words:
        if word in _particles():
            carried += word
        else:
            joined.append(carried + word)
            carried = ""
    return [*joined, carried] if carried else joined


def _meaningful(text: str | None) -> list[str]:
    # Two letters that mean "none" alone are a name beside others: Li Na.
    words = [word for word in usable(text).split() if len(word) < 3 or usable(word)]
    return [word for word in words if word not in _noise()] or words


@lru_cache(maxsize=65_536)
def _given(text: str | None) -> tuple[str, ...]:
    words = _joined(_meaningful(text))
    for at in range(len(words) - 2, -1, -1):
        if _SERVANT.fullmatch(words[at]) and len(words[at + 1]) > 2:
            words[at : at + 2] = [words[at] + words[at + 1]]
    return tuple(words)


@lru_cache(maxsize=65_536)
def _family(text: str | None) -> tuple[str, tuple[str, ...]]:
    parts = tuple(_joined(_meaningful(text)))
    return "".join(parts), parts if len(parts) > 1 else ()


@lru_cache(maxsize=1)
def _constants() -> Constants:
    """What splits whole names; a letter is an initial there, not the Spanish or Italian "and"."""
    made = Constants()
    made.conjunctions.remove("y", "e", "i")
    return made


@lru_cache(maxsize=16_384)
def _whole(text: str) -> Name:
    """Split a whole name; "Khan, Imran" as well as "Imran Khan"."""
    if not usable(text) or plain(text) in _stand_ins():
        return Name()
    before = _standing_before(text)
    if before.family:
        return before
    parsed = HumanName(_MC.sub("Mc", text), constants=_constants())
    given = _given(f"{parsed.first} {parsed.middle}")
    family, parts = _family(parsed.last)
    if given and not family and len(plain(parsed.last)) == 2:
        family = plain(parsed.last)  # "na" is a syllable here
    if _two_of_a_given_name(given, family):
        return Name(("".join((*given, family)),), syllable=given[0])
    if given and family:
        return Name(given, family, parts)
    return Name(given or ((family,) if family else ()), lone=True)


def _two_of_a_given_name(given: tuple[str, ...], family: str) -> bool:
    """Whether two words are the syllables of an East Asian given name, without a family name.

    Neither is a family name there, nor a name that is known otherwise; after a syllable that is no
    name by itself, such as Ka of Ka Yan, whatever is not chiefly a family name is the second.
    """
    words = (*given, family)
    if len(words) != 2 or min(map(len, words)) < 2 or not syllables.all_are(words):
        return False
    first = syllables.standing_first()
    if words[0] not in first and syllables.is_southern(words[0]) and not is_given(words[0]):
        return words[1] not in first or words[1] in syllables.listed("closing")
    known = any(is_given(word) or is_common("family", word) for word in words)
    return not known and first.isdisjoint(words)


def is_given(word: str) -> bool:
    """Whether a word is known as a given name."""
    return word in _forms("canonical_given") or is_common("given", word)


def _initial_last(name: Name) -> Name:
    """A letter where the family name should be is an initial: "Harris, O" stands for O Harris."""
    if len(name.family) != 1 or not name.given or len(name.given[0]) < 2:
        return name
    return Name((name.family, *name.given[1:]), name.given[0])


def _east_asian(name: Name) -> Name:
    """Bring a name of East Asia to one order, and the two syllables of a given name together."""
    parts = name.family_parts or (name.family,)
    if not name.given or not name.family:
        return name
    first = syllables.standing_first()
    if name.given[0] in first and syllables.all_are(parts) and _stands_last(name):
        name = Name((*name.given[1:], *parts), name.given[0])
    two = name.given[:2]
    if name.family not in first or min(map(len, two)) < 2 or not _two_syllables(two):
        return name
    syllable = two[0] if len(two) == 2 else ""
    return Name(("".join(two), *name.given[2:]), name.family, syllable=syllable)


def _stands_last(name: Name) -> bool:
    """Whether the last word is a given name's; of two family names, if it begins in the middle.

    In Leung Ka Ho, Ka opens a given name: Ho is its second syllable, which Nguyen never is.
    """
    closing = syllables.listed("closing")
    if name.family not in syllables.standing_first() | (syllables.listed("elsewhere") - closing):
        return True
    if len(name.given) != 2 or name.family not in closing:
        return False
    opening = syllables.listed("opening")
    return name.given[1] in opening and name.given[0] not in opening


def _two_syllables(words: tuple[str, ...]) -> bool:
    """Whether words are syllables, the second perhaps mistyped; no name that is known otherwise."""
    if syllables.all_are(words):
        return True
    last = words[-1]
    return syllables.all_are(words[:-1]) and len(last) < 7 and not is_given(last)


def _standing_before(text: str) -> Name:
    """A family name that stands first, where it or the word after it could be a particle elsewhere.

    Le Thi Mai and Tran Van Hung are neither French nor Dutch.
    """
    words = tuple(plain(text).split())
    rest, first = words[1:], syllables.standing_first()
    if "," in text or len(rest) != 2 or words[0] not in first or not syllables.all_are(rest):
        return Name()
    return Name() if _particles().isdisjoint(words[:2]) else Name(rest, words[0])


def take_apart(given: str | None, family: str | None, full: str | None) -> Name:
    """Make one name of what an agency gave: split fields first, the whole name for the rest.

    A given field of several words without any family name is read as a whole name; a whole name of
    one word stands as a given name, and comparison tries it as a family name too. Names of East
    Asia are brought to one order, whichever way round an agency has them.
    """
    return _east_asian(_initial_last(_taken_apart(given, family, full)))


def _taken_apart(given: str | None, family: str | None, full: str | None) -> Name:
    if f"{plain(given or '')} {plain(family or '')}" in _stand_ins():
        return Name()
    first = _given(given)
    last, parts = _family(family)
    if first and last:
        before = _standing_before(f"{given} {family}") if len(first) == 1 else Name()
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
        return _opened(first) or _whole(given)
    return Name(first, last, parts)


def _opened(words: tuple[str, ...]) -> Name | None:
    """A given field that holds the two syllables of a given name, of which the first opens many.

    Kwok Wing is one, though Kwok is a family name as well: the field says which is meant.
    """
    known = syllables.standing_first()
    opens = len(words) == 2 and words[0] in syllables.listed("opening")
    if not opens or words[1] in known or is_given(words[1]) or not syllables.all_are(words):
        return None
    return Name(("".join(words),), syllable=words[0])


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
    return replace(name, given=tuple(given[:_GIVEN]), family_parts=tuple(parts[:2]))


@lru_cache(maxsize=65_536)
def canonical_given(name: str) -> str:
    """The form under which spellings and short forms of a given name meet."""
    listed = _forms("canonical_given").get(name)
    if listed or len(name) == 1:
        return listed or name
    folded = _folded(syllables.romanised(name) or name)
    return _folded_forms().get(folded, folded)


@lru_cache(maxsize=65_536)
def sound_of_given(name: str) -> str:
    """How a given name sounds, by the listed form of its spelling.

    A family name of East Asia in its place sounds as it does in its own: Chang as Zhang.
    """
    form = _forms("canonical_given").get(name) or syllables.romanised(name)
    if not form and name in syllables.standing_first():
        form = canonical_family(name)
    return phonetic(form or name)


def further_forms(name: Name) -> tuple[str, ...]:
    """Canonical forms of what else the first given name may be written as.

    A short form may stand for several names (Sam for Samantha), Jun Ming may go by Jun or by Ming,
    and the initial of Bill is also W.
    """
    given = name.given[0]
    longer = lexicon()["short_for"].get(given, ())
    whole = canonical_given(given)[0]
    initial = "" if whole == given[0] else whole
    second = given.removeprefix(name.syllable) if name.syllable else ""
    others = (*longer, name.syllable, second if len(second) > 1 else "", initial)
    return tuple(canonical_given(each) for each in others if each)


@lru_cache(maxsize=65_536)
def _folded(name: str) -> str:
    """A spelling without what writers and transliterations vary: Naveed and Nawid are navid."""
    name = _SERVANT.sub("abdul", name, count=1) if name.startswith("abd") else name
    for pattern, written in _FOLDS:
        name = pattern.sub(written, name)
    return name


@lru_cache(maxsize=1)
def _folded_forms() -> dict[str, str]:
    """Canonical form of each folded listed spelling; where two forms fold alike, neither."""
    found: dict[str, set[str]] = {}
    for spelling, canonical in _forms("canonical_given").items():
        found.setdefault(_folded(spelling), set()).add(canonical)
    return {folded: forms.pop() for folded, forms in found.items() if len(forms) == 1}


@lru_cache(maxsize=65_536)
def canonical_family(name: str) -> str:
    """The form under which spellings of a family name meet, for a man or a woman."""
    known = _forms("canonical_family").get(name)
    if known:
        return known
    if name.startswith("mc") and len(name) > 4:
        return "mac" + name[2:]
    for prefix in ("al", "el"):
        bare = name.removeprefix(prefix)
        if bare != name and bare in _forms("canonical_family"):
            return _forms("canonical_family")[bare]
    for pattern, ending in _SLAVIC:
        if len(name) > 5 and pattern.search(name):
            return pattern.sub(ending, name)
    return name


@lru_cache(maxsize=65_536)
def phonetic(name: str) -> str:
    """How a name sounds: the first Double Metaphone code (Philips, 2000); dj is j."""
    said = name[1:] if name.startswith("dj") else name
    return str(metaphone.doublemetaphone(said)[0]) or name if name else ""


def is_common(kind: str, name: str) -> bool:
    """Whether so many people bear it that sharing it says little; kind is family or given."""
    return name in _common(kind)
