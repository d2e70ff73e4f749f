"""Compiled clustering of one small working component by average evidence.

The best pair of clusters is merged while its score exceeds the threshold. A cluster pair's score
takes, field by field, the mean likelihood ratio over all cross pairs that have the field, then
combines the fields as for a single pair: one lucky pair cannot pull two persons together. Kept
apart whatever the score: what a person ruled different, two persons of one incident, clusters
whose known dates of birth contradict each other everywhere, and clusters between which nothing but
names agrees. Rows must come in canonical order:
ties go to the earlier one.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from . import levels as at
from .compiling import compiled
from .kernels import Floats, compare, contradicts, names_alone, weigh

_NEVER: Final = -1e18
_AMBIGUOUS: Final = 2.1972245773362196  # ln 9: one of two persons must be nine times likelier
Flags = NDArray[np.bool_]
Labels = NDArray[np.int64]


@compiled
def _pairs(rows, person, household, found, ratios, shared, counts, clash, fit, firm):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for i in range(len(rows)):
        for j in range(i + 1, len(rows)):
            compare(rows[i], rows[j], found)
            for field in range(at.COUNT):
                level = found[field]
                if level >= 0:
                    ratios[i, j, field] = ratios[j, i, field] = np.exp(person[field, level])
                    shared[i, j, field] = shared[j, i, field] = np.exp(household[field, level])
                    counts[i, j, field] = counts[j, i, field] = 1.0
            if contradicts(found):
                clash[i, j] = clash[j, i] = 1
            elif 0 <= found[at.BIRTH] <= at.BIRTH_DIFFERENT:
                fit[i, j] = fit[j, i] = 1
            if not names_alone(found):
                firm[i, j] = firm[j, i] = 1


@compiled
def _score(ratios: Floats, shared: Floats, counts: Floats, rest: Floats) -> float:
    """Score of two clusters from their sums over cross pairs, one number for each field."""
    score, common = rest[0], rest[1]
    for field in range(at.COUNT):
        if counts[field] > 0.0:
            score += np.log(ratios[field] / counts[field])
            common += np.log(shared[field] / counts[field])
    if common > 0.0:
        return score - common - np.log1p(np.exp(-common))
    return score - np.log1p(np.exp(common))


@compiled
def _merge(i, j, ratios, shared, counts, clash, fit, firm, apart):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Add the sums of cluster j to those of cluster i."""
    for k in range(len(counts)):
        for field in range(at.COUNT):
            ratios[i, k, field] += ratios[j, k, field]
            shared[i, k, field] += shared[j, k, field]
            counts[i, k, field] += counts[j, k, field]
            ratios[k, i, field] = ratios[i, k, field]
            shared[k, i, field] = shared[i, k, field]
            counts[k, i, field] = counts[i, k, field]
        clash[i, k] += clash[j, k]
        fit[i, k] += fit[j, k]
        firm[i, k] += firm[j, k]
        apart[i, k] = apart[i, k] or apart[j, k]
        clash[k, i], fit[k, i], apart[k, i] = clash[i, k], fit[i, k], apart[i, k]
        firm[k, i] = firm[i, k]


@compiled
def _rescore(i, alive, scores, ratios, shared, counts, clash, fit, firm, apart, rest):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    for k in range(len(alive)):
        if k != i and alive[k]:
            score = _NEVER
            if firm[i, k] > 0 and not apart[i, k] and not (clash[i, k] > 0 and fit[i, k] == 0):
                score = _score(ratios[i, k], shared[i, k], counts[i, k], rest)
            scores[i, k] = scores[k, i] = score


