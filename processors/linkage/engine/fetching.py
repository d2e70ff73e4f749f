"""Asks the processor to bring memory near before it is needed, so that waits overlap.

A table of a million rows does not fit into any cache: each candidate costs two or three waits for
main memory, one after the other unless they are asked for ahead. Asking changes nothing but time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

LINE: Final = 16
"""Words of 32 bits of a line of memory."""
_function: Any = cgutils.get_or_insert_function  # it has no types
_FLAG: Final = ir.IntType(32)
_READ, _KEEP, _DATA = (ir.Constant(_FLAG, value) for value in (0, 3, 1))


def _fetch(_typing: Any, array: Any, _at: Any) -> Any:
    """Begin to read the line of memory that holds an element of a flat array, and go on."""

    def code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        found = context.make_array(array)(context, builder, arguments[0])
        place = builder.bitcast(builder.gep(found.data, [arguments[1]]), cgutils.voidptr_t)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, _FLAG, _FLAG, _FLAG])
        ask = _function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(ask, [place, _READ, _KEEP, _DATA])
        return context.get_dummy_value()

    return types.none(array, types.int64), code


fetch: Callable[[Any, int], None] = cast("Any", intrinsic(_fetch))
"""Ask for the element at a place, counted over all dimensions, of an array without gaps."""
