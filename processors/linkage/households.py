"""Who seems to live with whom: a relation between persons that never merges them.

Rows meet here if they have a house, a landline or a tenancy number in common, as long as no more
than a household's worth of rows do. Two of them are one household if that explains what they have
in common far better than one person and than chance do. Which rows are related is a function of
the set of rows alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from schemas.encoding import layout

ALIKE: Final = 0.9
"""Posterior probability of one household from which two persons are related."""
CAP: Final = 60
"""Rows that may share a house or number before it says nothing about households."""
LISTED: Final = 20
"""Related persons listed in a snapshot at most."""
_KNOWN: Final = 200_000
_TWO_PERSONS: Final = frozenset(
    {
        ("date_of_birth", "different"),
        ("date_of_birth", "three_digits"),
        ("given_name", "different"),
        ("given_name", "faint"),
    }
)
_STREET = layout.FIELDS["street"][0]
_HOUSE = layout.FIELDS["house"][0]
_LANDLINE = layout.FIELDS["landline"][0]
_NUMBER = layout.FIELDS["household"][0]

Evidence = Iterable[tuple[str, str, float]]
Key = tuple[int, int, int]
Signature = bytes


def chance(evidence: Evidence) -> float:
    """The posterior probability of one household, against one person and strangers.

    The evidence of one person holds what a household would explain as well, as a discount: minus
    the log of one plus the odds of a household. Where dates of birth or given names differ plainly
    it is not one person, whatever else agrees.
    """
    person, odds = 0.0, 0.0
    for field, level, weight in evidence:
        if field == "household":
            odds = math.expm1(-weight)
        elif (field, level) in _TWO_PERSONS:
            person = -math.inf
        elif field != "caution":
            person += weight
    return odds / (1.0 + odds + math.exp(min(person, 600.0)))


def keys_of(words: Sequence[int]) -> list[Key]:
    """What a household has in common: house, landline, tenancy or case number."""
    found: list[Key] = []
    if words[_STREET] and words[_HOUSE]:
        found.append((0, words[_STREET], words[_HOUSE]))
    if words[_LANDLINE]:
        found.append((1, words[_LANDLINE], words[_LANDLINE + 1]))
    if words[_NUMBER]:
        found.append((2, words[_NUMBER], words[_NUMBER + 1]))
    return found


class Households:
    """Rows by what a household shares."""

    def __init__(self) -> None:
        """No row is known."""
        self._holders: dict[Key, set[int]] = {}
        self._known: dict[tuple[Signature, Signature], bool] = {}

    def add(self, slot: int, words: Sequence[int]) -> set[int]:
        """Take in a row; the rows whose relations may have changed."""
        changed: set[int] = set()
        for key in keys_of(words):
            holders = self._holders.setdefault(key, set())
            if len(holders) <= CAP:  # it was alive; by this row it may die
                changed |= holders
            holders.add(slot)
        return changed

    def remove(self, slot: int, words: Sequence[int]) -> set[int]:
        """Let a row go; the rows whose relations may have changed."""
        changed: set[int] = set()
        for key in keys_of(words):
            holders = self._holders[key]
            holders.discard(slot)
            if len(holders) <= CAP:  # it is alive, perhaps again
                changed |= holders
            if not holders:
                del self._holders[key]
        return changed

    def near(self, slot: int, words: Sequence[int]) -> Iterator[int]:
        """Rows that share with this one what a household shares."""
        for key in keys_of(words):
            holders = self._holders[key]
            if len(holders) <= CAP:
                yield from (other for other in holders if other != slot)

    def related(self, one: Signature, two: Signature, evidence: Callable[[], Evidence]) -> bool:
        """Whether two rows are one household; remembered by what the rows hold."""
        pair = (one, two) if one < two else (two, one)
        known = self._known.get(pair)
        if known is None:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            known = self._known[pair] = chance(evidence()) >= ALIKE
        return known
