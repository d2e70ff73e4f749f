"""Comparable pairs with their log-odds, and the small working components they fall into.

Edges are cut at rising levels until a component has at most 48 rows; a row's working component is
the one at its lowest such level. Which rows work together is thus a function of the edges alone,
and a change touches only components beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

LADDER: Final = (0.0, 2.0, 4.0, 6.0, 9.0, 13.0)
"""Log-odds above which an edge counts, from the loosest level to the strictest."""
LARGEST: Final = 48
"""Rows in a working component at most."""
RULED: Final = 1e6
"""Weight of an edge that a person ruled to hold."""


class Graph:
    """Edges between slots and the working component of each."""

    def __init__(self) -> None:
        self.edges: dict[int, dict[int, float]] = {}
        self._component: dict[int, tuple[int, ...]] = {}

    def add(self, slot: int) -> None:
        """Take in a slot without edges."""
        self.edges[slot] = {}
        self._component[slot] = (slot,)

    def connect(self, first: int, second: int, weight: float) -> None:
        """Set the edge of two slots."""
        self.edges[first][second] = weight
        self.edges[second][first] = weight

    def disconnect(self, first: int, second: int) -> bool:
        """Remove the edge of two slots; whether there was one."""
        self.edges[second].pop(first, None)
        return self.edges[first].pop(second, None) is not None

    def remove(self, slot: int) -> list[int]:
        """Let a slot go; its former neighbours."""
        neighbours = list(self.edges.pop(slot))
        for other in neighbours:
            del self.edges[other][slot]
        return neighbours

    def forget(self, slot: int) -> None:
        """Drop the working component of a removed slot, after `rework`."""
        self._component.pop(slot, None)

    def component(self, slot: int) -> tuple[int, ...]:
        """The working component, as of the last `rework`; more than 48 slots if irreducible."""
        return self._component[slot]

    def rework(self, seeds: Iterable[int], gone: Iterable[int] = ()) -> list[tuple[int, ...]]:
        """Find the working components anew around slots whose edges changed; those found.

        Everything in a former component of a seed or of a removed slot is found anew, and so is
        whatever now works together with it.
        """
        dirty: set[int] = set()
        for slot in (*seeds, *gone):
            dirty.update(self._component.get(slot, (slot,)))
        found: list[tuple[int, ...]] = []
        done: set[int] = set()
        for slot in sorted(dirty):
            if slot in self.edges and slot not in done:
                members = self._working(slot)
                done.update(members)
                found.append(members)
        for members in found:
            for member in members:
                self._component[member] = members
        return found

    def _working(self, slot: int) -> tuple[int, ...]:
        for level in LADDER:
            members = self._reach(slot, level, LARGEST)
            if members is not None:
                return tuple(sorted(members))
        members = self._reach(slot, LADDER[-1], None)
        assert members is not None
        return tuple(sorted(members))

    def _reach(self, slot: int, level: float, limit: int | None) -> set[int] | None:
        """Slots connected by edges above a level, or None when more than `limit`."""
        seen = {slot}
        stack = [slot]
        while stack:
            for other, weight in self.edges[stack.pop()].items():
                if weight > level and other not in seen:
                    seen.add(other)
                    if limit is not None and len(seen) > limit:
                        return None
                    stack.append(other)
        return seen
