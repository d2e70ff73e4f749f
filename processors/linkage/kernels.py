"""Compiled comparison of two encodings, field by field: with weighing.py the hot loop of linkage.

Importing this module imports numba, which takes a second, and the first call compiles, which
takes some more; compiled code is kept on disk (compiling.py). `comparison.py` says the same in
plain Python and is what a property test holds this to. Rows are arrays of 64 words
(schemas.encoding.layout) and a tail (frequencies.py). The kernels release the GIL.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.encoding import layout

from . import levels as at
from .bits import ones
from .compiling import inlined, lean


def _word(field: str) -> int:
    return layout.FIELDS[field][0]


FAMILY: Final = _word("family")
FAMILY_CANONICAL: Final = _word("family_canonical")
FAMILY_PHONETIC: Final = _word("family_phonetic")
FAMILY_OTHER: Final = _word("family_other")
GIVEN: Final = _word("given")
GIVEN_CANONICAL: Final = _word("given_canonical")
GIVEN_PHONETIC: Final = _word("given_phonetic")
INITIALS: Final = _word("initials")
FLAGS: Final = _word("flags")
BIRTH: Final = _word("birth")
BIRTH_YEARS: Final = _word("birth_years")
POSTCODE: Final = _word("postcode")
LOCALITY: Final = _word("locality")
STREET: Final = _word("street")
HOUSE: Final = _word("house")
EMAIL: Final = _word("email")
EMAIL_LOCAL: Final = _word("email_local")
MOBILE: Final = _word("mobile")
LANDLINE: Final = _word("landline")
IDENTIFIER: Final = _word("identifier")
HOUSEHOLD: Final = _word("household")
OCCUPATION: Final = _word("occupation")
BORN_IN: Final = _word("place_of_birth")
BORN_IN_PHONETIC: Final = _word("place_of_birth_phonetic")
REGION_SHIFT: Final = layout.REGION_SHIFT
FAMILY_BLOOM: Final = _word("family_bloom")
GIVEN_BLOOM: Final = _word("given_bloom")
STREET_BLOOM: Final = _word("street_bloom")
LOCALITY_BLOOM: Final = _word("locality_bloom")
EMAIL_BLOOM: Final = _word("email_bloom")
SINGLE_LETTER: Final = layout.SINGLE_LETTER
CONVENTION: Final = layout.CONVENTION
LONE: Final = layout.LONE
UNLIKE: Final = layout.LISTED_GIVEN | layout.STRANGE_GIVEN
LETTERS_SHIFT: Final = layout.LETTERS_SHIFT

Row = NDArray[np.uint32]


@lean
def _bits(word: int) -> int:
    return ones(np.uint64(word))


@lean
def _dice(a: Row, i: int, b: Row, j: int) -> float:
    both = total = 0
    for k in range(4):
        both += _bits(a[i + k] & b[j + k])
        total += _bits(a[i + k]) + _bits(b[j + k])
    return 2.0 * both / total if total else 0.0


@lean
def _holds(row: Row, first: int, width: int, token: int) -> bool:
    if token == 0:
        return False
    for k in range(first, first + width):  # noqa: SIM110 - the compiler knows no any()
        if row[k] == token:
            return True
    return False


@lean
def _differing(a: int, b: int, first: int, last: int) -> int:
    different, count = int(a) ^ int(b), 0
    for k in range(first, last):
        if (different >> (8 * k)) & 255:
            count += 1
    return count


@lean
def _family_parts_meet(a: Row, b: Row) -> bool:
    for k in range(2):
        other, theirs = a[FAMILY_OTHER + k], b[FAMILY_OTHER + k]
        if other and (other == b[FAMILY] or _holds(b, FAMILY_OTHER, 2, other)):
            return True
        if theirs and theirs == a[FAMILY]:
            return True
    return False


@lean
def _lone_name(a: Row, b: Row) -> int:
    """Level where just one side has a family name: a lone name may be the family name."""
    lone, other = (a, b) if a[FAMILY] == 0 else (b, a)
    if lone[GIVEN] and lone[GIVEN + 1] == 0 and lone[GIVEN] == other[FAMILY]:
        return at.FAMILY_LONE
    return at.NULL


@lean
def _stands(a: Row, b: Row) -> bool:
    """Whether the family name of one stands among the given names of the other."""
    token, one, two = a[FAMILY], a[FAMILY_OTHER], a[FAMILY_OTHER + 1]
    return _holds(b, GIVEN, 4, token) or _holds(b, GIVEN, 4, one) or _holds(b, GIVEN, 4, two)


@lean
def _crosses(a: Row, b: Row, least: float) -> bool:
    """Whether the family name of one is, or is at least so alike to, a given name of the other."""
    if _stands(a, b):
        return True
    if b[GIVEN] == 0:
        return False
    sounds = a[FAMILY_PHONETIC] == b[GIVEN_PHONETIC]
    return sounds or _dice(a, FAMILY_BLOOM, b, GIVEN_BLOOM) >= least


@lean
def _swapped_whole(a: Row, b: Row) -> bool:
    there, back = _crosses(a, b, 0.75), _crosses(b, a, 0.75)
    if there and back:
        return True
    if there and (a[FLAGS] & SINGLE_LETTER or (_stands(a, b) and _crosses(b, a, 0.6))):
        return True
    return back and ((b[FLAGS] & SINGLE_LETTER) != 0 or (_stands(b, a) and _crosses(a, b, 0.6)))


@lean
def _family(a: Row, b: Row) -> int:
    if a[FAMILY] == 0 or b[FAMILY] == 0:
        return _lone_name(a, b) if a[FAMILY] != b[FAMILY] else at.NULL
    if a[FAMILY] == b[FAMILY]:
        return at.FAMILY_SAME
    if a[FAMILY_CANONICAL] == b[FAMILY_CANONICAL]:
        return at.FAMILY_CANONICAL
    dice = _dice(a, FAMILY_BLOOM, b, FAMILY_BLOOM)
    if dice >= 0.8:
        return at.FAMILY_CLOSE
    if _family_parts_meet(a, b):
        return at.FAMILY_PART
    if _holds(b, GIVEN, 4, a[FAMILY]) or _holds(a, GIVEN, 4, b[FAMILY]) or _swapped_whole(a, b):
        return at.FAMILY_SWAPPED
    if dice >= 0.6 or a[FAMILY_PHONETIC] == b[FAMILY_PHONETIC]:
        return at.FAMILY_SIMILAR
    return at.FAMILY_FAINT if dice >= 0.4 else at.FAMILY_DIFFERENT


@inlined
def least_alike(one: int, two: int) -> float:
    """How alike two given names of one initial must be for a slip of the pen, by rows' flags."""
    differ = np.int64(one) ^ np.int64(two)
    slip = 0.0 if differ >> LETTERS_SHIFT == 0 else 0.5
    return slip if differ & UNLIKE == UNLIKE else 0.55


