"""What a glance at the front of a row says: most candidates cannot reach the score for a link.

The front of a row is its words up to the house number and the Bloom filters of the names. Of what
is left (e-mail, telephones, numbers, occupation, place of birth) the front has marks: one bit out
of eight for each value, in four groups. Two rows whose marks of a group have nothing in common
agree in no value of it.

A glance adds up, field by field, the most that the row at hand could gain from the other, so it
never dismisses a pair that could have a score above the floor; where the front does not tell the
level of a field, it takes the highest there could be. It has hardly a branch that depends on the
other row: what a processor guesses wrongly takes longer than the sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from schemas.encoding import layout

from . import kernels
from . import levels as at
from .bits import ones
from .compiling import inlined, lean
from .frequencies import NEUTRAL, STEP
from .kernels import Row, whole_date
from .weighing import ROUNDING, Floats, Tables

if TYPE_CHECKING:
    _wide = int
else:  # compiled code takes int() of an unsigned number to be unsigned
    _wide = np.int64

HEAD: Final = kernels.HOUSE + 1
"""Words that a row begins with and that stand in front as they are, the marks apart."""
BLOOMS_AT: Final = kernels.FAMILY_BLOOM
BLOOMS: Final = 8
"""Words of the Bloom filters of both names."""
FRONT: Final = HEAD + BLOOMS
"""Words in front: 128 bytes."""
MARKS: Final = kernels.GIVEN + 3
"""Where the marks stand in front: at the place of a fourth given name, which few people have."""
CEILINGS: Final = 72
_ALL: Final = 0xFFFFFFFF
"""The marks of a row with a fourth given name: it must be compared in full."""
_GROUPS: Final = 4
_MARKED: Final = np.array(
    [
        (kernels.EMAIL, kernels.EMAIL, 0),
        (kernels.EMAIL, kernels.EMAIL_LOCAL, 0),
        (kernels.MOBILE, kernels.MOBILE, 8),
        (kernels.MOBILE + 2, kernels.MOBILE + 2, 8),
        (kernels.LANDLINE, kernels.LANDLINE, 16),
        (kernels.HOUSEHOLD, kernels.HOUSEHOLD, 16),
        (kernels.IDENTIFIER, kernels.IDENTIFIER + 1, 24),
        (kernels.IDENTIFIER + 3, kernels.IDENTIFIER + 4, 24),
        (kernels.OCCUPATION, kernels.OCCUPATION, 24),
        (kernels.BORN_IN, kernels.BORN_IN, 24),
        (kernels.BORN_IN, kernels.BORN_IN_PHONETIC, 24),
    ],
    np.int64,
)
"""The word without which there is no value, the word that two equal values share, first mark."""
_BEHIND: Final = np.array(
    [
        (at.EMAIL, kernels.EMAIL, 0, 2),
        (at.MOBILE, kernels.MOBILE, 1, 1),
        (at.LANDLINE, kernels.LANDLINE, 2, 1),
        (at.HOUSEHOLD, kernels.HOUSEHOLD, 2, 1),
        (at.IDENTIFIER, kernels.IDENTIFIER, 3, 1),
        (at.OCCUPATION, kernels.OCCUPATION, 3, 1),
        (at.BORN_IN, kernels.BORN_IN, 3, 2),
    ],
    np.int64,
)
"""Fields that are not in front: first word, group of marks, first level without a common mark."""
_PLACE: Final = np.array(
    [at.RARE.index(each) if each in at.RARE else -1 for each in range(at.COUNT)]
)
_TOKENS: Final = np.array([at.LOCALITY, at.STREET, at.HOUSE, at.SEX, at.REGION])
"""Fields of which a glance sees whether they are known and equal, in the order of their tops."""

# Where the tops of each field begin: by level, then for none; or for none, different, and equal.
_BIRTH: Final = 0
_POSTCODE: Final = _BIRTH + at.DEPTH + 1
_PLAIN: Final = _POSTCODE + 8
_MARK: Final = _PLAIN + 3 * len(_TOKENS)
_FAMILY: Final = _MARK + 3 * _GROUPS
_GIVEN: Final = _FAMILY + 10
_MIDDLE: Final = _GIVEN + 8
_START: Final = _MIDDLE + 1
"""Place of what a score begins with."""
_NO_BIRTH: Final = at.DEPTH
_NO_POSTCODE: Final = 7
_UNCLEAR: Final = 8
"""Place of the most that the family name says where it may stand among the given names."""
_LONE: Final = 9


def _birth_level(swapped: int, decade: int, y: int, m: int, d: int) -> int:
    """Level of two whole dates by the digits that differ (kernels.py)."""
    if y + m + d <= 1:
        return at.BIRTH_DIGIT if y + m + d else at.BIRTH_SAME
    if y <= 1 and swapped:
        return at.BIRTH_SWAPPED
    if (y == 0) + (m == 0) + (d == 0) == 2 and y < 3:
        return at.BIRTH_PART
    if y + m + d == 2 and decade:
        return at.BIRTH_TWO_DIGITS
    if y == 0:
        return at.BIRTH_YEAR
    return at.BIRTH_THREE_DIGITS if y + m + d <= 3 else at.BIRTH_DIFFERENT


def _postcode_level(outward: int, inward: int, sector: int, area: int) -> int:
    """Level of two postcodes by the characters that differ; an inward of 4 is not known."""
    known, differ = inward < 4, outward + (inward if inward < 4 else 9)
    if differ <= 1:
        return differ
    if known and outward == 0 and sector:
        return 2
    if differ == 2:
        return 3
    if outward == 0:
        return 4
    return 5 if area else 6


_BIRTHS: Final = np.array(
    [_birth_level(k // 90, k // 45 % 2, k // 9 % 5, k // 3 % 3, k % 3) for k in range(180)]
)
_POSTCODES: Final = np.array(
    [_postcode_level(k // 20, k // 4 % 5, k // 2 % 2, k % 2) for k in range(100)]
)


@lean
def marks_of(row: Row) -> int:
    """The marks of a row."""
    if row[MARKS]:
        return _ALL
    found = 0
    for k in range(len(_MARKED)):
        if row[_MARKED[k, 0]]:
            found |= 1 << (_MARKED[k, 2] + ((int(row[_MARKED[k, 1]]) >> 3) & 7))
    return found


@lean
def _rarest(row: Row, field: int) -> float:
    """The most that a value of this row can gain from being rare."""
    place = _PLACE[field]
    if place < 0:
        return 0.0
    known = (int(row[layout.WORDS + place // 4]) >> (8 * (place % 4))) & 255
    return STEP * ((known or 255) - NEUTRAL)


@lean
def _most(row: Row, field: int, first: int, last: int, tables: Tables) -> float:
    """The most that a field can say at any level from `first` to `last`."""
    most = -np.inf
    for level in range(first, last + 1):
        worth = tables.person[field, level]
        if level == 0 or (field == at.FAMILY and level == at.FAMILY_LONE):
            worth += _rarest(row, field)
        most = max(most, worth)
    return most


@lean
def _known(row: Row, k: int) -> bool:
    """Whether a row has the field of which only equality is seen."""
    if k < 3:
        return bool(row[kernels.LOCALITY + k] != 0)
    return bool((row[kernels.FLAGS] >> (0 if k == 3 else kernels.REGION_SHIFT)) & 255 != 0)


@lean
def _plain_ceilings(row: Row, tables: Tables, tops: Floats) -> None:
    for k in range(len(_TOKENS)):
        field = _TOKENS[k]
        if _known(row, k):
            last = 3 if field in (at.LOCALITY, at.STREET) else 1
            tops[_PLAIN + 3 * k + 1] = _most(row, field, 1, last, tables)
            tops[_PLAIN + 3 * k + 2] = _most(row, field, 0, 0, tables)
    for k in range(len(_BEHIND)):
        field, group, first = _BEHIND[k, 0], _BEHIND[k, 2], _BEHIND[k, 3]
        if row[_BEHIND[k, 1]]:
            last = at.DEPTH - 1
            tops[_MARK + 3 * group + 1] += max(0.0, _most(row, field, first, last, tables))
            tops[_MARK + 3 * group + 2] += max(0.0, _most(row, field, 0, last, tables))


@lean
def ceilings(row: Row, tables: Tables, tops: Floats) -> None:
    """Write into `tops` what each field of a row can say at most."""
    tops[:] = 0.0
    tops[_START] = tables.rest[0]
    _plain_ceilings(row, tables, tops)
    if row[kernels.BIRTH]:
        for level in range(at.DEPTH):
            tops[_BIRTH + level] = _most(row, at.BIRTH, level, level, tables)
        slip = tops[_BIRTH + at.BIRTH_PART]  # of a decade, which the digits alone do not tell
        tops[_BIRTH + at.BIRTH_THREE_DIGITS] = max(tops[_BIRTH + at.BIRTH_THREE_DIGITS], slip)
    if row[kernels.POSTCODE]:
        for level in range(_NO_POSTCODE):
            tops[_POSTCODE + level] = _most(row, at.POSTCODE, level, level, tables)
    for level in range(8):
        tops[_FAMILY + level] = _most(row, at.FAMILY, level, level, tables)
        tops[_GIVEN + level] = _most(row, at.GIVEN, level, level, tables)
    tops[_FAMILY + _UNCLEAR] = _most(row, at.FAMILY, 1, 7, tables)
    tops[_FAMILY + _LONE] = max(0.0, _most(row, at.FAMILY, at.FAMILY_LONE, at.FAMILY_LONE, tables))
    if row[kernels.GIVEN + 1]:
        tops[_MIDDLE] = max(0.0, _most(row, at.MIDDLE, 0, 1, tables))


@inlined
def _bytes(word: int) -> int:
    """A bit for each byte of 32 bits that is not 0, the highest of the byte."""
    return (((word & 0x7F7F7F7F) + 0x7F7F7F7F) | word) & 0x80808080


@inlined
def _count(word: int) -> int:
    return ones(np.uint64(word))


@inlined
def _birth(a: Row, f: Row, tops: Floats) -> float:
    """What two dates say, both of them whole or one not known."""
    day, theirs = _wide(a[kernels.BIRTH + 1]), _wide(f[kernels.BIRTH + 1])
    years = _bytes(_wide(a[kernels.BIRTH]) ^ _wide(f[kernels.BIRTH]))
    days = _bytes(day ^ theirs)
    swapped = 1 if ((theirs >> 16) | ((theirs & 0xFFFF) << 16)) == day else 0
    decade = 1 if years & 0x00808080 == 0 else 0
    kind = (swapped * 2 + decade) * 45 + 9 * _count(years)
    level = _BIRTHS[kind + 3 * _count(days & 0xFFFF) + _count(days >> 16)]
    return float(tops[_BIRTH + (level if f[kernels.BIRTH] else _NO_BIRTH)])


@inlined
def _postcode(a: Row, f: Row, tops: Floats) -> float:
    inward, theirs = _wide(a[kernels.POSTCODE + 1]), _wide(f[kernels.POSTCODE + 1])
    outward = _bytes(_wide(a[kernels.POSTCODE]) ^ _wide(f[kernels.POSTCODE]))
    end = _bytes((inward ^ theirs) & 0xFFFFFF)
    differ = _count(end) if (inward != 0) & (theirs != 0) else 4
    sector, area = 1 if end & 0xFF == 0 else 0, 1 if outward & 0xFFFF == 0 else 0
    level = _POSTCODES[20 * _count(outward) + 4 * differ + 2 * sector + area]
    return float(tops[_POSTCODE + (level if f[kernels.POSTCODE] else _NO_POSTCODE)])


@inlined
def _plain(k: int, mine: int, theirs: int, tops: Floats) -> float:
    """What a field says of which only equality is seen."""
    return float(tops[_PLAIN + 3 * k + (1 if theirs else 0) + (1 if theirs == mine else 0)])


@inlined
def _address(a: Row, f: Row, tops: Floats) -> float:
    most = _postcode(a, f, tops)
    for k in range(3):
        most += _plain(k, a[kernels.LOCALITY + k], f[kernels.LOCALITY + k], tops)
    mine = (a[kernels.FLAGS] >> kernels.REGION_SHIFT) & 255
    return most + _plain(4, mine, (f[kernels.FLAGS] >> kernels.REGION_SHIFT) & 255, tops)


@inlined
def _behind(mine: int, theirs: int, tops: Floats) -> float:
    """The most that the fields say that are not in front."""
    most = 0.0
    for group in range(_GROUPS):
        marked = (theirs >> (8 * group)) & 255
        common = 1 if (mine >> (8 * group)) & marked else 0
        most += tops[_MARK + 3 * group + (1 if marked else 0) + common]
    return most


@inlined
def _half(row: Row, first: int) -> np.uint64:
    """64 bits of a Bloom filter."""
    return np.uint64(row[first]) | (np.uint64(row[first + 1]) << np.uint64(32))


@inlined
def _alike(a: Row, i: int, b: Row, j: int) -> float:
    """Dice's coefficient of two Bloom filters."""
    one, two, three, four = _half(a, i), _half(a, i + 2), _half(b, j), _half(b, j + 2)
    total = ones(one) + ones(two) + ones(three) + ones(four)
    return 2.0 * (ones(one & three) + ones(two & four)) / max(total, 1)


