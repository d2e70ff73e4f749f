"""A row comes, a row goes: keys, candidates, edges. Components are found later (settling.py)."""

from __future__ import annotations

from typing import Final

from ..blocking import RESTORED as RAISED
from ..compiling import inlined, inner, lean
from ..glance import MARKS
from ..weighing import Tables
from .arena import count_of
from .edges import connect, disconnect_all, seed, tell
from .fetching import LINE, fetch
from .holders import cap_of, count_at, hold, holders, let_go
from .keys import KEY, KINDS_OFFSET, write_keys
from .lives import die, flag, revive
from .memory import (
    ALIVE,
    CANDIDATES,
    EDGES,
    FLAGS,
    FREE_SLOT,
    I64,
    LABEL,
    RING,
    ROWS,
    SEGMENTS,
    SHRUNK,
    SIGN_HIGH,
    SIGN_LOW,
    SLOTS,
    TIES,
    U32,
    Memory,
    Scratch,
    narrow,
    wide,
)
from .packing import ask_for_front, ask_for_rest, drop, store
from .scores import Limits, may_link, prepare, score_against
from .sets import MIDDLE, NOTHING, SMALL, new_set, put
from .table import find, home
from .ties import change_tie

_ASIDE = 48
_COLUMNS: Final = 8
_BEHIND: Final = 2
"""Rows between asking where the rest of a row lies and asking for it."""


@inner
def _new_slot(m: Memory) -> int:
    m.state[ROWS] += 1
    free = m.state[FREE_SLOT]
    if free:
        m.state[FREE_SLOT] = m.slots[free - 1, RING]
        return int(free - 1)
    m.state[SLOTS] += 1
    return int(m.state[SLOTS] - 1)


@inner
def _gather(m: Memory, s: Scratch, first: int, last: int, stamp: int, mask: int) -> int:
    """Keep those of the rows listed from `first` that are not candidates yet, and ask for them."""
    n = first
    for k in range(first, last):
        if put(s.seen, s.near[k], stamp, mask, NOTHING):
            ask_for_front(m, s.near[k])
            s.near[n] = s.near[k]
            n += 1
    return n


@inner
def _find_all(m: Memory, s: Scratch, keys: int) -> int:
    """Find the entries of the keys at hand; how many holders those have that may compare.

    All are asked for before the first is looked at, and then all lists of holders.
    """
    for k in range(keys):
        at = home(m, s.keys[k] & KEY)
        fetch(m.tags, at)
        fetch(m.refs, at)
        fetch(m.more, at)
    for k in range(keys):
        entry = find(m, s.keys[k] & KEY)
        s.entries[k] = entry
        if entry >= 0 and m.refs[entry] & 1 == 0:
            fetch(m.words, wide(m.refs[entry]) >> 1)
    holding = 0
    for k in range(keys):
        entry = s.entries[k]
        if entry >= 0 and m.refs[entry] & 1 == 0:
            count, block = count_at(m, entry), wide(m.refs[entry]) >> 1
            if count <= RAISED:
                holding += count
                for at in range(block + LINE, block + count, LINE):
                    fetch(m.words, at)
            fetch(m.words, block + 1 + count)
    return int(holding + keys)


@inner
def _gather_all(m: Memory, s: Scratch, limits: Limits, slot: int, keys: int) -> tuple[int, int]:
    """List the candidates among the holders of the keys at hand, and the keys that will die."""
    mask = MIDDLE if _find_all(m, s, keys) > SMALL // 2 else SMALL
    stamp, near, dying = new_set(s.seen, s.stamp), NOTHING, NOTHING
    for k in range(keys):
        key, entry = s.keys[k], s.entries[k]
        if entry < 0:
            continue
        count, cap = count_at(m, entry), limits.caps[key >> KINDS_OFFSET]
        if count >= cap:
            cap = cap_of(m, limits.caps, key)
        if count < cap:
            near = _gather(m, s, near, holders(m, entry, s.near, near), stamp, mask)
        elif count == cap:
            s.keys[_ASIDE + dying] = key
            dying += 1
        elif limits.shared[key >> KINDS_OFFSET]:
            flag(s, slot)
    return near, dying


@inner
def _hold_all(m: Memory, s: Scratch, slot: int, keys: int) -> None:
    """Make a row a holder of the keys at hand, whose entries stay until a segment splits."""
    segments = m.state[SEGMENTS]
    for k in range(keys):
        key, entry = s.keys[k], s.entries[k]
        if entry < 0 or m.state[SEGMENTS] != segments:
            entry = find(m, key & KEY)
        hold(m, key, entry, slot)


