"""Compiled weighing of what a comparison found: log-odds of pairs, one or many.

The same in plain Python, with the evidence spelt out, is `comparison.weigh`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.encoding import layout

from . import levels as at
from .compiling import compiled, lean
from .frequencies import NEUTRAL, STEP, TOGETHER
from .kernels import Row, compare

Floats = NDArray[np.float64]

_SHARED: Final = np.array([field.shared for field in at.FIELDS])
_PLACE: Final = np.array(
    [at.RARE.index(each) if each in at.RARE else -1 for each in range(at.COUNT)]
)
ADDRESS: Final = np.array([each in at.ADDRESS for each in range(at.COUNT)])
"""Which fields make up the address."""
_TAIL: Final = layout.WORDS
ROUNDING: Final = 1e-6
"""More than the sums of a pair can differ by for being added up in another order."""
_TIMES: Final = np.exp(STEP * np.arange(-255, 256))
"""What up to 255 steps, less or more, multiply a likelihood ratio by."""


class Tables(NamedTuple):
    """What each level is worth (parameters.py), and the threshold above which clusters merge."""

    person: Floats
    household: Floats
    e: Floats
    rest: Floats
    """Prior of a person, prior of a household, ceiling, chance of having moved."""
    person_odds: Floats
    """Likelihood ratios: what `person` and `household` are the logarithms of."""
    household_odds: Floats
    families: bool
    """Whether there are households whose members could be taken for one person."""
    threshold: float


@lean
def dates_differ(found: NDArray[np.int8]) -> bool:
    """Whether two known dates of birth differ plainly and no personal number outweighs it."""
    if found[at.BIRTH] != at.BIRTH_DIFFERENT and found[at.BIRTH] != at.BIRTH_THREE_DIGITS:
        return False
    return bool(found[at.IDENTIFIER] != 0)


@lean
def givens_differ(found: NDArray[np.int8]) -> bool:
    """Whether two given names differ plainly and nothing individual outweighs it."""
    given = found[at.GIVEN]
    if given < at.GIVEN_FAINT:
        unknown = given == at.NULL and found[at.FAMILY] != at.FAMILY_SWAPPED
        if found[at.SEX] != 1 or not (unknown or given >= at.GIVEN_CLOSE):
            return False
    reached = found[at.EMAIL] == 0 and found[at.MOBILE] == 0
    return bool(found[at.IDENTIFIER] != 0 and not reached)


@lean
def names_alone(found: NDArray[np.int8]) -> bool:
    """Whether nothing but names (and what most people share) agrees.

    So many are of one age or year of birth that it is no more than a name.
    """
    if 0 <= found[at.BIRTH] <= at.BIRTH_TWO_DIGITS:
        return False
    if found[at.BIRTH] == at.BIRTH_KNOWN_PART:
        return False
    if found[at.HOUSE] == 0 and 0 <= found[at.LOCALITY] <= at.LOCALITY_CLOSE:
        return False
    if 0 <= found[at.POSTCODE] <= at.POSTCODE_CLOSE or 0 <= found[at.STREET] <= at.STREET_CLOSE:
        return False
    if 0 <= found[at.EMAIL] <= at.EMAIL_CLOSE or found[at.MOBILE] == 0:
        return False
    numbers = found[at.LANDLINE] != 0 and found[at.IDENTIFIER] != 0
    return bool(numbers and found[at.HOUSEHOLD] != 0 and found[at.BORN_IN] != 0)


@lean
def _rarity(a: Row, b: Row, field: int) -> int:
    """The byte that says how rare the value is on which two rows agree; `NEUTRAL` if unknown."""
    place = _PLACE[field]
    if place < 0:
        return NEUTRAL
    word, shift = _TAIL + place // 4, 8 * (place % 4)
    first, second = (int(a[word]) >> shift) & 255, (int(b[word]) >> shift) & 255
    known = min(first, second)
    if known == 0:
        known = max(first, second)
    return known or NEUTRAL


@lean
def _together(a: Row, b: Row) -> int:
    """The byte that says how often a record's given and family name stand together; 1 for 0."""
    word, shift = _TAIL + TOGETHER // 4, 8 * (TOGETHER % 4)
    return max((int(a[word]) >> shift) & 255, (int(b[word]) >> shift) & 255, 1)


