"""One epoch's scores: the parameters bound to the compiled kernels.

The kernels, and numba with them, are imported when the first Scorer is made, not when linkage is
imported.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from schemas.encoding import layout

from . import levels as at
from .comparison import weigh
from .parameters import LINK, Parameters

Rows = NDArray[np.uint32]
_EVIDENCE = 65_536


class Scorer:
    """Scores and clusters rows under one set of parameters."""

    def __init__(self, parameters: Parameters) -> None:
        """Loads the kernels; compiles nothing yet."""
        from . import agglomeration, kernels, weighing  # noqa: PLC0415 - numba costs a second to import

        self.parameters = parameters
        self._kernels = kernels
        self._weighing = weighing
        self._agglomeration = agglomeration
        self._tables = (
            np.ascontiguousarray(parameters.person),
            np.ascontiguousarray(parameters.household),
            np.ascontiguousarray(parameters.rest),
        )
        self._bound = agglomeration.Tables(*self._tables, LINK)
        self._evidence: dict[tuple[int, ...], list[tuple[str, str, float]]] = {}

    def against(self, rows: Rows, slot: int, others: Sequence[int]) -> list[float]:
        """Log-odds of one row against others."""
        found = self._weighing.score_against(rows, slot, np.array(others, np.int64), *self._tables)
        scores: list[float] = found.tolist()
        return scores

    def tells_apart(self, words: Sequence[int]) -> bool:
        """Whether a second mention with this very encoding would be linked to it."""
        rows = np.array([words, words], np.uint32)
        return self.against(rows, 0, [1])[0] > LINK

    def cluster(self, rows: Rows, apart: NDArray[np.bool_], group: NDArray[np.int64]) -> list[int]:
        """Cluster a few rows in canonical order; each one's label is its cluster's first row."""
        found = self._agglomeration.agglomerate(rows, apart, group, self._bound)
        labels: list[int] = found.tolist()
        return labels

    def pairs(self, rows: Rows) -> list[list[float]]:
        """Log-odds of every pair of a few rows, as a symmetric table."""
        scores: list[list[float]] = self._agglomeration.score_pairs(rows, self._bound).tolist()
        return scores

    def evidence(self, rows: Rows, left: int, right: int) -> list[tuple[str, str, float]]:
        """What adds up to the log-odds of two rows: field, level, weight. Not to be altered."""
        found = np.empty(at.COUNT, np.int8)
        self._kernels.compare(rows[left], rows[right], found)
        levels = tuple(found.tolist())
        known = self._evidence.get(levels)
        if known is None:
            if len(self._evidence) > _EVIDENCE:
                self._evidence.clear()
            known = self._evidence[levels] = weigh(levels, self.parameters)
        return known


def warm_up(parameters: Parameters) -> None:
    """Compile all kernels now, or load them from the cache, so that the first record need not."""
    scorer = Scorer(parameters)
    rows = np.zeros((2, layout.WORDS), np.uint32)
    scorer.against(rows, 0, [1])
    scorer.pairs(rows)
    scorer.evidence(rows, 0, 1)
    scorer.cluster(rows, np.zeros((2, 2), np.bool_), np.arange(2))