@lean
def _given_distance(a: Row, b: Row) -> int:
    dice = _dice(a, GIVEN_BLOOM, b, GIVEN_BLOOM)
    if dice >= 0.75:
        return at.GIVEN_CLOSE
    begins = (a[INITIALS] & 255) == (b[INITIALS] & 255)
    if (a[FLAGS] | b[FLAGS]) & SINGLE_LETTER:
        return at.GIVEN_INITIAL if begins else at.GIVEN_DIFFERENT
    sounds = a[GIVEN_PHONETIC] == b[GIVEN_PHONETIC] and dice >= 0.35
    if sounds or (begins and dice >= least_alike(a[FLAGS], b[FLAGS])):
        return at.GIVEN_SIMILAR
    return at.GIVEN_FAINT if dice >= 0.35 else at.GIVEN_DIFFERENT


@lean
def _given(a: Row, b: Row) -> int:
    if a[GIVEN] == 0 or b[GIVEN] == 0:
        return at.NULL
    if a[GIVEN] == b[GIVEN]:
        return at.GIVEN_SAME
    if a[GIVEN_CANONICAL] == b[GIVEN_CANONICAL]:
        return at.GIVEN_SHORT
    if _holds(b, GIVEN_CANONICAL, 4, a[GIVEN_CANONICAL]) or _holds(
        a, GIVEN_CANONICAL, 4, b[GIVEN_CANONICAL]
    ):
        return at.GIVEN_INITIAL if (a[FLAGS] | b[FLAGS]) & SINGLE_LETTER else at.GIVEN_AMONG
    level = _given_distance(a, b)
    if level >= at.GIVEN_FAINT and (a[FLAGS] | b[FLAGS]) & LONE:
        return at.NULL  # the lone name may be a family name
    return level


