"""How rare a row says its values are."""

from __future__ import annotations

import math

import pytest

from processors.linkage import levels as at
from processors.linkage.frequencies import NEUTRAL, STEP, Frequencies, Rarities
from schemas.encoding import layout

FAMILY = at.RARE.index(at.FAMILY)
MOBILE = at.RARE.index(at.MOBILE)
AGREEMENT = [0.01] * len(at.RARE)
FAMILY_WORD, MOBILE_WORD, FLAGS = (layout.FIELDS[name][0] for name in ("family", "mobile", "flags"))
MANY, FEW = 0.04, 0.0001


def known(listed: dict[int, dict[int, float]], common: float = 0.0) -> Rarities:
    """Rarities of the fields listed; values that are not listed are held by one in a thousand."""
    other, often = ([0.0] * len(at.RARE) for _ in range(2))
    for number in listed:
        other[number], often[number] = 0.001, common
    shares = tuple(listed.get(number, {}) for number in range(len(at.RARE)))
    return Rarities(Frequencies(tuple(other), tuple(often), shares), AGREEMENT)


def byte_of(rarities: Rarities, number: int, words: dict[int, int]) -> int:
    """The byte of a field in the row of an encoding with these words at these places."""
    encoding = [words.get(place, 0) for place in range(layout.WORDS)]
    row = rarities.row(encoding)
    return row[layout.WORDS + number // 4] >> 8 * (number % 4) & 255


def byte(share: float) -> int:
    """The byte that the formula gives for a share."""
    return round(math.log(0.01 / share) / STEP) + NEUTRAL


@pytest.mark.parametrize(
    ("value", "flags", "share"),
    [(7, 0, MANY), (7, layout.COMMON_FAMILY, MANY), (8, 0, 0.001), (8, layout.COMMON_FAMILY, 0.02)],
    ids=["listed", "listed and marked", "not listed", "not listed but marked"],
)
def test_a_value_is_as_rare_as_its_share(value: int, flags: int, share: float) -> None:
    """Listed shares come before marks, and marks before what is usual."""
    rarities = known({FAMILY: {7: MANY}}, common=0.02)
    assert byte_of(rarities, FAMILY, {FAMILY_WORD: value, FLAGS: flags}) == byte(share)


def test_of_two_numbers_the_commoner_counts() -> None:
    """Whoever rings from either number is no rarer than those who have the common one."""
    rarities = known({MOBILE: {1 << 32 | 2: FEW, 3 << 32 | 4: MANY}})
    numbers = {MOBILE_WORD + k: k + 1 for k in range(4)}
    assert byte_of(rarities, MOBILE, numbers) == byte(MANY)
    assert byte_of(rarities, MOBILE, {MOBILE_WORD: 1, MOBILE_WORD + 1: 2}) == byte(FEW)


def test_no_value_and_nothing_known_have_no_byte() -> None:
    """A byte of 0 stands for both."""
    rarities = known({FAMILY: {7: MANY}})
    assert byte_of(rarities, FAMILY, {}) == 0
    assert byte_of(rarities, MOBILE, {MOBILE_WORD: 1}) == 0
