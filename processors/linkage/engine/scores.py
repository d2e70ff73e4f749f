"""The score of two rows, and what decides everything else: limits, ladder, parameter tables."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiling import inlined, inner
from ..glance import ceilings, may_reach
from ..weighing import Tables, weigh_above
from .memory import I64, Memory, Scratch
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


@inner
def score_against(m: Memory, s: Scratch, limits: Limits, tables: Tables, slot: int) -> float:
    """Log-odds of the row at hand (`s.own`) and the row of a slot; anything below `review`."""
    read(m, slot, s.other)
    return weigh_above(s.own, s.other, s.levels, tables, limits.review)


@inner
def prepare(s: Scratch, tables: Tables) -> None:
    """Get ready to glance at the candidates of the row at hand (`s.own`)."""
    ceilings(s.own, tables, s.ceilings)


@inlined
def may_link(m: Memory, s: Scratch, limits: Limits, marks: int, slot: int) -> bool:
    """Whether the row at hand, with its marks, and the row of a slot can score above `review`."""
    return may_reach(s.own, marks, m.front[slot], s.ceilings, limits.review)
