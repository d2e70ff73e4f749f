"""Undated rows that fit a person of their name whom their working component leaves out.

A component above the lowest rung is part of a cloud of look-alikes. Of a father and a son of one
name, each named in dozens of reports, it may hold one, and every mention that fits him best. So the
edges that lead out of it are looked at as well. `clustering.split` says the same in plain Python.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..agglomeration import alone
from ..compiling import compiled, inlined
from ..kernels import whole_date
from ..namesakes import fits_elsewhere
from ..weighing import Tables
from .arena import count_of
from .memory import EDGES, I64, U32, Memory, Scratch, wide
from .packing import read
from .sets import NOTHING, SMALL, new_set, put, value_of


@inlined
def may_doubt(m: Memory, slot: int, other: int) -> bool:
    """Whether a row is undated and its neighbour is not."""
    return bool(whole_date(m.front[other]) and not whole_date(m.front[slot]))


@compiled
def _fits_outside(
    m: Memory, s: Scratch, u: int, stamp: int, rows: U32, labels: I64, full: U32, tables: Tables
) -> bool:
    block = wide(m.slots[rows[u], EDGES])
    for k in range(count_of(m.words, block)):
        other = wide(m.words[block + 1 + 2 * k])
        if whole_date(m.front[other]) and value_of(s.seen, other, stamp, SMALL) < 0:
            read(m, other, s.other)
            if fits_elsewhere(u, s.other, s.levels, labels, full, tables):
                return True
    return False


@compiled
def undecided(
    m: Memory, s: Scratch, rows: U32, labels: I64, full: U32, group: I64, tables: Tables
) -> NDArray[np.bool_]:
    """Which rows of a component fit, beside those they were put with, somebody outside of it.

    `full` are the rows in full, `group` the first row of each one's ruled group.
    """
    found, stamp = np.zeros(len(rows), np.bool_), new_set(s.seen, s.stamp)
    for k in range(len(rows)):
        put(s.seen, wide(rows[k]), stamp, SMALL, NOTHING)
    for u in range(len(rows)):
        if not whole_date(full[u]) and not alone(labels, u) and alone(group, u):
            found[u] = _fits_outside(m, s, u, stamp, rows, labels, full, tables)
    return found
