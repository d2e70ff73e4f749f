"""Looks over the whole memory for people: over-common keys, and what memory is used for."""

from __future__ import annotations

import numpy as np

from ..compiling import compiled, inner
from .holders import cap_of, count_at, holders
from .keys import KEY, KINDS_OFFSET, write_keys
from .memory import (
    DEPTHS,
    END,
    I64,
    ROUTES,
    SEGMENT,
    SEGMENTS,
    SLOTS,
    Memory,
    Scratch,
    wide,
)
from .packing import read
from .scores import Limits
from .sets import NOTHING
from .table import find


@inner
def _whole_key(m: Memory, s: Scratch, entry: int) -> int:
    """The key of an entry with its kind, which its first holder tells."""
    bare = wide(m.tags[entry]) | wide(m.more[entry]) << 32
    holders(m, entry, s.near, NOTHING)
    read(m, s.near[0], s.other)
    for k in range(write_keys(s.other, s.keys)):
        if s.keys[k] & KEY == bare:
            return int(s.keys[k])
    return 0


@compiled
def dead_keys(m: Memory, s: Scratch, limits: Limits, most: int) -> I64:
    """Over-common keys: key with kind, holders, cap."""
    found, n = np.empty((most, 3), np.int64), 0
    least = limits.caps.min()
    for entry in range(m.state[SEGMENTS] * SEGMENT):
        if m.tags[entry] == 0 or count_at(m, entry) <= least or n == most:
            continue
        key = _whole_key(m, s, entry)
        cap = cap_of(m, limits.caps, key)
        if count_at(m, entry) > cap:
            found[n, 0], found[n, 1], found[n, 2] = key, count_at(m, entry), cap
            n += 1
    return found[:n]


@compiled
def dead_kinds(m: Memory, s: Scratch, limits: Limits, slot: int) -> I64:
    """Kinds of a row's keys that are over-common now."""
    read(m, slot, s.other)
    n, found = 0, np.empty(48, np.int64)
    for k in range(write_keys(s.other, s.keys)):
        key = s.keys[k]
        if count_at(m, find(m, key & KEY)) > cap_of(m, limits.caps, key):
            found[n] = key >> KINDS_OFFSET
            n += 1
    return found[:n]


def used(m: Memory) -> dict[str, int]:
    """Bytes in use, by what they are for; given-back blocks count as used."""
    segments, slots = int(m.state[SEGMENTS]), int(m.state[SLOTS])
    deepest = int(m.state[DEPTHS : DEPTHS + ROUTES].max())
    return {
        "blocks": int(m.state[END]) * 4,
        "slots": slots * m.slots.shape[1] * 4,
        "fronts": slots * m.front.shape[1] * 4,
        "key_table": segments * (SEGMENT * 10 + 8) + ROUTES * 4 * 2**deepest,
    }
