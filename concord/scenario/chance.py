"""Draws of the scenario from one seeded source, so that the same seed tells the same story."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Urn(Generic[T]):
    """Things with weights, prepared for many draws."""

    __slots__ = ("_bounds", "_things", "_total")

    def __init__(self, things: Sequence[T], weights: Sequence[float]) -> None:
        """Weights need not add up to one."""
        self._things = tuple(things)
        self._bounds = list(accumulate(weights))
        self._total = self._bounds[-1]

    def draw(self, chance: Chance) -> T:
        """Give one thing, in proportion to its weight."""
        return self._things[bisect(self._bounds, chance.source.random() * self._total)]


def ranked(things: Sequence[T], flatness: float = 6.0) -> Urn[T]:
    """Weigh things by their rank as names are: the first much commoner than the last."""
    return Urn(things, [1.0 / (rank + flatness) for rank in range(len(things))])


class Chance:
    """A seeded source of draws."""

    __slots__ = ("source",)

    def __init__(self, seed: str) -> None:
        """The seed may be any text."""
        self.source = random.Random(seed)

    def yes(self, probability: float) -> bool:
        """Tell true this often."""
        return self.source.random() < probability

    def pick(self, things: Sequence[T]) -> T:
        """Give one of the things, each as likely."""
        return things[int(self.source.random() * len(things))]

    def between(self, low: int, high: int) -> int:
        """Give a whole number from low to high, both included."""
        return low + int(self.source.random() * (high - low + 1))

    def digits(self, count: int) -> str:
        """Give that many digits."""
        return str(int(self.source.random() * 10**count)).zfill(count)

    def long_tail(self, mean: float) -> float:
        """Give an exponential draw."""
        return self.source.expovariate(1.0 / mean)
