"""What people have ruled about pairs of mentions: same, different, or open again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from schemas.records import LinkReview

SAME: Final = "same"
DIFFERENT: Final = "different"


class Rulings:
    """The standing ruling on every pair, in whatever order decisions arrive."""

    def __init__(self) -> None:
        self._standing: dict[tuple[str, str], tuple[Any, ...]] = {}
        self._partners: dict[str, dict[str, str]] = {}

    def apply(self, review: LinkReview) -> bool:
        """Take in a decision; whether the pair's ruling changed by it. The latest one stands."""
        left, right = sorted((review["left"], review["right"]))
        rank = (review["decided_at"], review["decision"], review["by"], review["reason"])
        before = self._standing.get((left, right))
        if before is not None and rank <= before:
            return False
        self._standing[left, right] = rank
        self._hold(left, right, review["decision"])
        return before is None or before[1] != review["decision"]

    def _hold(self, left: str, right: str, decision: str) -> None:
        for one, two in ((left, right), (right, left)):
            partners = self._partners.setdefault(one, {})
            if decision in {SAME, DIFFERENT}:
                partners[two] = decision
            else:
                partners.pop(two, None)
                if not partners:
                    del self._partners[one]

    def forget(self, one: str, two: str, by: str) -> bool:
        """Let go of somebody's decision on a pair, if it stands; whether it did."""
        left, right = sorted((one, two))
        standing = self._standing.get((left, right))
        if standing is None or standing[2] != by:
            return False
        del self._standing[left, right]
        self._hold(left, right, "")
        return True

    def told(self) -> list[Any]:
        """What is decided, to be kept."""
        return [[*pair, *rank] for pair, rank in self._standing.items()]

    def recall(self, told: list[Any]) -> None:
        """Take over what was kept, into rulings that are empty."""
        for left, right, decided_at, decision, by, reason in told:
            rank = (datetime.fromisoformat(decided_at), decision, by, reason)
            self._standing[left, right] = rank
            self._hold(left, right, decision)

    def on(self, mention: str) -> dict[str, str]:
        """The other mention of each pair that this one is ruled on in, and the ruling."""
        return self._partners.get(mention, {})

    def any(self) -> bool:
        """Whether anything at all is ruled."""
        return bool(self._partners)
