"""Who holds a key: one row in the key table itself, more in a list; and whether the key compares.

The holders of a dead key are kept too, since it may revive. Letting go searches the list from end
to end, which is quick because a list is one piece of memory.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ..blocking import RESTORED as RAISED
from ..compiling import inner
from .arena import SINGLE, count_of, new_list, with_room, without
from .keys import KEY, KINDS_OFFSET
from .memory import I64, RESTORED, U32, Memory, wide
from .sets import NOTHING
from .table import delete, find, insert

_RAISED: Final = RAISED


@inner
def count_at(m: Memory, entry: int) -> int:
    """Holders of the key of an entry."""
    ref = wide(m.refs[entry])
    return 1 if ref & 1 else count_of(m.words, ref >> 1)


@inner
def cap_of(m: Memory, caps: I64, key: int) -> int:
    """How many rows may hold a key (with its kind)."""
    cap = caps[key >> KINDS_OFFSET]
    for k in range(m.state[RESTORED]):
        if m.restored[k, 0] == key:
            return int(max(cap, _RAISED))
    return int(cap)


@inner
def is_live(m: Memory, caps: I64, key: int) -> bool:
    """Whether a key that somebody holds still compares."""
    count = count_at(m, find(m, key & KEY))
    return count <= caps[key >> KINDS_OFFSET] or count <= cap_of(m, caps, key)


@inner
def hold(m: Memory, key: int, entry: int, slot: int) -> None:
    """Add a holder to a key, whose entry `find` gave."""
    if entry < 0:
        insert(m, key & KEY, slot * 2 + 1)
        return
    ref = wide(m.refs[entry])
    block = ref >> 1
    if ref & 1:
        block = new_list(m, SINGLE)
        m.words[block + 1] = ref >> 1
        m.words[block] += np.uint32(1)
    else:
        block = with_room(m, block, SINGLE)
    m.words[block + 1 + count_of(m.words, block)] = slot
    m.words[block] += np.uint32(1)
    m.refs[entry] = block * 2


@inner
def _where(words: U32, block: int, slot: int) -> int:
    at = block + 1
    while words[at] != slot:
        at += 1
    return at - block - 1


@inner
def let_go(m: Memory, key: int, slot: int) -> int:
    """Take a holder from a key; how many are left."""
    entry = find(m, key & KEY)
    ref = wide(m.refs[entry])
    if ref & 1:
        delete(m, entry)
        return 0
    block = without(m, ref >> 1, SINGLE, _where(m.words, ref >> 1, slot))
    count = count_of(m.words, block)
    if count > 1:
        m.refs[entry] = block * 2
        return count
    m.refs[entry] = wide(m.words[block + 1]) * 2 + 1
    without(m, block, SINGLE, NOTHING)
    return 1


@inner
def holders(m: Memory, entry: int, out: I64, n: int) -> int:
    """List the holders of an entry's key behind the first `n` of `out`; the new number."""
    ref = wide(m.refs[entry])
    if ref & 1:
        out[n] = ref >> 1
        return n + 1
    block = ref >> 1
    count = count_of(m.words, block)
    for k in range(count):
        out[n + k] = m.words[block + 1 + k]
    return n + count
