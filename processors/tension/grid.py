"""Whole numbers by series and day, for the days up to one: what the method is computed from.

Days lie in a ring, so that a new day costs one column. What is added is gathered and put in at
once when somebody looks. Nothing here says which report counts: `state` does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from processors.tension.constants import DELAYS
from processors.tension.event import Series
from processors.tension.methods.shiryaev import GAINS, RATIOS
from processors.tension.sweep import WIDTH


class Grid:
    """Counts, weights and marks. Covers WIDTH days up to `last`, or nothing before the first."""

    def __init__(self) -> None:
        self.last: int | None = None
        self._rows: dict[Series, int] = {}
        self._pending: list[tuple[int, int, int, int]] = []
        self._counts = np.zeros((0, WIDTH), dtype=np.int32)
        self._weights = np.zeros((0, WIDTH), dtype=np.int64)
        self._gained = np.zeros((len(RATIOS), 0, DELAYS), dtype=np.int64)

    def covers(self, day: int) -> bool:
        """Tell whether a day (its ordinal) is held."""
        return self.last is not None and self.last - WIDTH < day <= self.last

    def clear(self, last: int) -> None:
        """Hold nothing, for the days up to `last`."""
        self.last = last
        self._rows.clear()
        self._pending.clear()
        for array in (self._counts, self._weights, self._gained):
            array[:] = 0

    def advance(self) -> int:
        """Go one day on; gives the new day, which is empty."""
        assert self.last is not None
        self._flush()
        self.last += 1
        self._counts[:, self.last % WIDTH] = 0
        self._weights[:, self.last % WIDTH] = 0
        self._gained[:, :, self.last % DELAYS] = 0
        return self.last

    def add(self, series: Series, day: int, weight: int, sign: int) -> None:
        """Count a report of this weight in a series, or with sign -1 no longer."""
        row = self._rows.setdefault(series, len(self._rows))
        self._pending.append((row, day, weight, sign))
        if len(self._pending) > 1 << 20:
            self._flush()

    def panel(
        self, also: frozenset[Series] = frozenset()
    ) -> tuple[list[Series], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The series that hold anything, and `also`, sorted; counts, weights and marks of each.

        The oldest day comes first.
        """
        assert self.last is not None
        self._flush()
        alive = np.atleast_1d(self._counts[: len(self._rows)].any(axis=1))
        chosen = {series for series, row in self._rows.items() if alive[row]} | also
        series = sorted(chosen)
        rows = np.array([self._rows.setdefault(each, len(self._rows)) for each in series])
        self._grow()
        days = np.arange(self.last - WIDTH + 1, self.last + 1) % WIDTH
        late = np.arange(self.last - DELAYS + 1, self.last + 1) % DELAYS
        if not series:
            rows = np.zeros(0, dtype=np.int64)
        counts = self._counts[rows][:, days].astype(np.int64)
        return series, counts, self._weights[rows][:, days], self._gained[:, rows][:, :, late]

    @property
    def size(self) -> int:
        """Bytes of the arrays."""
        return self._counts.nbytes + self._weights.nbytes + self._gained.nbytes

    def _flush(self) -> None:
        self._grow()
        if not self._pending or self.last is None:
            return
        row, day, weight, sign = np.array(self._pending, dtype=np.int64).T
        self._pending.clear()
        np.add.at(self._counts, (row, day % WIDTH), sign.astype(np.int32))
        np.add.at(self._weights, (row, day % WIDTH), sign * weight)
        recent = day > self.last - DELAYS
        row, day, weight, sign = row[recent], day[recent], weight[recent], sign[recent]
        for ratio in range(len(RATIOS)):
            marks = sign * GAINS[ratio, weight]
            np.add.at(self._gained[ratio], (row, day % DELAYS), marks)

    def _grow(self) -> None:
        have, need = len(self._counts), len(self._rows)
        if need <= have:
            return
        more = max(need, 2 * have, 64) - have
        self._counts = np.pad(self._counts, ((0, more), (0, 0)))
        self._weights = np.pad(self._weights, ((0, more), (0, 0)))
        self._gained = np.pad(self._gained, ((0, 0), (0, more), (0, 0)))
