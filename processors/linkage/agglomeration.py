"""Compiled clustering of one small working component by average evidence.

The best pair of clusters is merged while its score exceeds the threshold. A cluster pair's score
takes, field by field, the mean likelihood ratio over all cross pairs that have the field, then
combines the fields as for a single pair: one lucky pair cannot pull two persons together. Kept
apart whatever the score: what a person ruled different, two persons of one incident, clusters
whose known dates of birth or given names contradict each other everywhere, and clusters between
which nothing but names agrees. Rows must come in canonical order: ties go to the earlier one.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.encoding import layout

from . import levels as at
from .compiling import compiled, lean
from .kernels import GIVEN, Row, compare, whole_date
from .namesakes import Labels, Rows, fits_two
from .weighing import (
    ADDRESS,
    Floats,
    Tables,
    combined,
    dates_differ,
    givens_differ,
    odds,
    thin,
    weigh,
)

_NEVER: Final = -1e18
_AMBIGUOUS: Final = 2.1972245773362196  # ln 9: one of two persons must be nine times likelier
_FLAGS: Final = layout.FIELDS["flags"][0]
_EMPTY: Final = -1e17  # no cluster to score against
_NEARLY: Final = 1.0 - 1e-9  # so that rounding never stands in for a comparison
Flags = NDArray[np.bool_]


class Sums(NamedTuple):
    """Sums over the cross pairs of every two clusters, by the clusters' first rows, earlier first.

    Clusters that have become part of another keep what they had.
    """

    levels: NDArray[np.int8]
    """Levels of every pair of rows, whichever comes first."""
    ratios: Floats
    """Likelihood ratios of one person, by field."""
    shared: Floats
    """Likelihood ratios of one household, by field."""
    counts: Floats
    """Pairs that have the field."""
    clash: Labels
    """Pairs whose known dates of birth contradict each other."""
    fit: Labels
    """Pairs whose known dates of birth do not."""
    unlike: Labels
    """Pairs whose given names differ plainly."""
    like: Labels
    """Pairs whose given names do not, as far as that is known; the others are neither."""
    firm: Labels
    """Pairs of which enough agrees."""
    apart: Flags
    """Clusters that must not meet."""


@lean
def _given_known(a: Row, b: Row, found: NDArray[np.int8]) -> bool:
    """Whether two given names were compared in a way that tells brothers and sisters apart.

    An initial would fit both of two twins, and a lone name may be the family's. Names that stand
    the other way round were compared with each other.
    """
    flags = a[_FLAGS] | b[_FLAGS]
    if found[at.GIVEN] < 0:
        swapped = found[at.FAMILY] == at.FAMILY_SWAPPED and a[GIVEN] != 0 and b[GIVEN] != 0
        return bool(swapped and flags & layout.SINGLE_LETTER == 0)
    return bool(found[at.GIVEN] != at.GIVEN_INITIAL and flags & layout.LONE == 0)


@lean
def _pair(rows: Rows, i: int, j: int, tables: Tables, sums: Sums) -> None:
    """What an earlier and a later row say of each other."""
    found = sums.levels[i, j]
    compare(rows[i], rows[j], found)
    for field in range(at.COUNT):
        sums.levels[j, i, field] = found[field]
        if found[field] >= 0:
            person, common = odds(rows[i], rows[j], found, field, tables)
            sums.ratios[i, j, field] = person
            sums.shared[i, j, field] = common
            sums.counts[i, j, field] = 1.0
    if tables.families and givens_differ(found):
        sums.unlike[i, j] = 1
    elif _given_known(rows[i], rows[j], found):
        sums.like[i, j] = 1
    if tables.families and dates_differ(found):
        sums.clash[i, j] = 1
    elif 0 <= found[at.BIRTH] <= at.BIRTH_DIFFERENT:
        sums.fit[i, j] = 1
    if not thin(found, tables):
        sums.firm[i, j] = 1


@lean
def _score(ratios: Floats, shared: Floats, counts: Floats, rest: Floats, least: float) -> float:
    """Score of two clusters from their sums over cross pairs, one number for each field.

    `_NEVER` if the person's likelihood ratio alone, which the household can only lessen, is below
    `least`. Products stay far from what a number can hold: parameters keep nine digits.
    """
    person, address, common, placed = 1.0, 1.0, 1.0, False
    for field in range(at.COUNT):
        if counts[field] > 0.0:
            ours = ratios[field] / counts[field]
            common *= shared[field] / counts[field]
            if ADDRESS[field]:
                address *= ours
                placed = True
            else:
                person *= ours
    if person * max(address, 1.0) < least:
        return _NEVER
    moving = np.log(address) if placed else np.nan
    return combined(rest[0] + np.log(person), moving, rest[1] + np.log(common), rest)


@lean
def _merge(i: int, j: int, alive: Flags, sums: Sums) -> None:
    """Add the sums of cluster j to those of cluster i, towards every other cluster."""
    for k in range(len(alive)):
        if not alive[k] or k in (i, j):
            continue
        a, b, c, d = min(i, k), max(i, k), min(j, k), max(j, k)
        for field in range(at.COUNT):
            sums.ratios[a, b, field] += sums.ratios[c, d, field]
            sums.shared[a, b, field] += sums.shared[c, d, field]
            sums.counts[a, b, field] += sums.counts[c, d, field]
        for count in (sums.clash, sums.fit, sums.unlike, sums.like, sums.firm):
            count[a, b] += count[c, d]
        sums.apart[a, b] = sums.apart[a, b] or sums.apart[c, d]


@lean
def _may_meet(i: int, k: int, sums: Sums) -> bool:
    if sums.apart[i, k] or sums.firm[i, k] == 0:
        return False
    if sums.unlike[i, k] > 0 and sums.like[i, k] == 0:
        return False
    return bool(sums.clash[i, k] == 0 or sums.fit[i, k] > 0)


@lean
def _rescore(
    i: int, start: int, alive: Flags, scores: Floats, tables: Tables, sums: Sums, least: float
) -> None:
    """Score a cluster against every other from place `start`, where they may be one at all."""
    for k in range(start, len(alive)):
        if alive[k] and k != i:
            a, b = min(i, k), max(i, k)
            scores[a, b] = _NEVER
            if _may_meet(a, b, sums):
                scores[a, b] = _score(
                    sums.ratios[a, b], sums.shared[a, b], sums.counts[a, b], tables.rest, least
                )


@lean
def _best_after(i: int, alive: Flags, scores: Floats) -> int:
    """The later cluster that fits a cluster best, the earliest of several; itself if none does."""
    best = i
    for j in range(i + 1, len(alive)):
        if alive[j] and scores[i, j] > (_NEVER if best == i else scores[i, best]):
            best = j
    return best


@lean
def _best(alive: Flags, scores: Floats, partners: Labels) -> int:
    """The earlier cluster of the best pair, the earliest of several; -1 if there is none."""
    first, highest = -1, _NEVER
    for i in range(len(alive)):
        if alive[i] and partners[i] != i and scores[i, partners[i]] > highest:
            first, highest = i, scores[i, partners[i]]
    return first


@lean
def _after_merging(i: int, j: int, alive: Flags, scores: Floats, partners: Labels) -> None:
    """Bring everybody's best partner up to date when cluster j has become part of cluster i."""
    for k in range(j):
        if not alive[k]:
            continue
        if k == i or partners[k] in (i, j):
            partners[k] = _best_after(k, alive, scores)
        elif k < i and scores[k, i] > _NEVER:
            so_far = _NEVER if partners[k] == k else scores[k, partners[k]]
            if scores[k, i] > so_far or (scores[k, i] == so_far and i < partners[k]):
                partners[k] = i


