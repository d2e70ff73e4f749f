"""The key table: extendible hashing in segments that split one at a time.

A key of 48 bits is kept whole, so which keys are one does not depend on the table's size or on the
order of arrival. Some bits of the key choose one of eight routes of unequal share, so that not all
segments fill up, and use twice the memory, at the same time; some choose the segment, and some the
place in it where probing starts. A full segment is split in two: some thirty microseconds, whatever
the size of the table.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ..compiling import compiled, inner
from .memory import DEPTHS, KEYS, ROUTES, SEGMENT, SEGMENTS, Memory, wide

_FULL: Final = SEGMENT * 7 // 8
_PLACE: Final = SEGMENT - 1
_TAG: Final = 0xFFFFFFFF


def _routes() -> list[int]:
    """Which route the keys with a given highest byte of the tag take: shares rise by 9 % each."""
    shares = np.cumsum(2.0 ** (np.arange(ROUTES) / ROUTES))
    edges = np.round(shares / shares[-1] * 256)
    return [int(np.searchsorted(edges, byte, side="right")) for byte in range(256)]


_ROUTE: Final = np.array(_routes(), np.int64)


@inner
def _segment(m: Memory, key: int) -> int:
    tag = key & _TAG
    route = _ROUTE[tag >> 24]
    return int(m.directory[route, tag & ((1 << m.state[DEPTHS + route]) - 1)])


@inner
def home(m: Memory, key: int) -> int:
    """The entry at which the search for a key begins."""
    return _segment(m, key) * SEGMENT + (key >> 32 & _PLACE)


@inner
def find(m: Memory, key: int) -> int:
    """The entry of a key, or where it would go as -1 - entry."""
    base = _segment(m, key) * SEGMENT
    tag, more = key & _TAG, key >> 32
    at = more & _PLACE
    while True:
        entry = base + at
        there = wide(m.tags[entry])
        if there == 0:
            return -1 - entry
        if there == tag and wide(m.more[entry]) == more:
            return entry
        at = (at + 1) & _PLACE


@inner
def _place(m: Memory, base: int, tag: int, more: int, ref: int) -> None:
    at = more & _PLACE
    while m.tags[base + at]:
        at = (at + 1) & _PLACE
    m.tags[base + at] = tag
    m.more[base + at] = more
    m.refs[base + at] = ref


@inner
def _deepen(m: Memory, route: int) -> None:
    """Let the directory of a route tell one bit more."""
    size = 1 << m.state[DEPTHS + route]
    for k in range(size):
        m.directory[route, size + k] = m.directory[route, k]
    m.state[DEPTHS + route] += 1


@compiled
def _split(m: Memory, key: int) -> None:
    """Move half of a full segment into a new one."""
    old = _segment(m, key)
    route = _ROUTE[(key & _TAG) >> 24]
    depth = wide(m.segments[old, 0])
    if depth == m.state[DEPTHS + route]:
        _deepen(m, route)
    new = m.state[SEGMENTS]
    m.state[SEGMENTS] = new + 1
    base = old * SEGMENT
    tags = m.tags[base : base + SEGMENT].copy()
    more = m.more[base : base + SEGMENT].copy()
    refs = m.refs[base : base + SEGMENT].copy()
    m.tags[base : base + SEGMENT] = 0
    moved = 0
    for k in range(SEGMENT):
        if tags[k]:
            bit = wide(tags[k]) >> depth & 1
            moved += bit
            _place(m, (new if bit else old) * SEGMENT, tags[k], wide(more[k]), refs[k])
    m.segments[new, 0] = m.segments[old, 0] = depth + 1
    m.segments[new, 1] = moved
    m.segments[old, 1] -= np.uint32(moved)
    first = (key & ((1 << depth) - 1)) | (1 << depth)
    for k in range(first, 1 << m.state[DEPTHS + route], 1 << (depth + 1)):
        m.directory[route, k] = new


@inner
def insert(m: Memory, key: int, ref: int) -> None:
    """Add the entry of a key that has none."""
    segment = _segment(m, key)
    while wide(m.segments[segment, 1]) >= _FULL:
        _split(m, key)
        segment = _segment(m, key)
    _place(m, segment * SEGMENT, key & _TAG, key >> 32, ref)
    m.segments[segment, 1] += np.uint32(1)
    m.state[KEYS] += 1


@inner
def delete(m: Memory, entry: int) -> None:
    """Remove an entry and close the gap, as if it had never been."""
    base = entry // SEGMENT * SEGMENT
    gap = entry - base
    at = gap
    while True:
        at = (at + 1) & _PLACE
        if m.tags[base + at] == 0:
            break
        home = wide(m.more[base + at]) & _PLACE
        if ((at - home) & _PLACE) >= ((at - gap) & _PLACE):
            m.tags[base + gap] = m.tags[base + at]
            m.more[base + gap] = m.more[base + at]
            m.refs[base + gap] = m.refs[base + at]
            gap = at
    m.tags[base + gap] = 0
    m.segments[base // SEGMENT, 1] -= np.uint32(1)
    m.state[KEYS] -= 1
