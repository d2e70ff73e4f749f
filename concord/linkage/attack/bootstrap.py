"""Names from tokens and filters, without a key: from shapes to letters.

Tokens whose shapes fit one name best, and whom that name fits best, are taken as solved. From them
the bits of every bigram are learnt (regression); with these, names that nobody knew are read from
their filters, which solves more tokens, and so on. In the manner of the pattern and graph attacks
of Christen et al. (2017) and Vidanage et al. (2020).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from concord.linkage.attack.filters import Bits, grams

ROUNDS: Final = 9
_FIRST: Final = 40
_GROWTH: Final = 1.6
_SHAPE: Final = 0.5
_FADING: Final = 0.9  # of the weight of shapes from round to round

Floats = NDArray[np.float64]


@dataclass(slots=True)
class Puzzle:
    """One kind of name: tokens with shapes and filters, and names that they may be."""

    tokens: Sequence[Hashable]
    candidates: Sequence[str]
    far: Floats
    """How unlike the shapes of token (row) and candidate (column) are."""
    bits: Bits | None
    score: Floats

    @classmethod
    def of(
        cls,
        tokens: Sequence[Hashable],
        candidates: Sequence[str],
        theirs: Floats,
        ours: Floats,
        bits: Bits | None,
    ) -> Puzzle:
        """Compare shapes."""
        far = (theirs**2).sum(axis=1)[:, None] + (ours**2).sum(axis=1)[None, :]
        far -= 2.0 * theirs @ ours.T
        return cls(tokens, candidates, far, bits, -far)

    def answer(self) -> dict[Hashable, str]:
        """The name that each token most likely is."""
        best = self.score.argmax(axis=1).tolist()
        return {token: self.candidates[at] for token, at in zip(self.tokens, best, strict=True)}

    def surest(self, count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The pairs that choose each other, those with the clearest choice first."""
        best = self.score.argmax(axis=1)
        mutual = np.flatnonzero(self.score.argmax(axis=0)[best] == np.arange(len(best)))
        top = np.partition(self.score[mutual], -2, axis=1)
        clear = mutual[np.argsort(top[:, -2] - top[:, -1], kind="stable")][:count]
        return clear, best[clear]


def _spelled(names: Sequence[str], letters: dict[str, int]) -> Bits:
    """Which bigrams each name has, and a constant."""
    table = np.zeros((len(names), len(letters) + 1), np.float32)
    table[:, -1] = 1.0
    for row, name in enumerate(names):
        for gram in grams(name):
            table[row, letters[gram]] = 1.0
    return table


def bootstrap(puzzles: Sequence[Puzzle]) -> None:
    """Solve all kinds of names together: their filters share one key. Changes their scores."""
    every = sorted({gram for each in puzzles for name in each.candidates for gram in grams(name)})
    letters = {gram: at for at, gram in enumerate(every)}
    spelled = [_spelled(each.candidates, letters) for each in puzzles]
    for number in range(ROUNDS):
        known, seen = [], []
        for puzzle, spelling in zip(puzzles, spelled, strict=True):
            assert puzzle.bits is not None
            rows, names = puzzle.surest(int(_FIRST * _GROWTH**number))
            known.append(spelling[names])
            seen.append(puzzle.bits[rows])
        left, right = np.concatenate(known), np.concatenate(seen)
        inner = left @ left.T + np.eye(len(left), dtype=np.float32)
        weights = left.T @ np.linalg.solve(inner, right)
        for puzzle, spelling in zip(puzzles, spelled, strict=True):
            puzzle.score = _read(puzzle, spelling @ weights, _SHAPE * _FADING**number)


def _read(puzzle: Puzzle, expected: Bits, shape: float) -> Floats:
    """Log-likelihood of each token's filter for each name, less what the shapes speak against."""
    assert puzzle.bits is not None
    chance = np.clip(expected, 0.03, 0.97)
    ones, zeros = np.log(chance), np.log(1.0 - chance)
    read = puzzle.bits @ (ones - zeros).T + zeros.sum(axis=1)[None, :]
    return np.asarray(read - shape * puzzle.far, np.float64)