@compiled
def _towards(u: int, first: int, labels: Labels, rows: Rows, tables: Tables, sums: Sums) -> float:
    """Score of one row against the other rows of a cluster."""
    ratios, shared, counts = np.zeros(at.COUNT), np.zeros(at.COUNT), np.zeros(at.COUNT)
    for k in range(len(labels)):
        if k == u or labels[k] != first:
            continue
        found = sums.levels[u, k]
        for field in range(at.COUNT):
            if found[field] >= 0:
                person, common = odds(rows[u], rows[k], found, field, tables)
                ratios[field] += person
                shared[field] += common
                counts[field] += 1.0
    return _score(ratios, shared, counts, tables.rest, 0.0)


@lean
def _differ(one: int, two: int, sums: Sums) -> bool:
    """Whether two clusters are known to be of different dates of birth."""
    a, b = min(one, two), max(one, two)
    return bool(sums.clash[a, b] > 0 and sums.fit[a, b] == 0)


@lean
def _of_another_name(u: int, first: int, labels: Labels, rows: Rows, sums: Sums) -> bool:
    """Whether a row's given name differs plainly from those of a cluster."""
    differs = False
    for k in range(len(labels)):
        if labels[k] == first:
            found = sums.levels[u, k]
            if givens_differ(found):
                differs = True
            elif _given_known(rows[u], rows[k], found):
                return False
    return differs


