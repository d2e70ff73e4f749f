"""Very many records in several orders end in the same clusters."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from concord.bench.population import Population
from processors.linkage.engine.engine import Engine
from processors.linkage.engine.memory import LABEL
from processors.linkage.parameters import load
from processors.linkage.scoring import Scorer

RECORDS = 300_000


def clusters(
    rows: NDArray[np.uint32], places: NDArray[np.int64], order: NDArray[np.int64], batch: int
) -> tuple[NDArray[np.int64], int]:
    """For each record the first record of its cluster, and how many keys are dead."""
    engine = Engine(Scorer(load()).tables, capacity=RECORDS + 1)
    for first in range(0, len(order), batch):
        chosen = order[first : first + batch]
        engine.add_many(rows[chosen], places[chosen])
        engine.settle_only()
    labels = engine.memory.slots[: len(order), LABEL].astype(np.int64)
    return order[labels][np.argsort(order)], engine.dead_count()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_three_orders_end_in_the_same_clusters() -> None:
    """300,000 records, forwards, backwards and shuffled, in batches of different sizes."""
    scorer = Scorer(load())
    rows, _ = Population(7, RECORDS // 2, scorer.row).records(0, RECORDS)
    places = np.random.default_rng(1).integers(0, 2**32, (RECORDS, 2))
    forwards = np.arange(RECORDS)
    shuffled = np.random.default_rng(2).permutation(RECORDS)
    first, dead = clusters(rows, places, forwards, 50_000)
    assert dead > 100
    assert len(np.unique(first)) < RECORDS * 0.9
    for order, batch in ((forwards[::-1].copy(), 100_000), (shuffled, 7_000)):
        labels, also_dead = clusters(rows, places, order, batch)
        assert also_dead == dead
        np.testing.assert_array_equal(labels, first)
