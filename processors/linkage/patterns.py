"""Pairs of rows to learn from, gathered into patterns: how often each outcome of comparison occurs.

Close pairs share a blocking key within its cap; random pairs show what strangers have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from . import levels as at
from .blocking import CAPS, cap_of, keys_of

Floats = NDArray[np.float64]
Levels = NDArray[np.int8]
Rows = NDArray[np.uint32]
Slots = NDArray[np.int64]

_GRAIN: Final = 0.5  # natural log of a ratio to which the sums of rarity are rounded
_REACH: Final = 60  # most grains of such a sum, either way
_LARGEST_CAP: Final = max(CAPS.values())


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct outcomes of comparison, and how many pairs show each."""

    levels: Levels
    counts: Floats
    rare: Floats
    """What the rarity of values adds to the evidence for one person, but for the address."""
    shared: Floats
    """What it adds in those fields that a household shares."""
    address: Floats
    """What it adds in the fields of the address."""

    def weighted(self, weight: Floats) -> Floats:
        """Sum of weights by field and level."""
        table = np.zeros((at.COUNT, at.DEPTH))
        for field in range(at.COUNT):
            known = self.levels[:, field] >= 0
            table[field] = np.bincount(
                self.levels[known, field], (weight * self.counts)[known], at.DEPTH
            )[: at.DEPTH]
        return table

    def total(self, weight: Floats) -> float:
        """Expected number of pairs."""
        return float((weight * self.counts).sum())


def patterns(rows: Rows, left: Slots, right: Slots) -> Patterns:
    """Compare pairs of rows and gather equal outcomes."""
    from .weighing import compare_many  # noqa: PLC0415 -- numba costs a second to import

    found, *rarities = compare_many(rows, left, right)
    grains = [
        np.clip(np.rint(each / _GRAIN), -_REACH, _REACH).astype(np.int64) for each in rarities
    ]
    levels, depths = found.astype(np.int64) + 1, [len(field.levels) + 1 for field in at.FIELDS]
    key = _mixed(levels.T, depths)
    rest = _mixed([each + _REACH for each in grains], [2 * _REACH + 1] * len(grains))
    _, key = np.unique(key, return_inverse=True)
    key = key.astype(np.int64) * (2 * _REACH + 1) ** len(grains) + rest
    _, first, counts = np.unique(key, return_index=True, return_counts=True)
    return Patterns(
        found[first],
        counts.astype(np.float64),
        *(np.asarray(each[first] * _GRAIN, np.float64) for each in grains),
    )


def _mixed(digits: Sequence[Slots] | NDArray[np.int64], bases: Sequence[int]) -> Slots:
    """One number for each column of digits, in a number system of these bases."""
    key = np.zeros(len(digits[0]), np.int64)
    for digit, base in zip(digits, bases, strict=True):
        key = key * base + digit
    return key


def close_pairs(rows: Rows) -> tuple[Slots, Slots]:
    """All pairs of rows that share a key within its cap, in order."""
    holders: dict[int, list[int]] = {}
    for number, row in enumerate(rows.tolist()):
        for key in keys_of(row):
            held = holders.setdefault(key, [])
            if len(held) <= _LARGEST_CAP:
                held.append(number)
    found = [
        _all_pairs(np.array(held, np.int64))
        for key, held in holders.items()
        if 1 < len(held) <= cap_of(key)
    ]
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    pairs = np.unique(np.concatenate(found))
    return np.ascontiguousarray(pairs >> 32), np.ascontiguousarray(pairs & 0xFFFFFFFF)


def _all_pairs(held: Slots) -> Slots:
    first, second = np.triu_indices(len(held), 1)
    return (held[first] << 32) | held[second]


def random_pairs(chance: np.random.Generator, rows: Rows, number: int) -> tuple[Slots, Slots]:
    """So many pairs of different rows, drawn by chance."""
    left, right = (chance.integers(0, len(rows), number) for _ in range(2))
    return left[left != right], right[left != right]