@compiled
def _undecided(u: int, labels: Labels, rows: Rows, tables: Tables, sums: Sums) -> bool:
    """Whether an undated row fits another person almost as well, one of another date of birth."""
    own = labels[u]
    here = _EMPTY
    for other in range(len(labels)):
        if labels[other] != other or other == own or not _differ(own, other, sums):
            continue
        if tables.families and _of_another_name(u, other, labels, rows, sums):
            continue
        if here == _EMPTY:
            here = _towards(u, own, labels, rows, tables, sums)
        there = _towards(u, other, labels, rows, tables, sums)
        if there > 0.0 and here - there < _AMBIGUOUS:
            return True
    return False


@compiled
def relabelled(labels: Labels, undecided: Flags) -> Labels:
    """Labels after the undecided rows have become clusters of their own."""
    result = np.arange(len(labels))
    for u in range(len(labels)):
        if not undecided[u]:
            for v in range(u):
                if labels[v] == labels[u] and not undecided[v]:
                    result[u] = v
                    break
    return result


@lean
def alone(values: Labels, u: int) -> bool:
    """Whether no other place holds the value of place `u`."""
    count = 0
    for value in values:
        count += value == values[u]
    return count == 1


@compiled
def _decided(labels: Labels, rows: Rows, group: Labels, tables: Tables, sums: Sums) -> Labels:
    undecided = np.zeros(len(labels), np.bool_)
    for u in range(len(labels)):
        if whole_date(rows[u]) or alone(labels, u) or not alone(group, u):
            continue
        undecided[u] = fits_two(
            u, labels, rows, tables, sums.levels, sums.clash, sums.fit
        ) or _undecided(u, labels, rows, tables, sums)
    return relabelled(labels, undecided)


@compiled
def _summed(rows: Rows, apart: Flags, tables: Tables) -> Sums:
    n = len(rows)
    sums = Sums(
        np.empty((n, n, at.COUNT), np.int8),
        np.zeros((n, n, at.COUNT)),
        np.zeros((n, n, at.COUNT)),
        np.zeros((n, n, at.COUNT)),
        np.zeros((n, n), np.int64),
        np.zeros((n, n), np.int64),
        np.zeros((n, n), np.int64),
        np.zeros((n, n), np.int64),
        np.zeros((n, n), np.int64),
        apart.copy(),
    )
    for i in range(n):
        for j in range(i + 1, n):
            _pair(rows, i, j, tables, sums)
    return sums


@compiled
def agglomerate(rows: Rows, apart: Flags, group: Labels, tables: Tables) -> Labels:
    """Cluster rows (in canonical order): the label of each is its cluster's first row.

    `apart` marks pairs that must not meet, `group` gives each row the first row of the group that
    a person ruled to be one (itself if none).
    """
    n = len(rows)
    scores, alive, labels = np.full((n, n), _NEVER), np.ones(n, np.bool_), np.arange(n)
    sums, partners = _summed(rows, apart, tables), np.arange(n)
    least = np.exp(tables.threshold - tables.rest[0]) * _NEARLY
    for i in range(n):
        if group[i] != i:
            _merge(group[i], i, alive, sums)
            alive[i], labels[i] = False, group[i]
    for i in range(n):
        if alive[i]:
            _rescore(i, i, alive, scores, tables, sums, least)
            partners[i] = _best_after(i, alive, scores)
    i = _best(alive, scores, partners)
    while i >= 0 and scores[i, partners[i]] > tables.threshold:
        j = partners[i]
        _merge(i, j, alive, sums)
        alive[j] = False
        labels[labels == j] = i
        _rescore(i, 0, alive, scores, tables, sums, least)
        _after_merging(i, j, alive, scores, partners)
        i = _best(alive, scores, partners)
    return _decided(labels, rows, group, tables, sums)


@compiled
def score_pairs(rows: Rows, tables: Tables) -> Floats:
    """Log-odds of every pair of a few rows, as a symmetric table."""
    n = len(rows)
    scores = np.full((n, n), _NEVER)
    found = np.empty(at.COUNT, np.int8)
    for i in range(n):
        for j in range(i + 1, n):
            score = weigh(rows[i], rows[j], found, tables)
            scores[i, j] = score
            scores[j, i] = score
    return scores
