"""Splits one working component, in `s.found`, into persons, under the ties between its rows.

Rows are taken in canonical order, so that the answer depends on nothing else. Small components go
through average evidence (agglomeration.py), and above the lowest rung through what lies outside of
them (doubts.py); one that no rung makes small enough is joined along its strongest edges.
`clustering.split` says the same in plain Python.
"""

from __future__ import annotations

import numpy as np

from ..agglomeration import agglomerate, relabelled
from ..compiling import compiled
from ..weighing import Tables
from .arena import count_of
from .doubts import undecided
from .joining import groups_of, join_along_edges
from .memory import (
    FLAGS,
    I64,
    LABEL,
    LEVEL,
    ROW,
    SIGN_HIGH,
    SIGN_LOW,
    TIES,
    U32,
    Memory,
    Scratch,
    wide,
)
from .ordering import order
from .packing import ask_for_front, ask_for_rest, read
from .scores import Limits
from .sets import LARGE, SMALL, new_set, put, value_of
from .ties import DIFFERENT, DISTINCT, said


@compiled
def _sort(m: Memory, rows: U32) -> None:
    """Bring rows into canonical order."""
    high, low = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    for k in range(len(rows)):
        high[k] = m.slots[rows[k], SIGN_HIGH]
        low[k] = m.slots[rows[k], SIGN_LOW]
    rows[:] = rows[order(high, low)]


@compiled
def _ties(m: Memory, s: Scratch, rows: U32, mask: int) -> I64:
    """Ties within a component: earlier row, later row, counts; by place in canonical order."""
    stamp = new_set(s.seen, s.stamp)
    total = 0
    for k in range(len(rows)):
        put(s.seen, wide(rows[k]), stamp, mask, k)
        block = wide(m.slots[rows[k], TIES])
        total += count_of(m.words, block) if block else 0
    found = np.empty((total, 3), np.int64)
    n = 0
    for k in range(len(rows)):
        block = wide(m.slots[rows[k], TIES])
        for at in range(count_of(m.words, block) if block else 0):
            other = value_of(s.seen, wide(m.words[block + 1 + 2 * at]), stamp, mask)
            if other > k:
                found[n, 0], found[n, 1] = k, other
                found[n, 2] = m.words[block + 2 + 2 * at]
                n += 1
    return found[:n]


@compiled
def _by_evidence(m: Memory, s: Scratch, rows: U32, ties: I64, tables: Tables) -> I64:
    n = len(rows)
    full = np.empty((n, ROW), np.uint32)
    apart = np.zeros((n, n), np.bool_)
    for k in range(n):
        ask_for_front(m, wide(rows[k]))
        ask_for_rest(m, wide(rows[k]))
    for k in range(n):
        read(m, wide(rows[k]), full[k])
    for k in range(len(ties)):
        if said(ties[k, 2], DIFFERENT) > 0 or said(ties[k, 2], DISTINCT) > 0:
            apart[ties[k, 0], ties[k, 1]] = apart[ties[k, 1], ties[k, 0]] = True
    group = groups_of(n, ties)
    labels = agglomerate(full, apart, group, tables)
    if wide(m.slots[rows[0], FLAGS]) & LEVEL == 0:
        return labels
    return relabelled(labels, undecided(m, s, rows, labels, full, group, tables))


@compiled
def cluster(m: Memory, s: Scratch, limits: Limits, tables: Tables, n: int, end: int) -> None:
    """Cluster the `n` rows found; list them with their labels behind the first `end` of `s.out`."""
    rows = s.found[:n]
    if n == 1:
        m.slots[rows[0], LABEL] = rows[0]
        s.out[0, end] = s.out[1, end] = rows[0]
        return
    small = n <= limits.largest
    _sort(m, rows)
    ties = _ties(m, s, rows, SMALL if small else LARGE)
    if small:
        labels = _by_evidence(m, s, rows, ties, tables)
    else:
        labels = join_along_edges(m, s, rows, ties, tables.threshold)
    for k in range(n):
        m.slots[rows[k], LABEL] = rows[labels[k]]
        s.out[0, end + k] = rows[k]
        s.out[1, end + k] = rows[labels[k]]