@inlined
def _unclear(a: Row, f: Row) -> int:
    """Whether a family name may stand among the given names, or has several parts."""
    family, theirs = a[kernels.FAMILY], f[kernels.FAMILY]
    token = (family == f[kernels.GIVEN]) | (theirs == a[kernels.GIVEN])
    for k in range(1, 3):
        token |= (family == f[kernels.GIVEN + k]) | (theirs == a[kernels.GIVEN + k])
    token |= theirs == a[kernels.GIVEN + 3]
    sound = a[kernels.FAMILY_PHONETIC] == f[kernels.GIVEN_PHONETIC]
    sound |= f[kernels.FAMILY_PHONETIC] == a[kernels.GIVEN_PHONETIC]
    parts = a[kernels.FAMILY_OTHER] | a[kernels.FAMILY_OTHER + 1]
    parts |= f[kernels.FAMILY_OTHER] | f[kernels.FAMILY_OTHER + 1]
    there = _alike(a, kernels.FAMILY_BLOOM, f, HEAD + 4) >= 0.75
    back = _alike(a, kernels.GIVEN_BLOOM, f, HEAD) >= 0.75
    return 1 if token | sound | (parts != 0) | there | back else 0


@inlined
def _family(a: Row, f: Row, unclear: int, tops: Floats) -> float:
    dice = _alike(a, kernels.FAMILY_BLOOM, f, HEAD)
    sound = a[kernels.FAMILY_PHONETIC] == f[kernels.FAMILY_PHONETIC]
    level = at.FAMILY_FAINT if dice >= 0.4 else at.FAMILY_DIFFERENT
    level = at.FAMILY_SIMILAR if sound | (dice >= 0.6) else level
    level = at.FAMILY_CLOSE if dice >= 0.8 else level
    canonical = a[kernels.FAMILY_CANONICAL] == f[kernels.FAMILY_CANONICAL]
    level = at.FAMILY_CANONICAL if canonical else level
    level = _UNCLEAR if unclear else level
    level = at.FAMILY_SAME if a[kernels.FAMILY] == f[kernels.FAMILY] else level
    level = _LONE if (a[kernels.FAMILY] == 0) | (f[kernels.FAMILY] == 0) else level
    return float(tops[_FAMILY + level])


