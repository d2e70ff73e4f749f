"""Rows without their zeros: a map of the words that are there, then those words."""

from __future__ import annotations

from ..compiling import inner, lean
from ..kernels import trailing_zeros
from .arena import give_back, take
from .memory import MAP, ROW, ROW_AT, U32, Memory, wide


@inner
def store(m: Memory, slot: int, row: U32) -> None:
    """Keep a row for a slot."""
    used = 0
    for k in range(ROW):
        if row[k]:
            used += 1
    block = take(m, MAP + used)
    m.slots[slot, ROW_AT] = block
    at = block + MAP
    for part in range(MAP):
        present = 0
        for k in range(part * 32, min(part * 32 + 32, ROW)):
            if row[k]:
                present |= 1 << (k - part * 32)
                m.words[at] = row[k]
                at += 1
        m.words[block + part] = present


@lean
def read(words: U32, block: int, row: U32) -> int:
    """Write a packed row out in full; the number of its words that are not zero."""
    at = block + MAP
    for k in range(ROW):
        row[k] = 0
    for part in range(MAP):
        present = wide(words[block + part])
        while present:
            row[part * 32 + trailing_zeros(present)] = words[at]
            present &= present - 1
            at += 1
    return int(at - block - MAP)


@inner
def drop(m: Memory, slot: int, row: U32) -> None:
    """Forget a slot's row, after writing it out in full."""
    block = wide(m.slots[slot, ROW_AT])
    used = read(m.words, block, row)
    give_back(m, block, MAP + used)
    m.slots[slot, ROW_AT] = 0
