"""Order by two numbers: a heap sort, since numpy's sorts take seconds to compile for a type."""

from __future__ import annotations

import numpy as np

from ..compiling import compiled, inner
from .memory import I64
from .sets import NOTHING


@inner
def _after(first: I64, second: I64, a: int, b: int) -> bool:
    if first[a] != first[b]:
        return bool(first[a] > first[b])
    return bool(second[a] > second[b])


@inner
def _sink(first: I64, second: I64, heap: I64, at: int, end: int) -> None:
    while 2 * at + 1 < end:
        child = 2 * at + 1
        if child + 1 < end and _after(first, second, heap[child + 1], heap[child]):
            child += 1
        if not _after(first, second, heap[child], heap[at]):
            return
        heap[at], heap[child] = heap[child], heap[at]
        at = child


@compiled
def order(first: I64, second: I64) -> I64:
    """Places in the order of `first`, and of `second` where those are equal."""
    n = len(first)
    heap = np.arange(n)
    for at in range(n // 2 - 1, -1, -1):
        _sink(first, second, heap, at, n)
    for end in range(n - 1, 0, -1):
        heap[0], heap[end] = heap[end], heap[0]
        _sink(first, second, heap, NOTHING, end)
    return heap
