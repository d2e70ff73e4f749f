"""Clustering by average evidence in plain Python: what the compiled `agglomerate` must say.

Sums are added in the same order as there, so that equal scores are equal here too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np

from processors.linkage import levels as at
from processors.linkage import weighing
from schemas.encoding import layout

_AMBIGUOUS: Final = math.log(9.0)
_FLAGS: Final = layout.FIELDS["flags"][0]
_INITIALS: Final = layout.FIELDS["initials"][0]
_GIVEN: Final = layout.FIELDS["given"][0]
Compare = Callable[[int, int], tuple[int, ...]]


def _namesakes(found: Any) -> bool:
    known = found[at.GIVEN] != at.NULL or found[at.FAMILY] != at.NULL
    alike = found[at.GIVEN] <= at.GIVEN_SIMILAR and found[at.FAMILY] <= at.FAMILY_SIMILAR
    if found[at.SEX] == 1 and found[at.GIVEN] > at.GIVEN_SAME:
        return False
    return bool(known and (alike or found[at.FAMILY] == at.FAMILY_LONE))


def _one_home(found: Any) -> bool:
    return bool(
        0 <= found[at.POSTCODE] <= 1
        or 0 <= found[at.STREET] <= at.STREET_CLOSE
        or 0 <= found[at.EMAIL] <= at.EMAIL_CLOSE
        or 0 in (found[at.LANDLINE], found[at.HOUSEHOLD], found[at.MOBILE])
    )


@dataclass
class Between:
    """What two clusters say of each other."""

    ratios: list[float]
    shared: list[float]
    counts: list[float]
    clash: int
    fit: int
    unlike: int
    like: int
    firm: int
    apart: bool

    def add(self, other: Between) -> None:
        """Take in what one more cluster of the same person says."""
        for mine, theirs in (
            (self.ratios, other.ratios),
            (self.shared, other.shared),
            (self.counts, other.counts),
        ):
            mine[:] = [one + two for one, two in zip(mine, theirs, strict=True)]
        self.clash += other.clash
        self.fit += other.fit
        self.unlike += other.unlike
        self.like += other.like
        self.firm += other.firm
        self.apart = self.apart or other.apart

    def may_meet(self) -> bool:
        """Whether the clusters may be one person at all."""
        if self.apart or not self.firm or (self.unlike and not self.like):
            return False
        return not self.clash or self.fit > 0

    def differ(self) -> bool:
        """Whether they are known to be of different dates of birth."""
        return self.clash > 0 and self.fit == 0

    def score(self, rest: Any) -> float:
        """Log-odds of one person."""
        person = address = common = 1.0
        placed = False
        for field in range(at.COUNT):
            if self.counts[field]:
                ours = self.ratios[field] / self.counts[field]
                common *= self.shared[field] / self.counts[field]
                if field in at.ADDRESS:
                    address, placed = address * ours, True
                else:
                    person *= ours
        moving = math.log(address) if placed else math.nan
        return weighing.combined(
            rest[0] + math.log(person), moving, rest[1] + math.log(common), rest
        )


class Plain:
    """The rows of one component in canonical order."""

    def __init__(self, rows: Any, apart: Any, tables: weighing.Tables, compare: Compare) -> None:
        self._rows, self._tables, self._compare = rows, tables, compare
        self._between = {
            (i, j): self._pair(i, j, bool(apart[i, j]))
            for i, j in combinations(range(len(rows)), 2)
        }

    def _levels(self, i: int, j: int) -> Any:
        return np.array(self._compare(i, j), np.int8)

    def _pair(self, i: int, j: int, apart: bool) -> Between:  # noqa: FBT001
        found, families = self._levels(i, j), self._tables.families
        ratios, shared, counts = ([0.0] * at.COUNT for _ in range(3))
        for field in range(at.COUNT):
            if found[field] >= 0:
                ratios[field], shared[field] = weighing.odds(
                    self._rows[i], self._rows[j], found, field, self._tables
                )
                counts[field] = 1.0
        unlike = families and weighing.givens_differ(found)
        clash = families and weighing.dates_differ(found)
        return Between(
            ratios,
            shared,
            counts,
            clash=clash,
            fit=not clash and 0 <= found[at.BIRTH] <= at.BIRTH_DIFFERENT,
            unlike=unlike,
            like=not unlike and self._given_known(i, j),
            firm=not weighing.thin(found, self._tables),
            apart=apart,
        )

    def _given_known(self, i: int, j: int) -> bool:
        first, second, found = self._rows[i], self._rows[j], self._levels(i, j)
        flags = first[_FLAGS] | second[_FLAGS]
        if found[at.GIVEN] == at.NULL:
            letter = flags & layout.SINGLE_LETTER or not (first[_GIVEN] and second[_GIVEN])
            return not letter and found[at.FAMILY] == at.FAMILY_SWAPPED
        return not flags & layout.LONE and found[at.GIVEN] != at.GIVEN_INITIAL

    def _of(self, i: int, j: int) -> Between:
        return self._between[min(i, j), max(i, j)]

    def _merge(self, i: int, j: int, firsts: list[int]) -> None:
        firsts.remove(j)
        for k in firsts:
            if k != i:
                self._of(i, k).add(self._of(j, k))

    def labels(self, group: Sequence[int]) -> list[int]:
        """The first row of each row's cluster."""
        firsts, labels = list(range(len(self._rows))), list(range(len(self._rows)))
        for i, first in enumerate(group):
            if first != i:
                labels[i] = first
                self._merge(first, i, firsts)
        while True:
            meeting = [each for each in combinations(firsts, 2) if self._of(*each).may_meet()]
            scores = {each: self._of(*each).score(self._tables.rest) for each in meeting}
            best = max(scores, key=scores.__getitem__, default=None)
            if best is None or scores[best] <= self._tables.threshold:
                return self._decided(labels, group)
            self._merge(*best, firsts)
            labels = [best[0] if label == best[1] else label for label in labels]

    def _decided(self, labels: list[int], group: Sequence[int]) -> list[int]:
        """Leave alone the undated rows of which a person must say whose they are."""
        undecided = {
            u
            for u in range(len(labels))
            if list(group).count(group[u]) == 1
            and labels.count(labels[u]) > 1
            and self._levels(u, u)[at.BIRTH] != at.BIRTH_SAME
            and (self._fits_two(u, labels) or self._nearly(u, labels))
        }
        kept: dict[int, int] = {}
        return [
            u if u in undecided else kept.setdefault(label, u) for u, label in enumerate(labels)
        ]

    def _fits_two(self, u: int, labels: list[int]) -> bool:
        fits = {labels[u]: 2}
        for k, label in enumerate(labels):
            found = self._levels(u, k)
            if k != u and found[at.IDENTIFIER] == 0:
                return False
            if label == labels[u]:
                continue
            if weighing.dates_differ(found) or found[at.BIRTH] == at.BIRTH_PART_DIFFERS:
                fits[label] = -1
            elif fits.get(label, 0) >= 0 and self._bears(u, k, labels):
                fits[label] = max(fits.get(label, 0), 2 if self._likely(u, k) else 1)
        return any(
            min(fits[one], fits[two]) > 0
            and max(fits[one], fits[two]) > 1
            and self._of(one, two).differ()
            and (min(fits[one], fits[two]) > 1 or not self._strangers(u, one, two, labels))
            for one, two in combinations(fits, 2)
        )

    def _bears(self, u: int, k: int, labels: list[int]) -> bool:
        found = self._levels(u, k)
        if found[at.GIVEN] != at.NULL or found[at.FAMILY] != at.NULL:
            return (_namesakes(found) and self._in_full(u, k)) or self._shortened(u, k)
        own = (v for v, label in enumerate(labels) if v != u and label == labels[u])
        return any(_namesakes(self._levels(v, k)) for v in own)

    def _in_full(self, u: int, k: int) -> bool:
        found = self._levels(u, k)
        told = found[at.GIVEN] != at.NULL or found[at.FAMILY] == at.FAMILY_SWAPPED
        return told or not self._rows[u][_GIVEN] or bool(self._rows[u][_FLAGS] & layout.LONE)

    def _shortened(self, u: int, k: int) -> bool:
        found, begin = self._levels(u, k), self._rows[u][_INITIALS] ^ self._rows[k][_INITIALS]
        faint = found[at.GIVEN] == at.GIVEN_FAINT and begin & 255 == 0
        if self._rows[u][_FLAGS] & self._rows[k][_FLAGS] & layout.LISTED_GIVEN:
            return False
        return bool(faint and 0 <= found[at.FAMILY] <= at.FAMILY_CLOSE and _one_home(found))

    def _likely(self, u: int, k: int) -> bool:
        found = self._levels(u, k)
        score = weighing.weigh(self._rows[u], self._rows[k], found, self._tables)
        return score > 0.0 and not weighing.thin(found, self._tables)

    def _strangers(self, u: int, one: int, two: int, labels: list[int]) -> bool:
        pairs = [
            self._levels(i, j)
            for i, first in enumerate(labels)
            for j, second in enumerate(labels)
            if (first, second) == (one, two)
        ]
        homes = (at.POSTCODE, at.STREET, at.LANDLINE, at.HOUSEHOLD)
        compared = any(found[field] >= 0 for found in pairs for field in homes)
        mine = (
            self._levels(u, i) for i, label in enumerate(labels) if i != u and label in {one, two}
        )
        own = any(found[at.MOBILE] == 0 or 0 <= found[at.EMAIL] <= at.EMAIL_CLOSE for found in mine)
        return (compared or own) and not any(map(_one_home, pairs))

    def _nearly(self, u: int, labels: list[int]) -> bool:
        others = [each for each in sorted(set(labels)) if each != labels[u]]
        rivals = [
            each
            for each in others
            if self._of(labels[u], each).differ() and not self._of_another_name(u, each, labels)
        ]
        if not rivals:
            return False
        here = self._towards(u, labels[u], labels)
        return any(
            there > 0.0 and here - there < _AMBIGUOUS
            for there in (self._towards(u, each, labels) for each in rivals)
        )

    def _of_another_name(self, u: int, first: int, labels: list[int]) -> bool:
        pairs = [self._pair(u, k, apart=False) for k, each in enumerate(labels) if each == first]
        return any(each.unlike for each in pairs) and not any(each.like for each in pairs)

    def _towards(self, u: int, first: int, labels: list[int]) -> float:
        members = [k for k, label in enumerate(labels) if label == first and k != u]
        total = self._pair(u, members[0], apart=False)
        for k in members[1:]:
            total.add(self._pair(u, k, apart=False))
        return total.score(self._tables.rest)
