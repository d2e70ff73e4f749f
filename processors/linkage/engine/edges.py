"""Edges: pairs of rows that may be one person, with their log-odds, listed on both sides.

A pair that a person ruled to be one has an edge of weight `RULED`, whatever its score.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ..compiling import inner, lean
from ..graph import RULED as _RULED
from .arena import PAIR, count_of, new_list, with_room, without
from .doubts import may_doubt
from .memory import (
    CHANGED,
    EDGES,
    FLAGS,
    HALF_EDGES,
    LEVEL,
    SEED,
    SHRUNK,
    TO_FIND,
    TO_TELL,
    Memory,
    Scratch,
    narrow,
    wide,
)

RULED: Final = narrow(_RULED)


@inner
def weight_of(m: Memory, a: int, b: int) -> float:
    """Weight of the edge of two rows; 0 if there is none."""
    block = wide(m.slots[a, EDGES])
    if block:
        for k in range(count_of(m.words, block)):
            if m.words[block + 1 + 2 * k] == b:
                return float(m.reals[block + 2 + 2 * k])
    return 0.0


@inner
def _list(m: Memory, a: int, b: int, weight: float) -> None:
    block = wide(m.slots[a, EDGES])
    block = with_room(m, block, PAIR) if block else new_list(m, PAIR)
    at = block + 1 + 2 * count_of(m.words, block)
    m.words[at] = b
    m.reals[at + 1] = weight
    m.words[block] += np.uint32(1)
    m.slots[a, EDGES] = block
    m.state[HALF_EDGES] += 1


@inner
def _unlist(m: Memory, a: int, b: int) -> None:
    block = wide(m.slots[a, EDGES])
    entry = 0
    while m.words[block + 1 + 2 * entry] != b:
        entry += 1
    m.slots[a, EDGES] = without(m, block, PAIR, entry)
    m.state[HALF_EDGES] -= 1


@inner
def tell(m: Memory, s: Scratch, slot: int) -> None:
    """Note that a row's edges changed."""
    if m.slots[slot, FLAGS] & CHANGED == 0:
        m.slots[slot, FLAGS] |= np.uint32(CHANGED)
        s.pending[TO_TELL, s.lengths[TO_TELL]] = slot
        s.lengths[TO_TELL] += 1


@lean
def seed(m: Memory, s: Scratch, slot: int) -> None:
    """Note that components must be found anew around a row."""
    if m.slots[slot, FLAGS] & SEED == 0:
        m.slots[slot, FLAGS] |= np.uint32(SEED)
        s.pending[TO_FIND, s.lengths[TO_FIND]] = slot
        s.lengths[TO_FIND] += 1


@inner
def _joined(
    m: Memory, s: Scratch, slot: int, other: int, weight: float, ladder: np.ndarray
) -> None:
    """A new edge below the rung of a row's component changes nothing for it, or raises a doubt."""
    tell(m, s, slot)
    level = wide(m.slots[slot, FLAGS]) & LEVEL
    doubted = 0 < level < len(ladder) and may_doubt(m, slot, other)
    if weight > ladder[min(level, len(ladder) - 1)] or doubted:
        seed(m, s, slot)


@inner
def connect(m: Memory, s: Scratch, a: int, b: int, weight: float, ladder: np.ndarray) -> None:
    """Add an edge to two rows that have none."""
    _list(m, a, b, weight)
    _list(m, b, a, weight)
    _joined(m, s, a, b, weight, ladder)
    _joined(m, s, b, a, weight, ladder)


@inner
def disconnect(m: Memory, s: Scratch, a: int, b: int) -> None:
    """Remove the edge of two rows."""
    _unlist(m, a, b)
    _unlist(m, b, a)
    for slot in (a, b):
        tell(m, s, slot)
        seed(m, s, slot)
    m.state[SHRUNK] = 1


@inner
def disconnect_all(m: Memory, s: Scratch, slot: int) -> None:
    """Remove all edges of a row."""
    block = wide(m.slots[slot, EDGES])
    while block:
        disconnect(m, s, slot, wide(m.words[block + count_of(m.words, block) * 2 - 1]))
        block = wide(m.slots[slot, EDGES])
