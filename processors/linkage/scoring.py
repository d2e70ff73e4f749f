"""One epoch's scores: the parameters bound to the compiled kernels.

The kernels, and numba with them, are imported when the first Scorer is made, not when linkage is
imported.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .evidence import weigh
from .frequencies import WIDTH, Rarities
from .parameters import LINK, Parameters

Rows = NDArray[np.uint32]


class Scorer:
    """Scores and clusters rows under one set of parameters."""

    def __init__(self, parameters: Parameters) -> None:
        """Loads the kernels; compiles nothing yet."""
        from . import agglomeration, weighing  # noqa: PLC0415 - numba costs a second to import

        self.parameters = parameters
        self._rarities = Rarities(parameters.frequencies, parameters.agreement)
        self._weighing = weighing
        self._agglomeration = agglomeration
        self.tables = weighing.Tables(
            np.ascontiguousarray(parameters.person),
            np.ascontiguousarray(parameters.household),
            np.ascontiguousarray(parameters.e),
            np.ascontiguousarray(parameters.rest),
            np.exp(parameters.person),
            np.exp(parameters.household),
            parameters.families,
            LINK,
        )

    def row(self, words: Sequence[int]) -> list[int]:
        """Make a row of an encoding: its words, and how rare its values are."""
        return self._rarities.row(words)

    def against(self, rows: Rows, slot: int, others: Sequence[int]) -> list[float]:
        """Log-odds of one row against others."""
        found = self._weighing.score_against(rows, slot, np.array(others, np.int64), self.tables)
        scores: list[float] = found.tolist()
        return scores

    def tells_apart(self, row: Sequence[int]) -> bool:
        """Whether a second mention with the very encoding of this row would be linked to it."""
        return self.against(np.array([row], np.uint32), 0, [0])[0] > LINK

    def cluster(self, rows: Rows, apart: NDArray[np.bool_], group: NDArray[np.int64]) -> list[int]:
        """Cluster a few rows in canonical order; each one's label is its cluster's first row."""
        found = self._agglomeration.agglomerate(rows, apart, group, self.tables)
        labels: list[int] = found.tolist()
        return labels

    def pairs(self, rows: Rows) -> list[list[float]]:
        """Log-odds of every pair of a few rows, as a symmetric table."""
        scores: list[list[float]] = self._agglomeration.score_pairs(rows, self.tables).tolist()
        return scores

    def evidence(self, rows: Rows, left: int, right: int) -> list[tuple[str, str, float]]:
        """What adds up to the log-odds of two rows: field, level, weight."""
        return weigh(rows[left].tolist(), rows[right].tolist(), self.parameters)


def warm_up(parameters: Parameters) -> None:
    """Compile all of linkage now, or load it from the cache, so that the first record need not.

    Takes most of a minute the first time.
    """
    from . import weighing  # noqa: PLC0415 - numba costs a second to import
    from .engine import engine  # noqa: PLC0415 - as above

    scorer = Scorer(parameters)
    rows = np.zeros((2, WIDTH), np.uint32)
    scorer.against(rows, 0, [1])
    scorer.pairs(rows)
    scorer.evidence(rows, 0, 1)
    one, two = np.zeros(1, np.int64), np.ones(1, np.int64)
    weighing.compare_many(rows, one, two)
    weighing.score_many(rows, one, two, scorer.tables)
    engine.warm_up(scorer.tables)
    scorer.cluster(rows, np.zeros((2, 2), np.bool_), np.arange(2))
