"""Names of East Asia brought to one order, and the syllables of each given name together.

A family name stands first at home, and last in half of all files in Britain. Which words can stand
where is known of single syllables (syllables.py); nothing here knows whole names.
"""

from __future__ import annotations

from dataclasses import replace

from . import syllables
from .known import is_common, is_given, is_given_in_some_spelling, particles
from .name import GIVEN, Name
from .text import plain


def in_order(name: Name) -> Name:
    """Bring a name of East Asia to one order, and the two syllables of a given name together."""
    parts = name.family_parts or (name.family,)
    if not name.given or not name.family:
        return name
    rest = (*name.given[1:], *parts)
    leads = syllables.leads(name.given[0], rest) and _stands_last(name)
    if (leads and syllables.all_are(parts)) or _mistyped_before(name.given[0], rest):
        name = Name(rest, name.given[0])
    return _together(name)


def _mistyped_before(word: str, rest: tuple[str, ...]) -> bool:
    """Whether a family name with a slip in it stands before the two syllables of a given name.

    Wanng Xiu Ying. What is a well formed syllable, or a name known otherwise, is no slip.
    """
    if len(rest) != 2 or rest[1] in syllables.standing_first() or not syllables.known(rest):
        return False
    formed = syllables.all_are((word,)) or is_given_in_some_spelling(word)
    return not formed and any(_one_slip(word, name) for name in syllables.standing_first())


def _one_slip(word: str, name: str) -> bool:
    """Whether one letter was added, left out or replaced."""
    shorter = min(len(word), len(name))
    same = next((at for at in range(shorter) if word[at] != name[at]), shorter)
    left, right = word[same:], name[same:]
    return left[1:] in {right, right[1:]} or left == right[1:]


def _together(name: Name) -> Name:
    """Bring the syllables of a given name together, of an English family name if they are known."""
    two, three = name.given[:2], name.given[:3]
    asian = name.family in syllables.standing_first() or syllables.leads(name.family, two)
    if not asian and (len(two) < 2 or not syllables.known(three) or any(map(is_given, two))):
        return name
    if len(three) == 3 and min(map(len, three)) > 1:
        return replace(name, given=_of_three(three, name.given[3:]))
    if min(map(len, two)) < 2 or not _two_syllables(two):
        return name
    syllable = two[0] if len(two) == 2 else ""
    return replace(name, given=("".join(two), *name.given[2:]), syllable=syllable)


def _of_three(words: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    """Given names of three words before a family name of East Asia: Amy Wai Yee has two."""
    if syllables.all_are(words):
        if len(more) == 1 and len(more[0]) > 1 and syllables.all_are(more):
            return words[0] + words[1], words[2] + more[0]
        return (*syllables.parted(words), *more)[:GIVEN]
    if _two_syllables(words[:2]):
        return ("".join(words[:2]), words[2], *more)
    return (words[0], "".join(words[1:]), *more) if syllables.all_are(words[1:]) else words + more


def two_of_a_given_name(given: tuple[str, ...], family: str) -> bool:
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
    if syllables.leads(words[0], words[1:]) or syllables.leads(words[1], words[:1]):
        return False
    known = any(is_given(word) or is_common("family", word) for word in words)
    return not known and first.isdisjoint(words)


def _stands_last(name: Name) -> bool:
    """Whether the last word is a given name's; of two family names, if it begins in the middle.

    In Leung Ka Ho, Ka opens a given name: Ho is its second syllable, which Nguyen never is. In
    Siu Fong Lei, Siu opens one, and Lei may well be a family name.
    """
    closing = syllables.listed("closing")
    if syllables.begins_given(name.given) and name.family in syllables.listed("elsewhere"):
        return False
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


def standing_before(text: str) -> Name:
    """A family name that stands first, where it or the word after it could be a particle elsewhere.

    Le Thi Mai and Tran Van Hung are neither French nor Dutch.
    """
    words = tuple(plain(text).split())
    rest, first = words[1:], syllables.standing_first()
    if "," in text or len(rest) != 2 or words[0] not in first or not syllables.all_are(rest):
        return Name()
    return Name() if particles().isdisjoint(words[:2]) else Name(rest, words[0])


def opened(words: tuple[str, ...]) -> Name | None:
    """A field that holds nothing but the syllables of given names, of which the first opens many.

    Kwok Wing is one, though Kwok is a family name as well: the field says which is meant. A field
    for family names that holds Hoi Ting is mistaken.
    """
    if len(words) == 3 and len(words[2]) == 1:
        name = opened(words[:2])
        return Name((*name.given, words[2])) if name else None
    opens = words[0] in syllables.listed("opening") and not is_given(words[1])
    if not opens or not syllables.all_are(words):
        return None
    if not syllables.standing_first().isdisjoint(words[1:]):
        return None
    if len(words) == 2:
        return Name(("".join(words),), syllable=words[0])
    return Name(syllables.parted(words)) if len(words) == 3 and syllables.known(words) else None
