"""What a name's token shows without any key: how often it comes, with whom, and what is like it.

The thief encodes persons whom he knows with a key of his own, and looks at the same things there:
shapes do not depend on the key, so that tokens can be told by them.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from concord.linkage.attack.filters import Bits

_ALIKE: Final = 8  # most similar other names that are looked at
_NEAR: Final = 0.5  # Dice coefficient above which a name counts as like another

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Column:
    """One kind of name, family or given, in all records: tokens or names, None where unknown."""

    names: Sequence[Hashable]
    others: Sequence[Hashable]
    """The other kind of name in the same record."""
    sexes: Sequence[str]
    canonical: Mapping[Hashable, Hashable]
    sound: Mapping[Hashable, Hashable]
    common: Mapping[Hashable, bool]


def distinct(column: Column) -> list[Hashable]:
    """The names of a column, the most frequent first."""
    return [name for name, _ in Counter(filter(None, column.names)).most_common()]


def _grouped(keys: Sequence[Hashable], of: Mapping[Hashable, Hashable]) -> Counter[Hashable]:
    return Counter(of[key] for key in keys)


def _frequency(column: Column, keys: Sequence[Hashable]) -> Floats:
    """Frequencies of the name, its canonical form and sound, and of the names beside it."""
    count = Counter(filter(None, column.names))
    beside, total = Counter(filter(None, column.others)), sum(count.values())
    canonical: Counter[Hashable] = Counter()
    sound: Counter[Hashable] = Counter()
    for key in keys:
        canonical[column.canonical[key]] += count[key]
        sound[column.sound[key]] += count[key]
    spellings, sounds = _grouped(keys, column.canonical), _grouped(keys, column.sound)
    rows = [
        (
            2.0 * math.log(count[key] / total),
            3.0 * column.common[key],
            0.5 * math.log1p(beside[key]),
            0.7 * spellings[column.canonical[key]],
            1.5 * math.log(canonical[column.canonical[key]] / total),
            math.log(sound[column.sound[key]] / total),
            0.3 * sounds[column.sound[key]],
        )
        for key in keys
    ]
    return np.array(rows)


def _company(column: Column, keys: Sequence[Hashable]) -> Floats:
    """Whom the name stands beside: sexes, how many different names, and how common they are."""
    beside = Counter(filter(None, column.others))
    partners: dict[Hashable, set[Hashable]] = defaultdict(set)
    sexes: Counter[tuple[Hashable, str]] = Counter(zip(column.names, column.sexes, strict=True))
    for name, other in zip(column.names, column.others, strict=True):
        if name != "" and other != "" and name != 0 and other != 0:
            partners[name].add(other)
    rows = []
    for key in keys:
        men, women, met = sexes[key, "male"], sexes[key, "female"], partners[key]
        company = math.fsum(math.log(beside[other]) for other in met) / max(1, len(met))
        rows.append((3.0 * (men + 1) / (men + women + 2), company, math.log1p(len(met))))
    return np.array(rows)


def _likeness(column: Column, keys: Sequence[Hashable], bits: Bits) -> Floats:
    """How long the name is, and how like the most similar other names are to it."""
    sizes, count = bits.sum(axis=1), Counter(filter(None, column.names))
    dice = 2.0 * (bits @ bits.T) / (sizes[:, None] + sizes[None, :])
    np.fill_diagonal(dice, 0.0)
    nearest = -np.sort(-dice, axis=1)[:, :_ALIKE]
    frequency = np.log1p(np.array([count[key] for key in keys], np.float64))
    around = np.where(dice > _NEAR, dice, 0.0) @ frequency
    scale = float(sizes.mean())
    return np.column_stack([10.0 * sizes / scale, 4.0 * nearest, 0.2 * around])


def shapes(column: Column, keys: Sequence[Hashable], bits: Bits | None) -> Floats:
    """The shape of each name: a row of numbers. Without `bits`, nothing is known of likeness."""
    parts = [_frequency(column, keys), _company(column, keys)]
    if bits is not None:
        parts.append(_likeness(column, keys, bits))
    return np.column_stack(parts)
