"""Finds working components anew around rows whose edges changed, and clusters them.

A row's working component is the one at the lowest rung of the ladder where it has no more rows than
the limit. Rows of one component are linked in a ring. What must be found anew is whatever was in a
component with a row whose edges changed (graph.py says why this is enough): the search stops as
soon as it has seen one row too many, so its cost does not depend on how large a cloud of
look-alikes is. After additions alone no row can descend, so the search starts at the rung where the
row was.
"""

from __future__ import annotations

import numpy as np

from ..compiling import inner, lean
from ..weighing import Tables
from .arena import count_of
from .clusters import cluster
from .memory import (
    ALIVE,
    CHANGED,
    DIRTY,
    EDGES,
    FLAGS,
    I64,
    LEVEL,
    RING,
    SEED,
    SHRUNK,
    TO_FIND,
    TO_TELL,
    U32,
    Memory,
    Scratch,
    wide,
)
from .records import add
from .scores import Limits
from .sets import LARGE, NOTHING, SMALL, new_set, put


@inner
def _reach(m: Memory, s: Scratch, slot: int, level: float, rung: int, limit: int, mask: int) -> int:
    """Find the rows connected by edges above a level, into `s.found`; -1 if more than `limit`.

    A row that stands above `rung` had too many about it there, and has them still.
    """
    stamp = new_set(s.seen, s.stamp)
    put(s.seen, slot, stamp, mask, NOTHING)
    s.found[0] = slot
    n, at = 1, 0
    while at < n:
        block = wide(m.slots[s.found[at], EDGES])
        at += 1
        if block == 0:
            continue
        for k in range(count_of(m.words, block)):
            if m.reals[block + 2 + 2 * k] > level:
                other = wide(m.words[block + 1 + 2 * k])
                if put(s.seen, other, stamp, mask, NOTHING):
                    if n == limit or wide(m.slots[other, FLAGS]) & LEVEL > rung:
                        return -1
                    s.found[n] = other
                    n += 1
    return n


@inner
def _search(m: Memory, s: Scratch, limits: Limits, slot: int) -> tuple[int, int]:
    """The size of a row's working component, found into `s.found`, and its rung."""
    first, top = 0, len(limits.ladder)
    grown = m.state[SHRUNK] == 0
    if grown:
        first = wide(m.slots[slot, FLAGS]) & LEVEL
    for rung in range(first, top):
        still = rung if grown else top
        n = _reach(m, s, slot, limits.ladder[rung], still, limits.largest, SMALL)
        if n > 0:
            return n, rung
    return _reach(m, s, slot, limits.ladder[-1], top, len(s.found), LARGE), top


@inner
def _queue_up(m: Memory, s: Scratch) -> int:
    """List the rows whose component must be found anew; their number."""
    n = 0
    for k in range(s.lengths[TO_FIND]):
        slot = wide(s.pending[TO_FIND, k])
        if m.slots[slot, FLAGS] & SEED == 0:
            continue
        m.slots[slot, FLAGS] &= np.uint32(~SEED & 0xFFFFFFFF)
        at = slot
        while m.slots[at, FLAGS] & DIRTY == 0:
            m.slots[at, FLAGS] |= np.uint32(DIRTY)
            s.queue[n] = at
            n += 1
            at = wide(m.slots[at, RING])
    s.lengths[TO_FIND] = 0
    return n


@inner
def _link(m: Memory, s: Scratch, n: int, rung: int) -> None:
    for k in range(n):
        slot = s.found[k]
        m.slots[slot, RING] = s.found[(k + 1) % n]
        kept = wide(m.slots[slot, FLAGS]) & ~(DIRTY | LEVEL)
        m.slots[slot, FLAGS] = kept | rung


@lean
def settle(m: Memory, s: Scratch, limits: Limits, tables: Tables) -> int:
    """Bring components and clusters up to date; the number of components listed in `s.out`."""
    waiting, components, end = _queue_up(m, s), 0, NOTHING
    s.bounds[0] = 0
    for k in range(waiting):
        slot = wide(s.queue[k])
        if m.slots[slot, FLAGS] & DIRTY:
            n, rung = _search(m, s, limits, slot)
            _link(m, s, n, rung)
            cluster(m, s, limits, tables, n, end)
            end += n
            components += 1
            s.bounds[components] = end
    m.state[SHRUNK] = 0
    return components


@lean
def told(m: Memory, s: Scratch) -> int:
    """Leave the rows whose edges changed, and that are still there, in their list; how many."""
    n = 0
    for k in range(s.lengths[TO_TELL]):
        slot = wide(s.pending[TO_TELL, k])
        if m.slots[slot, FLAGS] & CHANGED and m.slots[slot, FLAGS] & ALIVE:
            m.slots[slot, FLAGS] &= np.uint32(~CHANGED & 0xFFFFFFFF)
            s.pending[TO_TELL, n] = slot
            n += 1
    s.lengths[TO_TELL] = 0
    return n


@lean
def insert(
    m: Memory, s: Scratch, limits: Limits, tables: Tables, row: U32, high: int, low: int
) -> int:
    """Take in a row and bring everything up to date; its slot."""
    slot = add(m, s, limits, tables, row, high, low)
    settle(m, s, limits, tables)
    return slot


@lean
def insert_many(
    m: Memory, s: Scratch, limits: Limits, tables: Tables, rows: U32, places: I64
) -> None:
    """Take in rows one after the other, everything up to date after each."""
    for k in range(len(rows)):
        insert(m, s, limits, tables, rows[k], places[k, 0], places[k, 1])
