"""Blocks of words of any size, given back and given out again by size.

Lists (holders, edges, ties) begin with a word that says how many entries they have and which of a
growing series of sizes their block has, so that a list grows by half at a time.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ..compiling import inner
from .memory import END, I64, SIZES, U32, Memory, wide

_EXACT: Final = 512
_COUNT_BITS: Final = 26
COUNT: Final = (1 << _COUNT_BITS) - 1
"""Bits of a list's first word that hold the number of its entries."""
SINGLE: Final = wide(1)
PAIR: Final = wide(2)
"""Words of an entry. Typed, because numba compiles anew for each number that is written out."""
_SERIES: Final = np.array(
    sorted({*(2**k for k in range(1, 27)), *(3 * 2**k for k in range(26))}), np.int64
)


@inner
def _class(size: int) -> int:
    """Where free blocks of a size are listed."""
    if size <= _EXACT:
        return size
    return _EXACT + int(np.searchsorted(_SERIES, size))


@inner
def take(m: Memory, size: int) -> int:
    """The first word of a block of `size` words, whatever is in it."""
    at = _class(size)
    found = wide(m.free[at])
    if found:
        m.free[at] = m.words[found]
        return int(found)
    end = m.state[END]
    m.state[END] = end + size
    return int(end)


@inner
def give_back(m: Memory, block: int, size: int) -> None:
    """Let a block be used for something else."""
    at = _class(size)
    m.words[block] = m.free[at]
    m.free[at] = block


@inner
def new_list(m: Memory, width: int) -> int:
    """An empty list with room for two entries of `width` words."""
    size = 3 if width == 1 else 6
    block = take(m, size)
    m.words[block] = np.searchsorted(_SERIES, size) << _COUNT_BITS
    return block


@inner
def count_of(words: U32, block: int) -> int:
    """Entries of a list."""
    return int(words[block]) & COUNT


@inner
def _moved(m: Memory, block: int, used: int, rung: int) -> int:
    """The list in a block of another size of the series."""
    fresh = take(m, _SERIES[rung])
    for k in range(used):
        m.words[fresh + k] = m.words[block + k]
    give_back(m, block, _SERIES[wide(m.words[block]) >> _COUNT_BITS])
    m.words[fresh] = (rung << _COUNT_BITS) | (wide(m.words[fresh]) & COUNT)
    return int(fresh)


@inner
def with_room(m: Memory, block: int, width: int) -> int:
    """The list with room for one entry more; its place may change."""
    rung = wide(m.words[block]) >> _COUNT_BITS
    used = 1 + count_of(m.words, block) * width
    if used + width > _SERIES[rung]:
        return _moved(m, block, used, rung + 1)
    return block


@inner
def without(m: Memory, block: int, width: int, entry: int) -> int:
    """The list without an entry, whose place the last one takes; 0 if that was all of it."""
    count = count_of(m.words, block) - 1
    rung = wide(m.words[block]) >> _COUNT_BITS
    if count == 0:
        give_back(m, block, _SERIES[rung])
        return 0
    for k in range(width):
        m.words[block + 1 + entry * width + k] = m.words[block + 1 + count * width + k]
    m.words[block] -= np.uint32(1)
    used = 1 + count * width
    if rung > 4 and used * 3 < _SERIES[rung]:
        return _moved(m, block, used, rung - 2)
    return block


def block_sizes() -> I64:
    """Words of a block in each list of free blocks."""
    sizes = np.zeros(SIZES, np.int64)
    sizes[: _EXACT + 1] = np.arange(_EXACT + 1)
    longer = np.nonzero(_SERIES > _EXACT)[0]
    sizes[_EXACT + longer] = _SERIES[longer]
    return sizes