@inlined
def _ask_for_pair(m: Memory, slot: int) -> None:
    """Ask for what a comparison in full, and an edge, need of a row."""
    ask_for_rest(m, slot)
    fetch(m.words, wide(m.slots[slot, EDGES]))


@inner
def _score_all(m: Memory, s: Scratch, limits: Limits, tables: Tables, slot: int, near: int) -> None:
    """Compare a row with its candidates, most of which a glance dismisses."""
    prepare(s, tables)
    marks, left = wide(m.front[slot, MARKS]), NOTHING
    for k in range(near):
        if may_link(m, s, limits, marks, s.near[k]):
            fetch(m.slots, s.near[k] * _COLUMNS)
            s.near[left] = s.near[k]
            left += 1
            if left > _BEHIND:
                _ask_for_pair(m, s.near[left - 1 - _BEHIND])
    for k in range(max(left - _BEHIND, 0), left):
        _ask_for_pair(m, s.near[k])
    for k in range(left):
        weight = narrow(score_against(m, s, limits, tables, s.near[k]))
        if weight > limits.review:
            connect(m, s, slot, s.near[k], weight, limits.ladder)


@lean
def add(
    m: Memory, s: Scratch, limits: Limits, tables: Tables, row: U32, high: int, low: int
) -> int:
    """Take in a row; its slot. `high` and `low` are its place in the canonical order."""
    slot = _new_slot(m)
    m.slots[slot, RING] = m.slots[slot, LABEL] = slot
    m.slots[slot, EDGES] = m.slots[slot, TIES] = 0
    m.slots[slot, SIGN_HIGH], m.slots[slot, SIGN_LOW] = high, low
    m.slots[slot, FLAGS] = ALIVE
    seed(m, s, slot)
    tell(m, s, slot)
    store(m, slot, row)
    for k in range(len(row)):
        s.own[k] = row[k]
    keys = write_keys(row, s.keys)
    near, dying = _gather_all(m, s, limits, slot, keys)
    _hold_all(m, s, slot, keys)
    m.state[CANDIDATES] += near
    _score_all(m, s, limits, tables, slot, near)
    for k in range(dying):
        die(m, s, limits, s.keys[_ASIDE + k])
    return slot


@inner
def _leave_ring(m: Memory, s: Scratch, slot: int) -> None:
    at = slot
    while wide(m.slots[at, RING]) != slot:
        at = wide(m.slots[at, RING])
        seed(m, s, at)
    m.slots[at, RING] = m.slots[slot, RING]


@inner
def _untie_all(m: Memory, slot: int) -> None:
    block = wide(m.slots[slot, TIES])
    while block:
        count = count_of(m.words, block)
        other = wide(m.words[block + 2 * count - 1])
        change_tie(m, slot, other, NOTHING, -wide(m.words[block + 2 * count]))
        block = wide(m.slots[slot, TIES])


@inner
def _let_go_all(m: Memory, s: Scratch, limits: Limits, slot: int) -> int:
    revived = 0
    for k in range(write_keys(s.own, s.keys)):
        key = s.keys[k]
        left = let_go(m, key, slot)
        if left >= limits.caps[key >> KINDS_OFFSET] and left == cap_of(m, limits.caps, key):
            s.keys[_ASIDE + revived] = key
            revived += 1
    return revived


@lean
def remove(m: Memory, s: Scratch, limits: Limits, tables: Tables, slot: int) -> None:
    """Let a row go, with everything that hangs on it."""
    disconnect_all(m, s, slot)
    _untie_all(m, slot)
    _leave_ring(m, s, slot)
    drop(m, slot, s.own)
    revived = _let_go_all(m, s, limits, slot)
    m.slots[slot, FLAGS] = 0
    m.slots[slot, RING] = m.state[FREE_SLOT]
    m.state[FREE_SLOT] = slot + 1
    m.state[ROWS] -= 1
    m.state[SHRUNK] = 1
    for k in range(revived):
        revive(m, s, limits, tables, s.keys[_ASIDE + k])


@lean
def add_many(m: Memory, s: Scratch, limits: Limits, tables: Tables, rows: U32, places: I64) -> None:
    """Take in many rows; `places` are the halves of their place in the canonical order."""
    for k in range(len(rows)):
        add(m, s, limits, tables, rows[k], places[k, 0], places[k, 1])