@lean
def _middle(a: Row, b: Row) -> int:
    if a[GIVEN + 1] == 0 or b[GIVEN + 1] == 0:
        return at.NULL
    for i in range(1, 4):
        initial = (a[INITIALS] >> (8 * i)) & 255
        for j in range(1, 4):
            if initial and initial == (b[INITIALS] >> (8 * j)) & 255:
                return 0
            if a[GIVEN + i] and a[GIVEN_CANONICAL + i] == b[GIVEN_CANONICAL + j]:
                return 0
    return 1


@lean
def whole_date(row: Row) -> bool:
    """Whether every digit of a date of birth is known."""
    high = np.int64(row[BIRTH + 1])
    return row[BIRTH] != 0 and (high >> 24) != 0 and not row[FLAGS] & CONVENTION


@lean
def _ten_apart(a: Row, b: Row) -> bool:
    """Whether two dates of birth are ten years apart; each tells the tenth year after its own."""
    ours, theirs = np.int64(a[BIRTH_YEARS]), np.int64(b[BIRTH_YEARS])
    known = ours != 0 and theirs != 0
    return bool(known and (ours & 0xFFFF == theirs >> 16 or theirs & 0xFFFF == ours >> 16))


@lean
def _birth_whole(a: Row, b: Row) -> int:
    """Level of two dates of which every digit is known."""
    y = _differing(a[BIRTH], b[BIRTH], 0, 4)
    first, second = int(a[BIRTH + 1]), int(b[BIRTH + 1])
    m = _differing(first, second, 0, 2)
    d = _differing(first, second, 2, 4)
    if y + m + d <= 1:
        return at.BIRTH_SAME if y + m + d == 0 else at.BIRTH_DIGIT
    if y <= 1 and (first & 0xFFFF) == (second >> 16) and (second & 0xFFFF) == (first >> 16):
        return at.BIRTH_SWAPPED
    if (y == 0) + (m == 0) + (d == 0) == 2 and (y < 3 or _ten_apart(a, b)):
        return at.BIRTH_PART
    decade = _differing(a[BIRTH], b[BIRTH], 0, 3)
    if y + m + d == 2 and decade == 0:
        return at.BIRTH_TWO_DIGITS
    if y == 0:
        return at.BIRTH_YEAR
    return at.BIRTH_THREE_DIGITS if y + m + d <= 3 else at.BIRTH_DIFFERENT


@lean
def _birth_in_part(a: Row, b: Row) -> int:
    """Level where one date is known in part: year and perhaps month, or by convention."""
    conventions = (a[FLAGS] | b[FLAGS]) & CONVENTION
    first, second = np.int64(a[BIRTH + 1]) & 0xFFFF, np.int64(b[BIRTH + 1]) & 0xFFFF
    if _differing(a[BIRTH], b[BIRTH], 0, 3) and (conventions or first != second):
        return at.BIRTH_DIFFERENT
    if a[BIRTH] != b[BIRTH]:
        return at.BIRTH_PART_DIFFERS
    if conventions:
        both = a[FLAGS] & b[FLAGS] & CONVENTION
        return at.BIRTH_CONVENTION if both else at.BIRTH_YEAR_ONLY
    if first == 0 or second == 0:
        return at.BIRTH_YEAR_ONLY
    return at.BIRTH_KNOWN_PART if first == second else at.BIRTH_PART_DIFFERS


@lean
def _birth(a: Row, b: Row) -> int:
    if a[BIRTH] and b[BIRTH]:
        if whole_date(a) and whole_date(b):
            return _birth_whole(a, b)
        return _birth_in_part(a, b)
    if a[BIRTH_YEARS] == 0 or b[BIRTH_YEARS] == 0:
        return at.NULL
    for i in range(1 if a[BIRTH] else 2):
        year = (np.int64(a[BIRTH_YEARS]) >> (16 * i)) & 0xFFFF
        for j in range(1 if b[BIRTH] else 2):
            if year and year == (np.int64(b[BIRTH_YEARS]) >> (16 * j)) & 0xFFFF:
                return at.BIRTH_AGE
    return at.BIRTH_PART_DIFFERS


@lean
def _postcode(a: Row, b: Row) -> int:
    if a[POSTCODE] == 0 or b[POSTCODE] == 0:
        return at.NULL
    outward = _differing(a[POSTCODE], b[POSTCODE], 0, 4)
    known = a[POSTCODE + 1] != 0 and b[POSTCODE + 1] != 0
    inward = _differing(a[POSTCODE + 1], b[POSTCODE + 1], 0, 3) if known else 9
    if outward + inward <= 1:
        return 0 if outward + inward == 0 else 1
    if known and outward == 0 and _differing(a[POSTCODE + 1], b[POSTCODE + 1], 0, 1) == 0:
        return 2
    if outward + inward == 2:
        return 3
    if outward == 0:
        return 4
    return 5 if _differing(a[POSTCODE], b[POSTCODE], 0, 2) == 0 else 6


