"""The engine's memory: flat arrays of one fixed reservation, touched only as they fill.

Address space for `capacity` rows is reserved at once and costs nothing until it is written to, so
growing never copies and never pauses. Zero means empty everywhere: fresh memory needs no writing.
Everything that compiled code keeps from one call to the next is here; `Scratch` is what it forgets.
"""

from __future__ import annotations

import contextlib
import mmap
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..frequencies import WIDTH
from ..glance import CEILINGS, FRONT

ROW: Final = WIDTH
"""Words of a row in memory: an encoding's, and whatever is worked out from them at insertion."""

if TYPE_CHECKING:
    wide = int
    narrow = float
else:  # compiled code takes int() of an unsigned number to be unsigned, and then of no use
    wide = np.int64
    narrow = np.float32

U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

# Columns of `slots`: one line of memory tells all about a row.
ROW_AT, EDGES, TIES, RING, LABEL, SIGN_HIGH, SIGN_LOW, FLAGS = range(8)
LEVEL: Final = 7
"""Bits of FLAGS: the rung of the ladder at which the row's component is; 6 is above the ladder."""
ALIVE: Final = 8
CHANGED: Final = 16
SEED: Final = 32
DIRTY: Final = 64

# Places in `state`. DEPTHS is the first of eight.
END, SLOTS, FREE_SLOT, ROWS, SEGMENTS, KEYS, SHRUNK, RESTORED, DEPTHS = range(9)
HALF_EDGES: Final = 20
DEAD: Final = 21
"""Dead keys there are."""
CANDIDATES: Final = 22
"""Rows that new rows were compared with, so far."""
STATE: Final = 32

# Lists in `pending`, each with its length in `lengths`: rows whose edges changed, rows around which
# components must be found anew, rows whose over-common keys changed.
TO_TELL, TO_FIND, TO_FLAG = range(3)

ROUTES: Final = 8
SEGMENT: Final = 2048
"""Entries of a segment of the key table."""
SIZES: Final = 640
RESTORABLE: Final = 1024
"""Keys that can be restored at one time."""
_BYTES_A_ROW: Final = 800
_NORESERVE: Final = 0x4000
_LARGE: Final = 2**25
"""Bytes of a reservation from which large pages are asked for."""


class EngineFull(RuntimeError):
    """The reserved address space is used up: start with a larger capacity."""


class Memory(NamedTuple):
    """All that lasts."""

    words: U32
    """Blocks of 32-bit words: packed rest of rows, holders of keys, edges, ties (arena.py)."""
    reals: NDArray[np.float32]
    """The same memory read as numbers: weights of edges."""
    slots: U32
    front: U32
    """What a glance needs of each row (glance.py): two lines of memory a row."""
    tags: U32
    """Lower 32 bits of the key of each entry of the key table; 0 is no entry."""
    more: NDArray[np.uint16]
    """Upper 16 bits."""
    refs: U32
    """Twice the row and 1 for a key with one holder, else twice the place of its holders."""
    directory: U32
    segments: U32
    """Depth and number of entries of each segment."""
    free: U32
    """First free block of each size."""
    state: I64
    restored: I64


class Scratch(NamedTuple):
    """What a call works with and leaves behind, the pending lists apart."""

    seen: U32
    """Set of rows: row, stamp, value (sets.py)."""
    stamp: I64
    pending: U32
    lengths: I64
    found: U32
    """Rows of the component that is being found."""
    queue: U32
    """Rows that wait to have their component found."""
    out: U32
    """Components found: rows in canonical order, and the label of each."""
    bounds: I64
    keys: I64
    """Keys of the row at hand; from place 48, those of them that die or revive."""
    entries: I64
    """Entries of the key table of the keys of the row at hand."""
    near: I64
    live: I64
    """Live keys of the holders of a dying key, one holder a line; first their number."""
    own: U32
    other: U32
    levels: NDArray[np.int8]
    ceilings: NDArray[np.float64]
    """What each field of the row at hand can say at most (glance.py)."""


def _reserve(count: int, kind: Any) -> Any:
    size = max(mmap.PAGESIZE, count * np.dtype(kind).itemsize)
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    space = mmap.mmap(-1, size, flags=flags | getattr(mmap, "MAP_NORESERVE", _NORESERVE))
    if size >= _LARGE:
        _in_large_pages(space)
    return np.frombuffer(space, kind, count)


def _in_large_pages(space: mmap.mmap) -> None:
    """Have memory in pages of two megabytes, if the system has them: it finds those faster."""
    wanted = getattr(mmap, "MADV_HUGEPAGE", None)
    if wanted is not None:
        with contextlib.suppress(OSError):  # a kernel built without them: slower, not wrong
            space.madvise(wanted)


def reserve(capacity: int) -> Memory:
    """Reserve memory for `capacity` rows. Raises OSError if the system refuses even to reserve."""
    words = _reserve(min(capacity * _BYTES_A_ROW // 4 + 2**23, 2**31), np.uint32)
    segments = capacity // 80 + 2**13
    memory = Memory(
        words=words,
        reals=words.view(np.float32),
        slots=_reserve(capacity * 8, np.uint32).reshape(capacity, 8),
        front=_reserve(capacity * FRONT, np.uint32).reshape(capacity, FRONT),
        tags=_reserve(segments * SEGMENT, np.uint32),
        more=_reserve(segments * SEGMENT, np.uint16),
        refs=_reserve(segments * SEGMENT, np.uint32),
        directory=_reserve(ROUTES * 2**17, np.uint32).reshape(ROUTES, 2**17),
        segments=_reserve(segments * 2, np.uint32).reshape(segments, 2),
        free=np.zeros(SIZES, np.uint32),
        state=np.zeros(STATE, np.int64),
        restored=np.zeros((RESTORABLE, 1), np.int64),
    )
    memory.state[END] = 1
    memory.state[SEGMENTS] = ROUTES
    memory.directory[:, 0] = np.arange(ROUTES)
    return memory


def scratch(capacity: int, holders: int) -> Scratch:
    """Reserve what calls work with; a key that dies has at most `holders`."""
    return Scratch(
        seen=_reserve(3 * 2**22, np.uint32).reshape(3, 2**22),
        stamp=np.zeros(1, np.int64),
        pending=_reserve(3 * capacity, np.uint32).reshape(3, capacity),
        lengths=np.zeros(4, np.int64),
        found=_reserve(capacity, np.uint32),
        queue=_reserve(capacity, np.uint32),
        out=_reserve(2 * capacity, np.uint32).reshape(2, capacity),
        bounds=_reserve(capacity + 1, np.int64),
        keys=np.zeros(96, np.int64),
        entries=np.zeros(48, np.int64),
        near=_reserve(2**16, np.int64),
        live=_reserve((holders + 1) * 128, np.int64).reshape(holders + 1, 128),
        own=np.zeros(ROW, np.uint32),
        other=np.zeros(ROW, np.uint32),
        levels=np.zeros(64, np.int8),
        ceilings=np.zeros(CEILINGS, np.float64),
    )
