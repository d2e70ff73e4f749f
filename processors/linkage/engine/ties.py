"""Ties: what holds between two rows whatever their score, with how often it was said.

An entry of a row's list is the other row and three counts in one word: ruled to be one person,
ruled to be two, two persons of one incident. Counts, because rows stand for several mentions, and
two people may be named in thousands of incidents together.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ..compiling import inner
from .arena import PAIR, count_of, new_list, with_room, without
from .memory import TIES, Memory, wide

SAME, DIFFERENT, DISTINCT = wide(0), wide(4), wide(8)
"""Where in the word the count of each kind of tie begins."""
MOST: Final = 2**24 - 1
"""What the count of a kind can say at most; rulings on a pair are few."""


@inner
def said(counts: int, kind: int) -> int:
    """How often a tie of a kind was said."""
    return (counts >> kind) & (MOST if kind == DISTINCT else 15)


@inner
def tie_of(m: Memory, a: int, b: int) -> int:
    """The counts of the tie of two rows; 0 if there is none."""
    block = wide(m.slots[a, TIES])
    if block:
        for k in range(count_of(m.words, block)):
            if m.words[block + 1 + 2 * k] == b:
                return int(m.words[block + 2 + 2 * k])
    return 0


@inner
def _change(m: Memory, a: int, b: int, by: int) -> None:
    block = wide(m.slots[a, TIES])
    if block:
        for k in range(count_of(m.words, block)):
            if m.words[block + 1 + 2 * k] == b:
                after = wide(m.words[block + 2 + 2 * k]) + by
                m.words[block + 2 + 2 * k] = after
                if after == 0:
                    m.slots[a, TIES] = without(m, block, PAIR, k)
                return
        block = with_room(m, block, PAIR)
    else:
        block = new_list(m, PAIR)
    at = block + 1 + 2 * count_of(m.words, block)
    m.words[at] = b
    m.words[at + 1] = by
    m.words[block] += np.uint32(1)
    m.slots[a, TIES] = block


@inner
def change_tie(m: Memory, a: int, b: int, kind: int, by: int) -> None:
    """Say a tie of two rows once more (`by` 1) or once less (-1)."""
    _change(m, a, b, by << kind)
    _change(m, b, a, by << kind)