@inlined
def _among(a: Row, f: Row) -> bool:
    """Whether the short form of a first given name is among the other's given names."""
    mine, theirs = a[kernels.GIVEN_CANONICAL], f[kernels.GIVEN_CANONICAL]
    found = False
    for k in range(1, 4):
        found |= mine == f[kernels.GIVEN_CANONICAL + k]
        found |= theirs == a[kernels.GIVEN_CANONICAL + k]
    return bool(found)


@inlined
def _given(a: Row, f: Row, unclear: int, tops: Floats) -> float:
    dice = _alike(a, kernels.GIVEN_BLOOM, f, HEAD + 4)
    flags = a[kernels.FLAGS] | f[kernels.FLAGS]
    sound = (a[kernels.GIVEN_PHONETIC] == f[kernels.GIVEN_PHONETIC]) & (dice >= 0.35)
    begins = (a[kernels.INITIALS] ^ f[kernels.INITIALS]) & 255 == 0
    level = at.GIVEN_FAINT if dice >= 0.35 else at.GIVEN_DIFFERENT
    least = kernels.least_alike(a[kernels.FLAGS], f[kernels.FLAGS])
    level = at.GIVEN_SIMILAR if sound | (begins & (dice >= least)) else level
    letter = flags & kernels.SINGLE_LETTER != 0
    initial = at.GIVEN_INITIAL if begins else at.GIVEN_DIFFERENT
    level = initial if letter else level
    level = at.GIVEN_CLOSE if dice >= 0.75 else level
    among = at.GIVEN_INITIAL if letter else at.GIVEN_AMONG
    level = among if _among(a, f) else level
    short = a[kernels.GIVEN_CANONICAL] == f[kernels.GIVEN_CANONICAL]
    level = at.GIVEN_SHORT if short else level
    level = at.GIVEN_SAME if a[kernels.GIVEN] == f[kernels.GIVEN] else level
    said = tops[_GIVEN + level]
    said = max(said, 0.0) if (unclear != 0) | (flags & kernels.LONE != 0) else said
    return float(0.0 if (a[kernels.GIVEN] == 0) | (f[kernels.GIVEN] == 0) else said)


