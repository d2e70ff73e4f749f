"""Splits one working component into persons, under what people have ruled.

Small components go through average evidence (agglomeration.py). A component that no level of the
ladder makes small enough is joined along its strongest edges instead and flagged for a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .graph import LARGEST, Graph
from .index import Index
from .parameters import LINK
from .scoring import Scorer

Pair = tuple[int, int]


@dataclass(slots=True)
class Ruled:
    """What holds between the slots of one component, whatever the scores say."""

    same: set[Pair] = field(default_factory=set)
    """Ruled to be one person."""
    different: set[Pair] = field(default_factory=set)
    """Ruled to be two persons."""
    distinct: set[Pair] = field(default_factory=set)
    """Two persons of one incident."""


class _Groups:
    """Slots that have been brought together; refuses to join what must stay apart."""

    def __init__(self, slots: Sequence[int], apart: Iterable[Pair]) -> None:
        self.first = {slot: slot for slot in slots}
        self._members = {slot: [slot] for slot in slots}
        self._apart: dict[int, set[int]] = {slot: set() for slot in slots}
        for a, b in apart:
            self._apart[a].add(b)
            self._apart[b].add(a)

    def join(self, a: int, b: int) -> bool:
        """Join the groups of two slots; False if something keeps them apart."""
        one, two = self.first[a], self.first[b]
        if one == two:
            return True
        if any(not self._apart[slot].isdisjoint(self._members[two]) for slot in self._members[one]):
            return False
        for slot in self._members[two]:
            self.first[slot] = one
        self._members[one].extend(self._members.pop(two))
        return True


def _in_order(pairs: Iterable[Pair], rank: Mapping[int, int]) -> list[Pair]:
    ordered = [tuple(sorted(pair, key=rank.__getitem__)) for pair in pairs]
    return sorted(((a, b) for a, b in ordered), key=lambda pair: (rank[pair[0]], rank[pair[1]]))


def split(
    slots: Sequence[int], ruled: Ruled, index: Index, graph: Graph, scorer: Scorer
) -> list[tuple[int, ...]]:
    """The clusters of a component whose slots come in canonical order."""
    if len(slots) == 1:
        return [tuple(slots)]
    rank = {slot: at for at, slot in enumerate(slots)}
    groups = _Groups(slots, ruled.different)
    for a, b in _in_order(ruled.same, rank):
        groups.join(a, b)
    first = (
        {
            slot: min(
                (other for other in slots if groups.first[other] == groups.first[slot]),
                key=rank.__getitem__,
            )
            for slot in slots
        }
        if ruled.same
        else {slot: slot for slot in slots}
    )
    if len(slots) > LARGEST:
        return _along_edges(slots, rank, ruled, first, graph)
    apart = np.zeros((len(slots), len(slots)), np.bool_)
    for a, b in ruled.different | ruled.distinct:
        apart[rank[a], rank[b]] = apart[rank[b], rank[a]] = True
    group = np.array([rank[first[slot]] for slot in slots], np.int64)
    labels = scorer.cluster(index.rows[list(slots)], apart, group)
    doubted = {
        at
        for at in range(len(slots))
        if _fits_outside(at, slots, labels, group.tolist(), index, graph, scorer)
    }
    labels = [len(slots) + at if at in doubted else label for at, label in enumerate(labels)]
    return _by_label(slots, labels)


def _fits_outside(
    at: int,
    slots: Sequence[int],
    labels: Sequence[int],
    group: Sequence[int],
    index: Index,
    graph: Graph,
    scorer: Scorer,
) -> bool:
    """Whether an undated slot has an edge to another person of its name outside the component."""
    from .kernels import whole_date  # noqa: PLC0415 - numba costs a second to import
    from .namesakes import fits_elsewhere  # noqa: PLC0415 - as above

    rows, others = index.rows[list(slots)], graph.edges[slots[at]].keys() - set(slots)
    if whole_date(rows[at]) or labels.count(labels[at]) == 1 or group.count(group[at]) > 1:
        return False
    room, told = np.zeros(64, np.int8), np.array(labels, np.int64)
    return any(
        whole_date(index.rows[other])
        and fits_elsewhere(at, index.rows[other], room, told, rows, scorer.tables)
        for other in others
    )


def _by_label(slots: Sequence[int], labels: Sequence[int]) -> list[tuple[int, ...]]:
    clusters: dict[int, list[int]] = {}
    for slot, label in zip(slots, labels, strict=True):
        clusters.setdefault(label, []).append(slot)
    return [tuple(members) for members in clusters.values()]


def _along_edges(
    slots: Sequence[int],
    rank: Mapping[int, int],
    ruled: Ruled,
    first: Mapping[int, int],
    graph: Graph,
) -> list[tuple[int, ...]]:
    """Join along edges from the strongest to the weakest that still links."""
    groups = _Groups(slots, ruled.different | (ruled.distinct - ruled.same))
    for slot in slots:
        groups.join(first[slot], slot)
    edges = [
        (-weight, rank[a], rank[b])
        for a in slots
        for b, weight in graph.edges[a].items()
        if weight > LINK and rank.get(b, -1) > rank[a]
    ]
    for _, a, b in sorted(edges):
        groups.join(slots[a], slots[b])
    return _by_label(slots, [groups.first[slot] for slot in slots])