@lean
def _rarer(a: Row, b: Row, field: int, level: int) -> int:
    """Steps that the value adds to its level; only equal values are rare or common."""
    if level == 0 or (field == at.FAMILY and level == at.FAMILY_LONE):
        return _rarity(a, b, field) - NEUTRAL
    return 0


@lean
def _company(a: Row, b: Row, found: NDArray[np.int8], field: int) -> int:
    """Steps that the given name takes off as it agrees in the company of the family name."""
    if field != at.GIVEN or found[at.GIVEN] > at.GIVEN_CLOSE:
        return 0
    return _together(a, b) - 1 if 0 <= found[at.FAMILY] <= at.FAMILY_CLOSE else 0


@lean
def worth(
    a: Row, b: Row, found: NDArray[np.int8], field: int, tables: Tables
) -> tuple[float, float]:
    """Log-likelihood ratios of one field's level: of one person, and of one household."""
    level = found[field]
    person = tables.person[field, level]
    common = tables.household[field, level]
    rare = STEP * _rarer(a, b, field, level)
    if rare != 0.0:
        person += rare
        if _SHARED[field]:
            common += rare
        else:
            common = np.log(tables.e[field] * np.exp(person) + 1.0 - tables.e[field])
    company = STEP * _company(a, b, found, field)
    return person - company, common - company


@lean
def odds(
    a: Row, b: Row, found: NDArray[np.int8], field: int, tables: Tables
) -> tuple[float, float]:
    """Likelihood ratios of one field's level: what `worth` gives the logarithms of.

    Looked up and multiplied, since exponentials would take longer than all the rest.
    """
    level = found[field]
    person = tables.person_odds[field, level]
    common = tables.household_odds[field, level]
    rare = _rarer(a, b, field, level)
    if rare != 0:
        person *= _TIMES[rare + 255]
        if _SHARED[field]:
            common *= _TIMES[rare + 255]
        else:
            common = tables.e[field] * person + 1.0 - tables.e[field]
    company = _TIMES[255 - _company(a, b, found, field)]
    return person * company, common * company


@lean
def _own(found: NDArray[np.int8]) -> bool:
    """Whether something of a person's own agrees, beside names.

    Among the few who share a home or a landline, a year of birth or an age is a person's own.
    """
    if 0 <= found[at.BIRTH] <= at.BIRTH_TWO_DIGITS:
        return True
    if at.BIRTH_KNOWN_PART <= found[at.BIRTH] <= at.BIRTH_AGE:
        return True
    if 0 <= found[at.EMAIL] <= at.EMAIL_CLOSE or found[at.MOBILE] == 0:
        return True
    return bool(found[at.IDENTIFIER] == 0 or found[at.MIDDLE] == 0)


@lean
def given_alone(found: NDArray[np.int8]) -> bool:
    """Whether family names differ and a given name is all of a person's own that agrees."""
    differ = found[at.FAMILY] == at.FAMILY_FAINT or found[at.FAMILY] == at.FAMILY_DIFFERENT
    return differ and not _own(found)


@lean
def unnamed(found: NDArray[np.int8]) -> bool:
    """Whether no names can be compared, and nothing else of a person's own agrees either."""
    return found[at.FAMILY] == at.NULL and found[at.GIVEN] == at.NULL and not _own(found)


@lean
def thin(found: NDArray[np.int8], tables: Tables) -> bool:
    """Whether too little agrees to link anybody, however rare it is."""
    return names_alone(found) or (tables.families and (given_alone(found) or unnamed(found)))


@lean
def cautioned(found: NDArray[np.int8], tables: Tables) -> bool:
    """Whether a pair must not be linked whatever its score."""
    if tables.families and (dates_differ(found) or givens_differ(found)):
        return True
    return thin(found, tables)


@lean
def moved(address: float, chance: float) -> float:
    """Log-likelihood ratio of the address as a whole, from the sum over its fields.

    A person who moves changes all of them at once: that must not count five times.
    """
    if address > 0.0:
        return float(address + np.log(1.0 - chance + chance * np.exp(-address)))
    return float(np.log((1.0 - chance) * np.exp(address) + chance))


