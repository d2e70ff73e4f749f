"""Rows: the front of each in a place of its own, the rest packed without its zeros.

The front is what most comparisons need and all that most candidates are asked for (glance.py). The
rest, of which most words of most people are zero, is a map of the words that are there, then those
words.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ..bits import trailing_zeros
from ..compiling import inlined, inner, lean
from ..glance import BLOOMS, BLOOMS_AT, FRONT, HEAD, MARKS, marks_of
from .arena import give_back, take
from .fetching import LINE, fetch
from .memory import ROW, ROW_AT, U32, Memory, wide

_REST: Final = np.array(
    [k for k in range(ROW) if k == MARKS or not (k < HEAD or BLOOMS_AT <= k < BLOOMS_AT + BLOOMS)],
    np.int64,
)
"""Words that are not in front."""
_MAP: Final = (len(_REST) + 31) // 32
"""Words of the map."""


@inner
def store(m: Memory, slot: int, row: U32) -> None:
    """Keep a row for a slot."""
    used = 0
    for k in range(len(_REST)):
        if row[_REST[k]]:
            used += 1
    block = take(m, _MAP + used)
    m.slots[slot, ROW_AT] = block
    at = block + _MAP
    for part in range(_MAP):
        present = 0
        for k in range(part * 32, min(part * 32 + 32, len(_REST))):
            if row[_REST[k]]:
                present |= 1 << (k - part * 32)
                m.words[at] = row[_REST[k]]
                at += 1
        m.words[block + part] = present
    for k in range(HEAD):
        m.front[slot, k] = row[k]
    for k in range(BLOOMS):
        m.front[slot, HEAD + k] = row[BLOOMS_AT + k]
    m.front[slot, MARKS] = marks_of(row)


@inlined
def ask_for_front(m: Memory, slot: int) -> None:
    """Ask for what a glance needs of a slot's row."""
    for at in range(0, FRONT, LINE):
        fetch(m.front, slot * FRONT + at)


@inlined
def ask_for_rest(m: Memory, slot: int) -> None:
    """Ask for what is behind the front of a slot's row, which lies on two lines as a rule."""
    block = wide(m.slots[slot, ROW_AT])
    fetch(m.words, block)
    fetch(m.words, block + LINE)


@lean
def read(m: Memory, slot: int, row: U32) -> int:
    """Write the row of a slot out in full; the size of its block."""
    block = wide(m.slots[slot, ROW_AT])
    at = block + _MAP
    for k in range(ROW):
        row[k] = 0
    for k in range(HEAD):
        row[k] = m.front[slot, k]
    for k in range(BLOOMS):
        row[BLOOMS_AT + k] = m.front[slot, HEAD + k]
    row[MARKS] = 0
    for part in range(_MAP):
        present = wide(m.words[block + part])
        while present:
            row[_REST[part * 32 + trailing_zeros(present)]] = m.words[at]
            present &= present - 1
            at += 1
    return int(at - block)


@inner
def drop(m: Memory, slot: int, row: U32) -> None:
    """Forget a slot's row, after writing it out in full."""
    size = read(m, slot, row)
    give_back(m, wide(m.slots[slot, ROW_AT]), size)
    m.slots[slot, ROW_AT] = 0
    for k in range(FRONT):
        m.front[slot, k] = 0
