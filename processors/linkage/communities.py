"""Which given and family names go together: names of one community are no two pieces of evidence.

If names were independent, two strangers would share both with the product of the chances to share
each. Within a community of names (of one language, faith or country) they share both far more
often, and the smaller the community, the more a product overstates the evidence: false links would
fall on minorities. The lift l(g, f) = P(g, f) / (P(g) P(f)) corrects for it.

Most pairs of names are seen once or never, so the lift is smoothed: a truncated singular value
decomposition of the table of names by names, scaled as in correspondence analysis (Benzecri, 1973;
Greenacre, 2007), whose leading dimensions are just such communities. Shrinkage keeps names that few
bear, and pairs that only one person bears, from becoming communities of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DIMENSIONS: Final = 24
"""Communities at most that are told apart."""
MOST: Final = 64.0
"""The greatest lift that is believed."""
_SHRINKAGE: Final = 3.0  # persons added to each name's number
_LEAST: Final = 3  # persons that must bear a name before it counts
_ROUNDS: Final = 12
_SEED: Final = 20


@dataclass(frozen=True)
class Communities:
    """Where each name stands among the communities; coordinates whose product gives the lift."""

    given: Mapping[int, Floats] = field(default_factory=dict, repr=False)
    family: Mapping[int, Floats] = field(default_factory=dict, repr=False)
    usual: float = 1.0
    """The lift of a pair of which a name is not known."""

    def lift(self, given: int, family: int) -> float:
        """How much oftener two names stand together than chance would have it: 1 to 64."""
        ours, theirs = self.given.get(given), self.family.get(family)
        if ours is None or theirs is None:
            return self.usual
        return min(max(1.0 + float(ours @ theirs), 1.0), MOST)

    def as_json(self) -> dict[str, Any]:
        """What the parameter file holds; names in hexadecimal."""
        return {
            "usual": self.usual,
            **{
                kind: {
                    f"{name:x}": [round(float(each), 4) for each in place]
                    for name, place in sorted(table.items())
                }
                for kind, table in (("given", self.given), ("family", self.family))
            },
        }


def parse(data: Mapping[str, Any]) -> Communities:
    """Read what `as_json` wrote. Raises KeyError, TypeError, ValueError."""
    given, family = (
        {int(name, 16): np.array(place, np.float64) for name, place in data[kind].items()}
        for kind in ("given", "family")
    )
    return Communities(given, family, float(data["usual"]))


def learn(pairs: Iterable[tuple[int, int]]) -> Communities:
    """Learn from the given and family name of each person."""
    names = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    for _ in range(2):
        names = names[_often(names[:, 0]) & _often(names[:, 1])]
    if len(names) < 100:
        return Communities()
    givens, g = np.unique(names[:, 0], return_inverse=True)
    families, f = np.unique(names[:, 1], return_inverse=True)
    left, right = _places(_Table(g, f, len(givens), len(families)))
    lifts = np.clip(1.0 + np.einsum("ij,ij->i", left[g], right[f]), 1.0, MOST)
    return Communities(
        dict(zip(givens.tolist(), left, strict=True)),
        dict(zip(families.tolist(), right, strict=True)),
        float(np.exp(np.log(lifts).mean())),
    )


def _often(names: NDArray[np.int64]) -> NDArray[np.bool_]:
    _, place, counts = np.unique(names, return_inverse=True, return_counts=True)
    return np.asarray(counts[place] >= _LEAST)


@dataclass(frozen=True, slots=True)
class _Table:
    """The scaled table of persons by given and family name, as what it does to vectors."""

    g: NDArray[np.int64]
    f: NDArray[np.int64]
    givens: int
    families: int

    def scales(self) -> tuple[Floats, Floats]:
        """Square roots of the shrunk numbers of persons."""
        return (
            np.sqrt(np.bincount(self.g, minlength=self.givens) + _SHRINKAGE),
            np.sqrt(np.bincount(self.f, minlength=self.families) + _SHRINKAGE),
        )

    def times(self, right: Floats) -> Floats:
        """The table times vectors over family names, without what chance explains."""
        rows, columns = self.scales()
        seen = _summed(self.g, (right / columns[:, None])[self.f], self.givens) / rows[:, None]
        return seen - np.outer(rows, columns @ right) / len(self.g)

    def turned(self, left: Floats) -> Floats:
        """The table, turned, times vectors over given names."""
        return _Table(self.f, self.g, self.families, self.givens).times(left)


def _summed(at: NDArray[np.int64], values: Floats, size: int) -> Floats:
    total = np.zeros((size, values.shape[1]))
    np.add.at(total, at, values)
    return total


def _places(table: _Table) -> tuple[Floats, Floats]:
    """Coordinates of given and of family names (block power iteration)."""
    wanted = min(DIMENSIONS, table.givens, table.families)
    right = np.random.default_rng(_SEED).standard_normal((table.families, wanted))
    for _ in range(_ROUNDS):
        left, _ = np.linalg.qr(table.times(right))
        right, _ = np.linalg.qr(table.turned(left))
    inner, values, outer = np.linalg.svd(table.times(right), full_matrices=False)
    rows, columns = table.scales()
    left = inner * values / rows[:, None] * np.sqrt(len(table.g))
    return left, (right @ outer.T) / columns[:, None] * np.sqrt(len(table.g))