@lean
def combined(person: float, address: float, common: float, rest: Floats) -> float:
    """Log-odds of one person against household and strangers, from the sums against strangers.

    `address` is the sum over the fields of the address, which `person` leaves out; NaN stands for
    no field of an address known on both sides.
    """
    if not np.isnan(address):
        person += moved(address, rest[3])
    if common > 0.0:
        return float(person - common - np.log1p(np.exp(-common)))
    return float(person - np.log1p(np.exp(common)))


@lean
def weigh(a: Row, b: Row, found: NDArray[np.int8], tables: Tables) -> float:
    """Log-odds of one person; `found` is room for the levels, which are left in it.

    A pair that contradicts itself, or has nothing but names, stays below the ceiling, in the band
    for review at best.
    """
    compare(a, b, found)
    return weighed(a, b, found, tables)


@lean
def weigh_above(a: Row, b: Row, found: NDArray[np.int8], tables: Tables, floor: float) -> float:
    """What `weigh` gives if that is more than `floor`; otherwise some number that is not.

    That two might be relatives, or that one has moved, only takes something off what speaks for one
    person: most pairs are dismissed by that sum, which needs no logarithm.
    """
    compare(a, b, found)
    most, address = tables.rest[0], 0.0
    for field in range(at.COUNT):
        level = found[field]
        if level >= 0:
            steps = _rarer(a, b, field, level) - _company(a, b, found, field)
            ours = tables.person[field, level] + STEP * steps
            if ADDRESS[field]:
                address += ours
            else:
                most += ours
    if most + max(address, 0.0) < floor - ROUNDING:
        return -np.inf
    return weighed(a, b, found, tables)


@lean
def weighed(a: Row, b: Row, found: NDArray[np.int8], tables: Tables) -> float:
    """What `weigh` gives, from levels that are known already."""
    person, address, common = tables.rest[0], np.nan, tables.rest[1]
    for field in range(at.COUNT):
        if found[field] >= 0:
            ours, theirs = worth(a, b, found, field, tables)
            common += theirs
            if not ADDRESS[field]:
                person += ours
            elif np.isnan(address):
                address = ours
            else:
                address += ours
    score = combined(person, address, common, tables.rest)
    if score > tables.rest[2] and cautioned(found, tables):
        return float(tables.rest[2])
    return score


@compiled
def compare_many(
    rows: NDArray[np.uint32], left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.int8], Floats, Floats, Floats]:
    """Levels of many pairs of rows (pairs by fields), and what rarity adds.

    The second is the sum over all fields but the address, the third over those that a household
    shares, the fourth over those of the address.
    """
    found = np.empty((len(left), at.COUNT), np.int8)
    rare, shared, address = np.zeros(len(left)), np.zeros(len(left)), np.zeros(len(left))
    for k in range(len(left)):
        a, b = rows[left[k]], rows[right[k]]
        compare(a, b, found[k])
        for field in range(at.COUNT):
            if found[k, field] < 0:
                continue
            rarer = STEP * _rarer(a, b, field, found[k, field])
            company = STEP * _company(a, b, found[k], field)
            if ADDRESS[field]:
                address[k] += rarer
            else:
                rare[k] += rarer - company
            shared[k] += rarer - company if _SHARED[field] else -company
    return found, rare, shared, address


@compiled
def score_many(
    rows: NDArray[np.uint32],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    tables: Tables,
) -> Floats:
    """Log-odds of many pairs of rows."""
    scores = np.empty(len(left), np.float64)
    found = np.empty(at.COUNT, np.int8)
    for k in range(len(left)):
        scores[k] = weigh(rows[left[k]], rows[right[k]], found, tables)
    return scores


@compiled
def score_against(
    rows: NDArray[np.uint32], row: int, others: NDArray[np.int64], tables: Tables
) -> Floats:
    """Log-odds of one row against each of the others."""
    scores = np.empty(len(others), np.float64)
    found = np.empty(at.COUNT, np.int8)
    for k in range(len(others)):
        scores[k] = weigh(rows[row], rows[others[k]], found, tables)
    return scores
