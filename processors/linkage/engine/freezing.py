"""A copy of the engine's memory at one moment, from which what was let go is wiped.

Copying what is in use takes milliseconds for every ten thousand rows; writing the copy out can then
take its time elsewhere, while the engine goes on. Blocks that were given back still hold the words
of the rows that stood in them, and freed slots the beginning of a signature, which is a digest of
an encoding: none of that may be kept, since a row may have gone because somebody is to be
forgotten.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ..compiling import compiled
from .arena import block_sizes
from .memory import (
    ALIVE,
    END,
    FLAGS,
    I64,
    RING,
    SEGMENT,
    SEGMENTS,
    SLOTS,
    U32,
    Memory,
    wide,
)

_SLOT: Final = 8


def frozen(m: Memory) -> Memory:
    """A copy of everything that is in use. Nothing may change while it is made."""
    state = m.state
    words = m.words[: state[END]].copy()
    segments = int(state[SEGMENTS])
    return m._replace(
        words=words,
        reals=words.view(np.float32),
        slots=m.slots[: state[SLOTS]].copy(),
        front=m.front[: state[SLOTS]].copy(),
        tags=m.tags[: segments * SEGMENT].copy(),
        more=m.more[: segments * SEGMENT].copy(),
        refs=m.refs[: segments * SEGMENT].copy(),
        directory=m.directory.copy(),
        segments=m.segments[:segments].copy(),
        free=m.free.copy(),
        state=state.copy(),
        restored=m.restored.copy(),
    )


def wipe(m: Memory) -> None:
    """Overwrite what no row, key or list of a copy uses any more."""
    _wipe_blocks(m.words, m.free, block_sizes())
    gone = m.slots[:, FLAGS] & ALIVE == 0
    for column in range(_SLOT):
        if column != RING:  # it links the free slots
            m.slots[gone, column] = 0
    empty = m.tags == 0
    m.more[empty] = 0
    m.refs[empty] = 0


@compiled
def _wipe_blocks(words: U32, free: U32, sizes: I64) -> None:
    """Leave of each free block only its first word, which leads to the next."""
    for at in range(len(free)):
        block = wide(free[at])
        while block:
            for k in range(1, sizes[at]):
                words[block + k] = 0
            block = wide(words[block])
