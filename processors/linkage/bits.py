"""Counting the bits of a word in compiled code: one instruction of the processor each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite.ir import Constant, IntType
from numba.core import types
from numba.extending import intrinsic


def _popcount(_typing: Any, _word: Any) -> Any:
    """Number of bits that are set: one instruction of the processor."""

    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), code


def _count_zeros(_typing: Any, _word: Any) -> Any:
    """Place of the lowest bit that is set, of a word that is not 0."""

    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], Constant(IntType(1), 1))

    return types.int64(types.int64), code


trailing_zeros: Callable[[int], int] = cast("Any", intrinsic(_count_zeros))
"""How many bits below the lowest that is set, in a word that is not 0."""
ones: Callable[[np.uint64], int] = cast("Any", intrinsic(_popcount))
"""How many bits are set."""
