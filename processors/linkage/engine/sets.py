"""Small sets of rows that are forgotten all at once by taking a new stamp."""

from __future__ import annotations

from typing import Final

from ..compiling import inner
from .memory import I64, U32, wide

SMALL: Final = wide(1023)
"""Mask of a set for some hundred rows, that stays in the fastest memory."""
MIDDLE: Final = wide(2**15 - 1)
LARGE: Final = wide(2**22 - 1)
NOTHING: Final = wide(0)
"""A value, or an offset, of zero: numba compiles anew for each number that is written out."""
_SPREAD: Final = 2654435761


@inner
def new_set(seen: U32, stamp: I64) -> int:
    """A stamp under which nothing is in the set."""
    if stamp[0] == 2**32 - 1:
        seen[1, :] = 0
        stamp[0] = 0
    stamp[0] += 1
    return int(stamp[0])


@inner
def put(seen: U32, row: int, stamp: int, mask: int, value: int) -> bool:
    """Put a row into the set with a value; False if it was there."""
    at = (row * _SPREAD >> 8) & mask
    while seen[1, at] == stamp:
        if seen[0, at] == row:
            return False
        at = (at + 1) & mask
    seen[0, at] = row
    seen[1, at] = stamp
    seen[2, at] = value
    return True


@inner
def value_of(seen: U32, row: int, stamp: int, mask: int) -> int:
    """The value of a row in the set; -1 if it is not there."""
    at = (row * _SPREAD >> 8) & mask
    while seen[1, at] == stamp:
        if seen[0, at] == row:
            return int(wide(seen[2, at]))
        at = (at + 1) & mask
    return -1
