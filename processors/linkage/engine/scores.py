"""The score of two rows, and what decides everything else: limits, ladder, parameter tables."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..agglomeration import Tables
from ..compiling import lean
from ..kernels import compare
from ..parameters import LINK, Parameters
from ..weighing import weigh
from .memory import I64, ROW_AT, U32, Memory, Scratch
from .packing import read


class Limits(NamedTuple):
    """What is fixed while an engine lives."""

    caps: I64
    """How many rows may hold a key, by kind."""
    shared: NDArray[np.bool_]
    """Kinds of key whose death is told to the rows that hold it."""
    ladder: NDArray[np.float64]
    largest: int
    """Rows of a working component at most."""
    review: float
    """Score above which two rows have an edge."""


def tables_of(parameters: Parameters) -> Tables:
    """The parameters in the form that compiled code reads."""
    return Tables(
        np.ascontiguousarray(parameters.person),
        np.ascontiguousarray(parameters.household),
        np.ascontiguousarray(parameters.rest),
        LINK,
    )


@lean
def score(a: U32, b: U32, levels: NDArray[np.int8], tables: Tables) -> float:
    """Log-odds that two rows are one person."""
    compare(a, b, levels)
    return weigh(levels, tables.person, tables.household, tables.rest)


@lean
def score_against(m: Memory, s: Scratch, slot: int, tables: Tables) -> float:
    """Log-odds of the row at hand (`s.own`) and the row of a slot."""
    read(m.words, np.int64(m.slots[slot, ROW_AT]), s.other)
    return score(s.own, s.other, s.levels, tables)
