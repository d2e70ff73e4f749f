"""Groups that join one by one and refuse to join what must stay apart, in compiled form.

What `clustering._Groups` does, on places in the canonical order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..compiling import compiled, inner
from .arena import count_of
from .memory import EDGES, I64, U32, Memory, Scratch, wide
from .ordering import order
from .sets import LARGE, new_set, put, value_of
from .ties import DIFFERENT, DISTINCT, SAME, said


class Groups(NamedTuple):
    """First member of each one's group, next member in a ring, and who must stay apart."""

    first: I64
    ring: I64
    start: I64
    """Where each one's partners to stay apart from begin in `partners`."""
    partners: I64


@compiled
def _chosen(ties: I64, kind: int) -> I64:
    """The ties of a kind, in canonical order; `DISTINCT` leaves out those ruled to be one."""
    kept = np.empty(len(ties), np.int64)
    count = 0
    for k in range(len(ties)):
        ruled_one = kind == DISTINCT and said(ties[k, 2], SAME) > 0
        if said(ties[k, 2], kind) > 0 and not ruled_one:
            kept[count] = k
            count += 1
    found = ties[kept[:count]]
    return found[order(found[:, 0].copy(), found[:, 1].copy())]


@compiled
def _groups(n: int, apart: I64) -> Groups:
    start = np.zeros(n + 1, np.int64)
    for k in range(len(apart)):
        start[apart[k, 0] + 1] += 1
        start[apart[k, 1] + 1] += 1
    start = np.cumsum(start)
    partners, ends = np.empty(2 * len(apart), np.int64), start.copy()
    for k in range(len(apart)):
        for side in range(2):
            one = apart[k, side]
            partners[ends[one]] = apart[k, 1 - side]
            ends[one] += 1
    return Groups(np.arange(n), np.arange(n), start, partners)


@inner
def _kept_apart(g: Groups, a: int, two: int) -> bool:
    """Whether a member of the group of `a` must stay apart from the group whose first is `two`."""
    at = a
    while True:
        for k in range(g.start[at], g.start[at + 1]):
            if g.first[g.partners[k]] == two:
                return True
        at = g.ring[at]
        if at == a:
            return False


@inner
def _join(g: Groups, a: int, b: int) -> None:
    """Join the groups of two members unless something keeps them apart."""
    if g.first[a] == g.first[b] or _kept_apart(g, a, g.first[b]):
        return
    lower = min(g.first[a], g.first[b])
    moved = b if lower == g.first[a] else a
    at = moved
    while True:
        g.first[at] = lower
        at = g.ring[at]
        if at == moved:
            break
    g.ring[a], g.ring[b] = g.ring[b], g.ring[a]


@compiled
def groups_of(n: int, ties: I64) -> I64:
    """For each of `n` rows the first row of the group that people ruled to be one person."""
    same = _chosen(ties, SAME)
    if len(same) == 0:
        return np.arange(n)
    g = _groups(n, _chosen(ties, DIFFERENT))
    for k in range(len(same)):
        _join(g, same[k, 0], same[k, 1])
    return g.first


@compiled
def _linking(m: Memory, s: Scratch, rows: U32, threshold: float) -> I64:
    """Edges above a threshold within a component, from the strongest: earlier and later row.

    The bits of a positive number, read as an integer, are in the same order as the numbers.
    """
    stamp, total = new_set(s.seen, s.stamp), 0
    for k in range(len(rows)):
        put(s.seen, wide(rows[k]), stamp, LARGE, k)
        total += count_of(m.words, wide(m.slots[rows[k], EDGES]))
    found, n = np.empty((total, 3), np.int64), 0
    for k in range(len(rows)):
        block = wide(m.slots[rows[k], EDGES])
        for at in range(count_of(m.words, block)):
            other = value_of(s.seen, wide(m.words[block + 1 + 2 * at]), stamp, LARGE)
            if m.reals[block + 2 + 2 * at] > threshold and other > k:
                found[n, 0], found[n, 1] = k, other
                found[n, 2] = -wide(m.words[block + 2 + 2 * at])
                n += 1
    found = found[:n]
    return found[order(found[:, 2].copy(), found[:, 0] * len(rows) + found[:, 1])]


@compiled
def join_along_edges(m: Memory, s: Scratch, rows: U32, ties: I64, threshold: float) -> I64:
    """The first row of each one's cluster, joining from the strongest edge to the weakest.

    The rows hang together by edges that all link: with nothing to keep them apart they are one.
    """
    n = len(rows)
    different, distinct = _chosen(ties, DIFFERENT), _chosen(ties, DISTINCT)
    if len(different) + len(distinct) == 0:
        return np.zeros(n, np.int64)
    first = groups_of(n, ties)
    g = _groups(n, np.concatenate((different, distinct)))
    for k in range(n):
        _join(g, first[k], k)
    edges = _linking(m, s, rows, threshold)
    for k in range(len(edges)):
        _join(g, edges[k, 0], edges[k, 1])
    return g.first
