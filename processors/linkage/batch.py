"""Links a whole set of rows in one go: what training counts persons with.

The same edges, working components and clustering as the matcher's, without its memory.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .graph import LARGEST, Graph
from .parameters import REVIEW, Parameters
from .patterns import Rows, close_pairs
from .scoring import Scorer


def persons(rows: Rows, parameters: Parameters) -> list[int]:
    """The person of each row, as the number of that person's first row."""
    from .weighing import score_many  # noqa: PLC0415 -- numba costs a second to import

    scorer = Scorer(parameters)
    left, right = close_pairs(rows)
    scores = score_many(rows, left, right, scorer.tables)
    graph = Graph()
    for row in range(len(rows)):
        graph.add(row)
    linked = scores > REVIEW
    for a, b, score in zip(
        left[linked].tolist(), right[linked].tolist(), scores[linked].tolist(), strict=True
    ):
        graph.connect(a, b, score)
    found = list(range(len(rows)))
    for component in graph.rework(range(len(rows))):
        if len(component) > LARGEST:
            for row in component:  # held together by its strongest edges alone
                found[row] = component[0]
        elif len(component) > 1:
            for row, label in zip(component, _clusters(component, rows, scorer), strict=True):
                found[row] = component[label]
    return found


def _clusters(component: tuple[int, ...], rows: NDArray[np.uint32], scorer: Scorer) -> list[int]:
    size = len(component)
    return scorer.cluster(
        rows[list(component)], np.zeros((size, size), np.bool_), np.arange(size, dtype=np.int64)
    )
