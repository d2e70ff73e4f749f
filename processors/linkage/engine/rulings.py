"""What people change beside records: ties between rows, and keys that are restored."""

from __future__ import annotations

from ..compiling import inner, lean
from ..weighing import Tables
from .edges import RULED, connect, disconnect, seed, tell, weight_of
from .holders import cap_of, count_at
from .keys import KEY
from .lives import die, revive, share_live_key
from .memory import RESTORED, Memory, Scratch, narrow
from .packing import read
from .scores import Limits, score_against
from .table import find
from .ties import DISTINCT, MOST, SAME, change_tie, said, tie_of


@inner
def _bind(m: Memory, s: Scratch, limits: Limits, a: int, b: int) -> None:
    if weight_of(m, a, b) != 0.0:
        disconnect(m, s, a, b)
    connect(m, s, a, b, RULED, limits.ladder)


@inner
def _unbind(m: Memory, s: Scratch, limits: Limits, tables: Tables, a: int, b: int) -> None:
    """Give a pair back the edge that it has without a ruling, if any."""
    disconnect(m, s, a, b)
    if share_live_key(m, s, limits, a, b):
        read(m, a, s.own)
        weight = narrow(score_against(m, s, limits, tables, b))
        if weight > limits.review:
            connect(m, s, a, b, weight, limits.ladder)


@lean
def tie(
    m: Memory, s: Scratch, limits: Limits, tables: Tables, a: int, b: int, kind: int, by: int
) -> bool:
    """Say a tie of two rows once more or once less; False if that cannot be."""
    before = said(tie_of(m, a, b), kind)
    if before + by < 0 or before + by > (MOST if kind == DISTINCT else 15):
        return False
    change_tie(m, a, b, kind, by)
    if (before == 0) != (before + by == 0):
        if kind == SAME and by > 0:
            _bind(m, s, limits, a, b)
        elif kind == SAME:
            _unbind(m, s, limits, tables, a, b)
        for slot in (a, b):
            seed(m, s, slot)
            tell(m, s, slot)
    return True


@inner
def _count(m: Memory, key: int) -> int:
    entry = find(m, key & KEY)
    return count_at(m, entry) if entry >= 0 else 0


@lean
def restore(m: Memory, s: Scratch, limits: Limits, tables: Tables, key: int) -> None:
    """Raise the cap of a key."""
    before = cap_of(m, limits.caps, key)
    m.restored[m.state[RESTORED], 0] = key
    m.state[RESTORED] += 1
    if before < _count(m, key) <= cap_of(m, limits.caps, key):
        revive(m, s, limits, tables, key)


@lean
def unrestore(m: Memory, s: Scratch, limits: Limits, key: int) -> None:
    """Give a restored key its ordinary cap back."""
    before = cap_of(m, limits.caps, key)
    kept = 0
    for k in range(m.state[RESTORED]):
        m.restored[kept, 0] = m.restored[k, 0]
        kept += m.restored[k, 0] != key
    m.state[RESTORED] = kept
    if cap_of(m, limits.caps, key) < _count(m, key) <= before:
        die(m, s, limits, key)