@compiled
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
def _towards(u, members, rows, person, household, rest):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Score of one row against the other rows of a cluster, and how their dates clash."""
    ratios, shared, counts = np.zeros(at.COUNT), np.zeros(at.COUNT), np.zeros(at.COUNT)
    found = np.empty(at.COUNT, np.int8)
    for k in members:
        if k != u:
            compare(rows[u], rows[k], found)
            for field in range(at.COUNT):
                level = found[field]
                if level >= 0:
                    ratios[field] += np.exp(person[field, level])
                    shared[field] += np.exp(household[field, level])
                    counts[field] += 1.0
    return _score(ratios, shared, counts, rest)


@compiled
def _undecided(u, labels, clash, fit, rows, person, household, rest, threshold):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Whether an undated row fits another person almost as well, one of another date of birth."""
    own = labels[u]
    here = _NEVER
    for other in range(len(labels)):
        if labels[other] != other or other == own:
            continue
        if clash[own, other] == 0 or fit[own, other] > 0:
            continue
        if here == _NEVER:
            here = _towards(u, np.flatnonzero(labels == own), rows, person, household, rest)
        there = _towards(u, np.flatnonzero(labels == other), rows, person, household, rest)
        if there > 0.0 and here - there < _AMBIGUOUS:
            return True
    return False


@compiled
def _dated(u: int, rows: NDArray[np.uint32], found: NDArray[np.int8]) -> bool:
    compare(rows[u], rows[u], found)
    return found[at.BIRTH] == at.BIRTH_SAME


@compiled
def agglomerate(  # noqa: PLR0913, PLR0917 -- a kernel takes its tables one by one
    rows: NDArray[np.uint32],
    person: Floats,
    household: Floats,
    rest: Floats,
    apart: Flags,
    group: Labels,
    threshold: float,
) -> Labels:
    """Cluster rows (in canonical order): the label of each is its cluster's first row.

    `apart` marks pairs that must not meet, `group` gives each row the first row of the group that
    a person ruled to be one (itself if none).
    """
    n = len(rows)
    ratios, shared = np.zeros((n, n, at.COUNT)), np.zeros((n, n, at.COUNT))
    counts, scores = np.zeros((n, n, at.COUNT)), np.full((n, n), _NEVER)
    clash, fit = np.zeros((n, n), np.int64), np.zeros((n, n), np.int64)
    firm = np.zeros((n, n), np.int64)
    found, alive, labels = np.empty(at.COUNT, np.int8), np.ones(n, np.bool_), np.arange(n)
    apart = apart.copy()
    _pairs(rows, person, household, found, ratios, shared, counts, clash, fit, firm)
    for i in range(n):
        if group[i] != i:
            _merge(group[i], i, ratios, shared, counts, clash, fit, firm, apart)
            alive[i], labels[i] = False, group[i]
    for i in range(n):
        if alive[i]:
            _rescore(i, alive, scores, ratios, shared, counts, clash, fit, firm, apart, rest)
    while True:
        i, j = _best(alive, scores)
        if i == j or scores[i, j] <= threshold:
            break
        _merge(i, j, ratios, shared, counts, clash, fit, firm, apart)
        alive[j] = False
        labels[labels == j] = i
        _rescore(i, alive, scores, ratios, shared, counts, clash, fit, firm, apart, rest)
    return _without_undecided(
        labels, clash, fit, rows, person, household, rest, group, threshold, found
    )


@compiled
def _without_undecided(labels, clash, fit, rows, person, household, rest, group, threshold, found):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    decided = labels.copy()
    for u in range(len(labels)):
        bound = np.sum(group == group[u]) > 1
        if bound or np.sum(labels == labels[u]) == 1 or _dated(u, rows, found):
            continue
        if _undecided(u, labels, clash, fit, rows, person, household, rest, threshold):
            decided[u] = -1
    return _relabelled(labels, decided)


@compiled
def _relabelled(labels: Labels, decided: Labels) -> Labels:
    """Labels after the undecided rows (-1) have become clusters of their own."""
    result = np.empty(len(labels), np.int64)
    for u in range(len(labels)):
        result[u] = u
        if decided[u] >= 0:
            for v in range(u):
                if decided[v] == decided[u]:
                    result[u] = v
                    break
    return result


@compiled
def score_pairs(
    rows: NDArray[np.uint32], person: Floats, household: Floats, rest: Floats
) -> Floats:
    """Log-odds of every pair of a few rows, as a symmetric table."""
    n = len(rows)
    scores = np.full((n, n), _NEVER)
    found = np.empty(at.COUNT, np.int8)
    for i in range(n):
        for j in range(i + 1, n):
            compare(rows[i], rows[j], found)
            scores[i, j] = scores[j, i] = weigh(found, person, household, rest)
    return scores
