"""Compiled weighing of what a comparison found: log-odds of pairs, one or many.

The same in plain Python, with the evidence spelt out, is `comparison.weigh`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import levels as at
from .compiling import compiled
from .kernels import compare

Floats = NDArray[np.float64]


@compiled
def _nothing_outweighs(found: NDArray[np.int8]) -> bool:
    return bool(found[at.IDENTIFIER] != 0 and (found[at.EMAIL] != 0 or found[at.MOBILE] != 0))


@compiled
def dates_differ(found: NDArray[np.int8]) -> bool:
    """Whether two known dates of birth differ plainly and nothing individual outweighs it."""
    if found[at.BIRTH] != at.BIRTH_DIFFERENT and found[at.BIRTH] != at.BIRTH_THREE_DIGITS:
        return False
    return _nothing_outweighs(found)


@compiled
def givens_differ(found: NDArray[np.int8]) -> bool:
    """Whether two given names differ plainly and nothing individual outweighs it."""
    return bool(found[at.GIVEN] == at.GIVEN_DIFFERENT and _nothing_outweighs(found))


@compiled
def names_alone(found: NDArray[np.int8]) -> bool:
    """Whether nothing but names (and what most people share) agrees."""
    if 0 <= found[at.BIRTH] <= at.BIRTH_TWO_DIGITS:
        return False
    if at.BIRTH_KNOWN_PART <= found[at.BIRTH] <= at.BIRTH_AGE:
        return False
    if 0 <= found[at.POSTCODE] <= at.POSTCODE_SECTOR or 0 <= found[at.STREET] <= at.STREET_CLOSE:
        return False
    if 0 <= found[at.EMAIL] <= at.EMAIL_CLOSE or found[at.MOBILE] == 0:
        return False
    numbers = found[at.LANDLINE] != 0 and found[at.IDENTIFIER] != 0
    return bool(numbers and found[at.HOUSEHOLD] != 0)


@compiled
def weigh(found: NDArray[np.int8], person: Floats, household: Floats, rest: Floats) -> float:
    """Log-odds of one person against household and strangers; `rest` is prior, prior, ceiling.

    A pair that contradicts itself, or has nothing but names, stays below the ceiling, in the band
    for review at best.
    """
    score, shared = rest[0], rest[1]
    for field in range(at.COUNT):
        level = found[field]
        if level >= 0:
            score += person[field, level]
            shared += household[field, level]
    if shared > 0.0:
        score -= shared + np.log1p(np.exp(-shared))
    else:
        score -= np.log1p(np.exp(shared))
    if score > rest[2] and (dates_differ(found) or givens_differ(found) or names_alone(found)):
        return float(rest[2])
    return float(score)


@compiled
def compare_many(
    rows: NDArray[np.uint32], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int8]:
    """Levels of many pairs of rows: an array of pairs by fields."""
    found = np.empty((len(left), at.COUNT), np.int8)
    for k in range(len(left)):
        compare(rows[left[k]], rows[right[k]], found[k])
    return found


@compiled
def score_against(
    rows: NDArray[np.uint32],
    row: int,
    others: NDArray[np.int64],
    person: Floats,
    household: Floats,
    rest: Floats,
) -> Floats:
    """Log-odds of one row against each of the others."""
    scores = np.empty(len(others), np.float64)
    found = np.empty(at.COUNT, np.int8)
    for k in range(len(others)):
        compare(rows[row], rows[others[k]], found)
        scores[k] = weigh(found, person, household, rest)
    return scores