@lean
def _by_bloom(a: Row, b: Row, token: int, bloom: int) -> int:
    if a[token] == 0 or b[token] == 0:
        return at.NULL
    if a[token] == b[token]:
        return 0
    dice = _dice(a, bloom, b, bloom)
    return 1 if dice >= 0.75 else 2 if dice >= 0.5 else 3


@lean
def _by_token(a: Row, b: Row, token: int) -> int:
    if a[token] == 0 or b[token] == 0:
        return at.NULL
    return 0 if a[token] == b[token] else 1


@lean
def _by_byte(first: int, second: int) -> int:
    if first == 0 or second == 0:
        return at.NULL
    return 0 if first == second else 1


@lean
def _email(a: Row, b: Row) -> int:
    if a[EMAIL] == 0 or b[EMAIL] == 0:
        return at.NULL
    if a[EMAIL] == b[EMAIL] and a[EMAIL + 1] == b[EMAIL + 1]:
        return 0
    if a[EMAIL_LOCAL] and a[EMAIL_LOCAL] == b[EMAIL_LOCAL]:
        return 1
    return 2 if _dice(a, EMAIL_BLOOM, b, EMAIL_BLOOM) >= 0.75 else 3


@lean
def _by_number(a: Row, b: Row, first: int, count: int) -> int:
    """Level of two short lists of 64-bit tokens: any in common is agreement."""
    if a[first] == 0 or b[first] == 0:
        return at.NULL
    for i in range(first, first + 2 * count, 2):
        for j in range(first, first + 2 * count, 2):
            if a[i] and a[i] == b[j] and a[i + 1] == b[j + 1]:
                return 0
    return 1


@lean
def _identifier(a: Row, b: Row) -> int:
    """Numbers of one scheme agree or differ; numbers of different schemes say nothing."""
    level = at.NULL
    for i in range(IDENTIFIER, IDENTIFIER + 6, 3):
        for j in range(IDENTIFIER, IDENTIFIER + 6, 3):
            if a[i] and a[i] == b[j]:
                if a[i + 1] == b[j + 1] and a[i + 2] == b[j + 2]:
                    return 0
                level = 1
    return level


@lean
def compare(a: Row, b: Row, out: NDArray[np.int8]) -> None:
    """Write the level of every field (levels.py) into `out`, -1 where a side has no value."""
    out[at.FAMILY] = _family(a, b)
    swapped = out[at.FAMILY] == at.FAMILY_SWAPPED and _swapped_whole(a, b)
    out[at.GIVEN] = at.NULL if swapped or out[at.FAMILY] == at.FAMILY_LONE else _given(a, b)
    out[at.MIDDLE] = _middle(a, b)
    out[at.BIRTH] = _birth(a, b)
    out[at.POSTCODE] = _postcode(a, b)
    out[at.LOCALITY] = _by_bloom(a, b, LOCALITY, LOCALITY_BLOOM)
    out[at.STREET] = _by_bloom(a, b, STREET, STREET_BLOOM)
    out[at.HOUSE] = _by_token(a, b, HOUSE)
    out[at.EMAIL] = _email(a, b)
    out[at.MOBILE] = _by_number(a, b, MOBILE, 2)
    out[at.LANDLINE] = _by_number(a, b, LANDLINE, 1)
    out[at.IDENTIFIER] = _identifier(a, b)
    out[at.HOUSEHOLD] = _by_number(a, b, HOUSEHOLD, 1)
    out[at.SEX] = _by_byte(a[FLAGS] & 255, b[FLAGS] & 255)
    out[at.OCCUPATION] = _by_token(a, b, OCCUPATION)
    out[at.BORN_IN] = _by_token(a, b, BORN_IN)
    if out[at.BORN_IN] == 1 and a[BORN_IN_PHONETIC] != b[BORN_IN_PHONETIC]:
        out[at.BORN_IN] = 2
    first, second = (a[FLAGS] >> REGION_SHIFT) & 255, (b[FLAGS] >> REGION_SHIFT) & 255
    out[at.REGION] = _by_byte(first, second)
