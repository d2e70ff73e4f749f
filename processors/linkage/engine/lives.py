"""What a key's death and revival do: edges that nothing supports any more, pairs to compare again.

An edge stands while its two rows share a live key and score above the threshold for review. A
dying key therefore takes only those edges with it that no other live key supports.
"""

from __future__ import annotations

from ..compiling import inner
from ..weighing import Tables
from .arena import count_of
from .edges import RULED, connect, disconnect
from .holders import holders, is_live
from .keys import KEY, KINDS_OFFSET, write_keys
from .memory import DEAD, EDGES, TO_FLAG, Memory, Scratch, narrow, wide
from .packing import read
from .scores import Limits, score_against
from .sets import LARGE, NOTHING, SMALL, new_set, put, value_of
from .table import find


@inner
def flag(s: Scratch, slot: int) -> None:
    """Note that what is over-common about a row changed."""
    if s.lengths[TO_FLAG] < s.pending.shape[1]:
        s.pending[TO_FLAG, s.lengths[TO_FLAG]] = slot
        s.lengths[TO_FLAG] += 1


@inner
def _flag_all(s: Scratch, limits: Limits, key: int, n: int) -> None:
    if limits.shared[key >> KINDS_OFFSET]:
        for k in range(n):
            flag(s, s.near[k])


@inner
def _list_live(m: Memory, s: Scratch, limits: Limits, slot: int, line: int) -> None:
    """Write the live keys of a row into a line of the scratch table."""
    read(m, slot, s.other)
    keys = s.live[line, 1:]
    kept = 0
    for k in range(write_keys(s.other, keys)):
        if is_live(m, limits.caps, keys[k]):
            keys[kept] = keys[k]
            kept += 1
    s.live[line, 0] = kept


@inner
def _meet(s: Scratch, i: int, j: int) -> bool:
    for k in range(1, 1 + s.live[i, 0]):
        for other in range(1, 1 + s.live[j, 0]):
            if s.live[i, k] == s.live[j, other]:
                return True
    return False


@inner
def share_live_key(m: Memory, s: Scratch, limits: Limits, a: int, b: int) -> bool:
    """Whether two rows share a key that compares."""
    _list_live(m, s, limits, a, NOTHING)
    _list_live(m, s, limits, b, NOTHING + 1)
    return _meet(s, NOTHING, NOTHING + 1)


@inner
def _supported(m: Memory, s: Scratch, limits: Limits, i: int, j: int) -> bool:
    for line in (i, j):
        if s.live[line, 0] < 0:
            _list_live(m, s, limits, s.near[line], line)
    return _meet(s, i, j)


@inner
def _prune(m: Memory, s: Scratch, limits: Limits, i: int, stamp: int) -> None:
    """Drop the unsupported edges of one holder to those after it."""
    slot = s.near[i]
    block = wide(m.slots[slot, EDGES])
    at = count_of(m.words, block) - 1 if block else -1
    while at >= 0:
        other = wide(m.words[block + 1 + 2 * at])
        j = value_of(s.seen, other, stamp, SMALL)
        ruled = m.reals[block + 2 + 2 * at] >= RULED
        if j > i and not ruled and not _supported(m, s, limits, i, j):
            disconnect(m, s, slot, other)
            block = wide(m.slots[slot, EDGES])
        at -= 1


@inner
def die(m: Memory, s: Scratch, limits: Limits, key: int) -> None:
    """Draw the consequences of a key's death, its holders and those of others being final."""
    n = holders(m, find(m, key & KEY), s.near, NOTHING)
    m.state[DEAD] += 1
    _flag_all(s, limits, key, n)
    stamp = new_set(s.seen, s.stamp)
    for i in range(n):
        put(s.seen, s.near[i], stamp, SMALL, i)
        s.live[i, 0] = -1
    for i in range(n):
        _prune(m, s, limits, i, stamp)


@inner
def _neighbours(m: Memory, s: Scratch, slot: int) -> tuple[int, int]:
    """A set of the rows that a row has edges to: stamp and mask."""
    stamp, mask = new_set(s.seen, s.stamp), SMALL
    block = wide(m.slots[slot, EDGES])
    if block:
        if count_of(m.words, block) > SMALL // 2:
            mask = LARGE
        for k in range(count_of(m.words, block)):
            put(s.seen, wide(m.words[block + 1 + 2 * k]), stamp, mask, NOTHING)
    return stamp, mask


@inner
def revive(m: Memory, s: Scratch, limits: Limits, tables: Tables, key: int) -> None:
    """Compare the holders of a key that has come back to life."""
    n = holders(m, find(m, key & KEY), s.near, NOTHING)
    m.state[DEAD] -= 1
    _flag_all(s, limits, key, n)
    for i in range(n):
        slot = s.near[i]
        read(m, slot, s.own)
        stamp, mask = _neighbours(m, s, slot)
        for j in range(i + 1, n):
            other = s.near[j]
            if value_of(s.seen, other, stamp, mask) < 0:
                weight = narrow(score_against(m, s, limits, tables, other))
                if weight > limits.review:
                    connect(m, s, slot, other, weight, limits.ladder)