@inlined
def _names(a: Row, f: Row, tops: Floats) -> float:
    unclear = _unclear(a, f)
    lone = 1 if (a[kernels.FAMILY] == 0) | (f[kernels.FAMILY] == 0) else 0
    most = _family(a, f, unclear, tops) + _given(a, f, unclear | lone, tops)
    return most + (tops[_MIDDLE] if f[kernels.GIVEN + 1] else 0.0)


@lean
def may_reach(a: Row, mine: int, f: Row, tops: Floats, floor: float) -> bool:
    """Whether a row could have a score above `floor` with one of which the front is `f`.

    `mine` are the first one's marks, `tops` its ceilings.
    """
    theirs = _wide(f[MARKS])
    dated = f[kernels.BIRTH] != 0 or f[kernels.BIRTH_YEARS] != 0
    both = a[kernels.BIRTH] != 0 or a[kernels.BIRTH_YEARS] != 0
    if theirs == _ALL or (dated and both and not (whole_date(a) and whole_date(f))):
        return True
    most = tops[_START] + max(_address(a, f, tops), 0.0) + _behind(mine, theirs, tops)
    most += _birth(a, f, tops) + _plain(3, a[kernels.FLAGS] & 255, f[kernels.FLAGS] & 255, tops)
    return bool(most + _names(a, f, tops) >= floor - ROUNDING)
