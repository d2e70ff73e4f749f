"""How good clusters are, given the truth: pairs inside the final clusters.

Used by tests, by the training command and by reports; linkage itself never sees a truth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass


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
