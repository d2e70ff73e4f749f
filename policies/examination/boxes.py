"""Sets of points as boxes: for each dimension the values allowed, as bits of a number.

A clause is a handful of boxes, so two versions of an agreement can be compared cell by cell without
visiting a cell: what one allows and the other does not is again a handful of boxes.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

Box = tuple[int, ...]


def intersection(one: Box, other: Box) -> Box | None:
    """Give what two boxes share; None if that is nothing."""
    both = tuple(a & b for a, b in zip(one, other, strict=True))
    return both if all(both) else None


def minus(box: Box, other: Box) -> list[Box]:
    """Give a box without another, as boxes that do not overlap."""
    if intersection(box, other) is None:
        return [box]
    pieces: list[Box] = []
    shared: list[int] = []
    for place, (mine, theirs) in enumerate(zip(box, other, strict=True)):
        rest = mine & ~theirs
        if rest:
            pieces.append((*shared, rest, *box[place + 1 :]))
        shared.append(mine & theirs)
    return pieces


def minus_all(boxes: Iterable[Box], others: Iterable[Box]) -> list[Box]:
    """Give boxes without any of the others; what does not overlap stays so."""
    left = list(boxes)
    for other in others:
        if not left:
            break
        left = [piece for box in left for piece in minus(box, other)]
    return left


def apart(boxes: Iterable[Box]) -> list[Box]:
    """Give the same points as boxes that do not overlap."""
    found: list[Box] = []
    for box in boxes:
        found += minus_all([box], found)
    return found


def merged(boxes: Iterable[Box]) -> list[Box]:
    """Give the same points in fewer boxes: those that differ in one dimension alone become one."""
    found = apart(boxes)
    dimensions = len(found[0]) if found else 0
    before = -1
    while before != len(found):
        before = len(found)
        for place in range(dimensions):
            joined: dict[tuple[Box, Box], int] = {}
            for box in found:
                rest = (box[:place], box[place + 1 :])
                joined[rest] = joined.get(rest, 0) | box[place]
            found = [(*left, bits, *right) for (left, right), bits in joined.items()]
    return found


def size(box: Box) -> int:
    """Count the points of a box."""
    return prod(bits.bit_count() for bits in box)


def first(box: Box) -> Box:
    """Give one point of a box, always the same."""
    return tuple(bits & -bits for bits in box)
