"""How evenly linkage serves groups of persons: pairwise recall and precision with intervals.

Recall asks, of the pairs of a group's records that are one person, how many are together; precision
asks, of the pairs put together, how many are one person. Intervals are Wilson's (1927) at 95 %,
with the number of pairs reduced by the design effect of persons (Kish, 1965), because the pairs of
one person stand or fall together. A group with few such persons is reported but not judged. Used by
reports; linkage itself never sees a group.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np

LEAST: Final = 50
"""Persons with pairs to be found, below which a group is not judged."""
_DRAWS: Final = 4_000
_Z: Final = 1.959963984540054  # the normal distribution's 97.5th percentile

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One record: whom it is of in truth, what it was linked to, and the person's groups.

    `findable` may split a person's records into those that anybody could put together; the pairs
    across are then not asked for. Left out, all of a person's pairs are.
    """

    truth: Hashable
    cluster: Hashable
    groups: Mapping[str, str]
    findable: Hashable = None


@dataclass(frozen=True, slots=True)
class Share:
    """A part of pairs, the pairs of how many persons, and the interval of the part."""

    right: int
    total: int
    units: int
    interval: Interval
    effective: float = 0.0
    """How many independent pairs these are worth."""

    @property
    def value(self) -> float:
        """The part; 1 of no pairs."""
        return self.right / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True)
class GroupQuality:
    """How well one group is served."""

    recall: Share
    precision: Share
    records: int
    judged: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """How far apart the best and the worst served of the judged groups are, in recall."""

    size: float
    certain: float
    """What is left of it between the groups' intervals: 0 if chance may explain all."""
    best: str | None
    worst: str | None
    by_chance: float = 0.0
    """What it would exceed once in twenty if all groups were served alike."""


def wilson(right: float, total: float) -> Interval:
    """Wilson's score interval of a part, at 95 %; from 0 to 1 of nothing."""
    if total <= 0:
        return 0.0, 1.0
    p, z = right / total, _Z * _Z / total
    middle = p + z / 2
    half = _Z * math.sqrt(p * (1 - p) / total + z / (4 * total))
    return max(0.0, (middle - half) / (1 + z)), min(1.0, (middle + half) / (1 + z))


def share(units: Iterable[tuple[int, int]]) -> Share:
    """A part of pairs from each unit's (right, all); units without pairs count for nothing."""
    counted = [(right, total) for right, total in units if total]
    rights, totals = (sum(each[at] for each in counted) for at in (0, 1))
    if not totals:
        return Share(0, 0, 0, (0.0, 1.0))
    p = rights / totals
    spread = sum((right - p * total) ** 2 for right, total in counted)
    plain = p * (1 - p) * totals
    effect = max(1.0, spread / plain) if plain else sum(t * t for _, t in counted) / totals
    interval = wilson(rights / effect, totals / effect)
    return Share(rights, totals, len(counted), interval, totals / effect)


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _recalled(records: Iterable[Labelled]) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """(found, to be found) of each person, by group."""
    persons: dict[Hashable, list[Labelled]] = defaultdict(list)
    for record in records:
        persons[record.truth].append(record)
    units: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for mine in persons.values():
        wanted = Counter(record.findable for record in mine)
        found = Counter((record.findable, record.cluster) for record in mine)
        unit = (sum(map(_pairs, found.values())), sum(map(_pairs, wanted.values())))
        for group in mine[0].groups.items():
            units[group].append(unit)
    return units


def _precise(records: Iterable[Labelled]) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """(right, all) of each cluster, by group: a wrong pair counts in the group of either side."""
    clusters: dict[Hashable, list[Labelled]] = defaultdict(list)
    for record in records:
        clusters[record.cluster].append(record)
    units: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for together in clusters.values():
        persons = Counter(record.truth for record in together)
        groups = {record.truth: record.groups for record in together}
        held: dict[tuple[str, str], list[int]] = defaultdict(list)
        for person, count in persons.items():
            for group in groups[person].items():
                held[group].append(count)
        for group, counts in held.items():
            inside, own = sum(counts), sum(map(_pairs, counts))
            units[group].append((own, _pairs(inside) + inside * (len(together) - inside)))
    return units


def by_group(records: Iterable[Labelled], least: int = LEAST) -> dict[str, dict[str, GroupQuality]]:
    """Recall and precision by attribute and group, both sorted.

    A group is judged if at least `least` of its persons have pairs to be found.
    """
    listed = list(records)
    recalled, precise = _recalled(listed), _precise(listed)
    sizes = Counter(group for record in listed for group in record.groups.items())
    made: dict[str, dict[str, GroupQuality]] = {}
    for attribute, groups in groupby(sorted(sizes), key=lambda group: group[0]):
        made[attribute] = {}
        for group in groups:
            recall = share(recalled[group])
            made[attribute][group[1]] = GroupQuality(
                recall, share(precise[group]), sizes[group], recall.units >= least
            )
    return made


def gap(groups: Mapping[str, GroupQuality]) -> Gap:
    """How far apart the judged groups of one attribute are in recall; 0 with fewer than two."""
    judged = sorted(
        ((name, group.recall) for name, group in groups.items() if group.judged),
        key=lambda each: (each[1].value, each[0]),
    )
    if len(judged) < 2:
        return Gap(0.0, 0.0, None, None)
    (worst, low), (best, high) = judged[0], judged[-1]
    surely_good = max(recall.interval[0] for _, recall in judged)
    surely_poor = min(recall.interval[1] for _, recall in judged)
    return Gap(
        high.value - low.value,
        max(0.0, surely_good - surely_poor),
        best,
        worst,
        _by_chance([recall for _, recall in judged]),
    )


def _by_chance(recalls: Sequence[Share]) -> float:
    """The 95th percentile of the gap between groups of these sizes that are served alike.

    The greatest and the smallest of many estimates lie apart even then, the more so the smaller the
    groups are.
    """
    total = sum(recall.total for recall in recalls)
    common = sum(recall.right for recall in recalls) / total
    sizes = np.array([max(1, round(recall.effective)) for recall in recalls])
    drawn = np.random.default_rng(0).binomial(sizes, common, (_DRAWS, len(sizes))) / sizes
    return float(np.quantile(np.ptp(drawn, axis=1), 0.95))
