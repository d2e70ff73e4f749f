"""Which series a series borrows from: its area's total, its parent area, its county."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from processors.tension.constants import LEVELS
from processors.tension.event import ALL, COUNTY, Place, Series
from processors.tension.methods.baseline import Kin

Parents = Mapping[Place, Counter[Place]]
"""How often each place was reported inside which wider one."""


def parent(place: Place, parents: Parents) -> Place:
    """The place around a place: the one most often named, the county if none is."""
    named = parents.get(place)
    if not named:
        return Place(COUNTY, COUNTY)
    return min(named, key=lambda wider: (-named[wider], wider))


def kin(series: Sequence[Series], parents: Parents) -> Kin:
    """Rows of the relatives within `series`; what has not all three of them has none."""
    row = {each: number for number, each in enumerate(series)}
    around = {each.place: parent(each.place, parents) for each in series}
    county = Place(COUNTY, COUNTY)
    found = np.full((4, len(series)), -1, dtype=np.int64)
    for number, (place, strand) in enumerate(series):
        found[3, number] = row.get(Series(county, strand), number)
        if place.level == COUNTY or strand == ALL:
            continue
        wider = around[place]
        relatives = [row.get(Series(place, ALL)), row.get(Series(wider, strand)),
                     row.get(Series(wider, ALL))]  # fmt: skip
        if None not in relatives:
            found[:3, number] = np.array(relatives, dtype=np.int64)
    return Kin(*found)


def levels(series: Sequence[Series]) -> NDArray[np.int64]:
    """Places in LEVELS."""
    return np.array([LEVELS.index(each.place.level) for each in series], dtype=np.int64)
