"""How good links are, given the truth: pairs, households, groups, and what review would catch.

Used by tests, by the training command and by reports; linkage itself never sees a truth.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Quality:
    """Pairwise quality of a clustering."""

    true_pairs: int
    found_pairs: int
    right_pairs: int

    @property
    def precision(self) -> float:
        """Share of the found pairs that are one person; 1 if none is found."""
        return self.right_pairs / self.found_pairs if self.found_pairs else 1.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that are found; 1 if there is none."""
        return self.right_pairs / self.true_pairs if self.true_pairs else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.true_pairs + self.found_pairs
        return 2.0 * self.right_pairs / total if total else 1.0


def _pairs(counts: Counter[Hashable]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def evaluate(labels: Mapping[str, Hashable], clusters: Mapping[str, Hashable]) -> Quality:
    """Compare clusters with the truth: mention -> true person, mention -> cluster.

    Only mentions with a truth count; each must have a cluster. Raises KeyError.
    """
    return Quality(
        true_pairs=_pairs(Counter(labels.values())),
        found_pairs=_pairs(Counter(clusters[mention] for mention in labels)),
        right_pairs=_pairs(Counter((label, clusters[name]) for name, label in labels.items())),
    )


def of_pairs(labels: Mapping[str, Hashable], pairs: Iterable[Pair]) -> Quality:
    """Compare single pairs with the truth; each pair is given once."""
    found = right = 0
    for one, two in pairs:
        found += 1
        right += labels[one] == labels[two]
    return Quality(_pairs(Counter(labels.values())), found, right)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a person who looks at every pair for review would see."""

    pairs: int
    caught_missed: int
    """Pairs of one person that are not linked, and would be after a look."""
    caught_wrong: int
    """Pairs of two persons that scored high enough to be looked at, and were not linked."""


def reviewed(labels: Mapping[str, Hashable], pairs: Iterable[Pair]) -> Reviewed:
    """Count the pairs for review by their truth."""
    quality = of_pairs(labels, pairs)
    return Reviewed(
        quality.found_pairs, quality.right_pairs, quality.found_pairs - quality.right_pairs
    )


@dataclass(frozen=True, slots=True)
class Households:
    """Whether members of one household were taken for one person."""

    multi_person: int
    """Households of which two persons or more are mentioned."""
    over_linked: int
    """Those of which two persons ended up as one."""


def households(
    labels: Mapping[str, Hashable],
    clusters: Mapping[str, Hashable],
    homes: Mapping[str, str],
) -> Households:
    """Count households; mentions without one are left out."""
    members: dict[str, set[Hashable]] = defaultdict(set)
    together: dict[tuple[str, Hashable], set[Hashable]] = defaultdict(set)
    for name, home in homes.items():
        if home:
            members[home].add(labels[name])
            together[home, clusters[name]].add(labels[name])
    over = {home for (home, _), persons in together.items() if len(persons) > 1}
    return Households(sum(len(persons) > 1 for persons in members.values()), len(over))
