"""Links named encodings one at a time, as the matcher does, without incidents: for measuring.

Equal, self-identifying encodings share a row (nodes.py); the engine does the rest. What it answers
depends on the set of encodings alone, not on the order in which they came.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from .engine.engine import Engine
from .frequencies import Words
from .nodes import signature
from .parameters import LINK, REVIEW, Parameters
from .scoring import Scorer

Pair = tuple[str, str]


class Linking:
    """Named encodings in, persons out."""

    def __init__(self, parameters: Parameters) -> None:
        """Nothing is known yet."""
        self._scorer = Scorer(parameters)
        self.engine = Engine(self._scorer.tables)
        self._slots: dict[bytes, int] = {}
        self._names: dict[int, list[str]] = defaultdict(list)

    def add(self, name: str, words: Words) -> None:
        """Take in an encoding with all its consequences. Names must differ."""
        row = self._scorer.row(words)
        key = signature(words, name, alone=not self._scorer.tells_apart(row))
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = self.engine.insert(row, key)
        self._names[slot].append(name)

    def persons(self) -> dict[str, int]:
        """The person of each name, as a number that means nothing else."""
        return {
            name: self.engine.label(slot) for slot, names in self._names.items() for name in names
        }

    def links(self) -> Iterator[Pair]:
        """Pairs of names whose own score links them and that ended up as one person."""
        for names in self._names.values():
            yield from ((a, b) for at, a in enumerate(names) for b in names[at + 1 :])
        for one, two, weight in self._edges():
            if weight > LINK and self.engine.label(one) == self.engine.label(two):
                yield from ((a, b) for a in self._names[one] for b in self._names[two])

    def reviews(self) -> Iterator[Pair]:
        """Pairs of names that a person should look at: likely enough, and not one person here."""
        for one, two, weight in self._edges():
            if weight > REVIEW and self.engine.label(one) != self.engine.label(two):
                yield from ((a, b) for a in self._names[one] for b in self._names[two])

    def _edges(self) -> Iterator[tuple[int, int, float]]:
        for one in self._names:
            for two, weight in self.engine.edges[one].items():
                if one < two:
                    yield one, two, weight
