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
from .kernels import Row, compare
from .namesakes import Labels, Rows, dated, fits_two
from .weighing import (
    ADDRESS,
    Floats,
    Tables,
    combined,
    dates_differ,
    givens_differ,
    thin,
    weigh,
    worth,
)

_NEVER: Final = -1e18
_AMBIGUOUS: Final = 2.1972245773362196  # ln 9: one of two persons must be nine times likelier
_FLAGS: Final = layout.FIELDS["flags"][0]
_EMPTY: Final = -1e17  # no cluster to score against
Flags = NDArray[np.bool_]


class Sums(NamedTuple):
    """Sums over the cross pairs of every two clusters, by the clusters' first rows."""

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

    An initial would fit both of two twins, and a lone name may be the family's.
    """
    if found[at.GIVEN] < 0 or found[at.GIVEN] == at.GIVEN_INITIAL:
        return False
    return bool((a[_FLAGS] | b[_FLAGS]) & layout.LONE == 0)


@lean
def _pair(rows: Rows, found: NDArray[np.int8], i: int, j: int, tables: Tables, sums: Sums) -> None:
    for field in range(at.COUNT):
        level = found[field]
        if level >= 0:
            person, common = worth(rows[i], rows[j], found, field, tables)
            sums.ratios[i, j, field] = np.exp(person)
            sums.shared[i, j, field] = np.exp(common)
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
def _score(ratios: Floats, shared: Floats, counts: Floats, rest: Floats) -> float:
    """Score of two clusters from their sums over cross pairs, one number for each field."""
    score, address, common = rest[0], np.nan, rest[1]
    for field in range(at.COUNT):
        if counts[field] > 0.0:
            ours = np.log(ratios[field] / counts[field])
            common += np.log(shared[field] / counts[field])
            if not ADDRESS[field]:
                score += ours
            elif np.isnan(address):
                address = ours
            else:
                address += ours
    return combined(score, address, common, rest)


@lean
def _merge(i: int, j: int, sums: Sums) -> None:
    """Add the sums of cluster j to those of cluster i."""
    for k in range(len(sums.counts)):
        for field in range(at.COUNT):
            for table in (sums.ratios, sums.shared, sums.counts):
                table[i, k, field] += table[j, k, field]
                table[k, i, field] = table[i, k, field]
        for count in (sums.clash, sums.fit, sums.unlike, sums.like, sums.firm):
            count[i, k] += count[j, k]
            count[k, i] = count[i, k]
        sums.apart[i, k] = sums.apart[i, k] or sums.apart[j, k]
        sums.apart[k, i] = sums.apart[i, k]


@lean
def _may_meet(i: int, k: int, sums: Sums) -> bool:
    if sums.apart[i, k] or sums.firm[i, k] == 0:
        return False
    if sums.unlike[i, k] > 0 and sums.like[i, k] == 0:
        return False
    return bool(sums.clash[i, k] == 0 or sums.fit[i, k] > 0)


@lean
def _rescore(i: int, alive: Flags, scores: Floats, tables: Tables, sums: Sums) -> None:
    for k in range(len(alive)):
        if k != i and alive[k]:
            score = _NEVER
            if _may_meet(i, k, sums):
                score = _score(sums.ratios[i, k], sums.shared[i, k], sums.counts[i, k], tables.rest)
            scores[i, k] = score
            scores[k, i] = score


@lean
def _best(alive: Flags, scores: Floats) -> tuple[int, int]:
    first, second = 0, 0
    highest = _NEVER
    for i in range(len(alive)):
        if alive[i]:
            for j in range(i + 1, len(alive)):
                if alive[j] and scores[i, j] > highest:
                    first, second, highest = i, j, scores[i, j]
    return first, second


@compiled
def _towards(u: int, members: Labels, rows: Rows, tables: Tables) -> float:
    """Score of one row against the other rows of a cluster."""
    ratios, shared, counts = np.zeros(at.COUNT), np.zeros(at.COUNT), np.zeros(at.COUNT)
    found = np.empty(at.COUNT, np.int8)
    for k in members:
        if k != u:
            compare(rows[u], rows[k], found)
            for field in range(at.COUNT):
                level = found[field]
                if level >= 0:
                    person, common = worth(rows[u], rows[k], found, field, tables)
                    ratios[field] += np.exp(person)
                    shared[field] += np.exp(common)
                    counts[field] += 1.0
    return _score(ratios, shared, counts, tables.rest)


@compiled
def _undecided(u: int, labels: Labels, rows: Rows, tables: Tables, sums: Sums) -> bool:
    """Whether an undated row fits another person almost as well, one of another date of birth."""
    own = labels[u]
    here = _EMPTY
    for other in range(len(labels)):
        if labels[other] != other or other == own:
            continue
        if sums.clash[own, other] == 0 or sums.fit[own, other] > 0:
            continue
        if here == _EMPTY:
            here = _towards(u, np.flatnonzero(labels == own), rows, tables)
        there = _towards(u, np.flatnonzero(labels == other), rows, tables)
        if there > 0.0 and here - there < _AMBIGUOUS:
            return True
    return False


@compiled
def _relabelled(labels: Labels, undecided: Flags) -> Labels:
    """Labels after the undecided rows have become clusters of their own."""
    result = np.arange(len(labels))
    for u in range(len(labels)):
        if not undecided[u]:
            for v in range(u):
                if labels[v] == labels[u] and not undecided[v]:
                    result[u] = v
                    break
    return result


@compiled
def _decided(labels: Labels, rows: Rows, group: Labels, tables: Tables, sums: Sums) -> Labels:
    undecided = np.zeros(len(labels), np.bool_)
    for u in range(len(labels)):
        bound = np.sum(group == group[u]) > 1
        if bound or np.sum(labels == labels[u]) == 1 or dated(rows[u]):
            continue
        undecided[u] = fits_two(u, labels, rows, tables, sums.clash, sums.fit) or _undecided(
            u, labels, rows, tables, sums
        )
    return _relabelled(labels, undecided)


@compiled
def _summed(rows: Rows, apart: Flags, tables: Tables) -> Sums:
    n = len(rows)
    found = np.empty(at.COUNT, np.int8)
    sums = Sums(
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
            compare(rows[i], rows[j], found)
            _pair(rows, found, i, j, tables, sums)
            _pair(rows, found, j, i, tables, sums)
    return sums


@compiled
def agglomerate(rows: Rows, apart: Flags, group: Labels, tables: Tables) -> Labels:
    """Cluster rows (in canonical order): the label of each is its cluster's first row.

    `apart` marks pairs that must not meet, `group` gives each row the first row of the group that
    a person ruled to be one (itself if none).
    """
    n = len(rows)
    scores, alive, labels = np.full((n, n), _NEVER), np.ones(n, np.bool_), np.arange(n)
    sums = _summed(rows, apart, tables)
    for i in range(n):
        if group[i] != i:
            _merge(group[i], i, sums)
            alive[i], labels[i] = False, group[i]
    for i in range(n):
        if alive[i]:
            _rescore(i, alive, scores, tables, sums)
    while True:
        i, j = _best(alive, scores)
        if i == j or scores[i, j] <= tables.threshold:
            break
        _merge(i, j, sums)
        alive[j] = False
        labels[labels == j] = i
        _rescore(i, alive, scores, tables, sums)
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
