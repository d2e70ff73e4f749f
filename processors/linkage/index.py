"""The rows in memory, found by their keys: the plain statement of what the engine does.

Says what changes when a row comes or goes: pairs that become comparable and pairs that cease to be,
those through a key that dies or revives included. Which rows are candidates of each other is at
any time a function of the set of rows alone. Encodings are in clear here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .blocking import RESTORED, SHARED, cap_of, keys_of, kind_of
from .frequencies import WIDTH


@dataclass(slots=True)
class Change:
    """What became of the pairs when one row came or went."""

    candidates: set[int] = field(default_factory=set)
    """Rows to compare with a row that came."""
    lost: list[tuple[int, int]] = field(default_factory=list)
    """Pairs that no live key supports any more."""
    gained: list[tuple[int, list[int]]] = field(default_factory=list)
    """Row and rows to compare it with, through a key that revived."""
    reflagged: set[int] = field(default_factory=set)
    """Rows whose over-common flag may have changed."""


class Index:
    """Rows by slot and slots by key; slots of removed rows are used again."""

    def __init__(self, capacity: int = 1024) -> None:
        """`capacity` rows are reserved; memory grows by doubling."""
        self.rows: NDArray[np.uint32] = np.zeros((capacity, WIDTH), np.uint32)
        self._holders: dict[int, list[int]] = {}
        self._free: list[int] = []
        self._end = 0
        self.restored: set[int] = set()
        """Keys that a coordinator has restored; to be set before any row comes."""

    def _cap(self, key: int) -> int:
        return max(cap_of(key), RESTORED) if key in self.restored else cap_of(key)

    def row(self, slot: int) -> list[int]:
        """The words of a row."""
        words: list[int] = self.rows[slot].tolist()
        return words

    def _slot(self) -> int:
        if self._free:
            return self._free.pop()
        if self._end == len(self.rows):
            self.rows = np.vstack([self.rows, np.zeros_like(self.rows)])
        self._end += 1
        return self._end - 1

    def add(self, words: Sequence[int]) -> tuple[int, Change]:
        """Take in a row; its slot and what changed."""
        slot = self._slot()
        self.rows[slot] = words
        change = Change()
        dying = []
        for key in keys_of(words):
            holders = self._holders.setdefault(key, [])
            cap = self._cap(key)
            if len(holders) < cap:
                change.candidates.update(holders)
            elif len(holders) == cap:
                dying.append(key)
            elif kind_of(key) in SHARED:
                change.reflagged.add(slot)
            holders.append(slot)
        for key in dying:
            change.lost.extend(self._unsupported(self._holders[key], slot))
            self._reflag(key, change)
        return slot, change

    def remove(self, slot: int) -> Change:
        """Let a row go; what changed, apart from the row's own pairs."""
        change = Change()
        for key in keys_of(self.row(slot)):
            holders = self._holders[key]
            holders.remove(slot)
            if not holders:
                del self._holders[key]
            elif len(holders) == self._cap(key):
                ordered = sorted(holders)
                change.gained.extend(
                    (first, ordered[at + 1 :]) for at, first in enumerate(ordered[:-1])
                )
                self._reflag(key, change)
        self.rows[slot] = 0
        self._free.append(slot)
        return change

    def _reflag(self, key: int, change: Change) -> None:
        if kind_of(key) in SHARED:
            change.reflagged.update(self._holders[key])

    def live_keys(self, slot: int) -> set[int]:
        """The keys of a row that compare: those held by no more rows than their cap."""
        return {key for key in keys_of(self.row(slot)) if len(self._holders[key]) <= self._cap(key)}

    def overcommon(self, slot: int) -> list[str]:
        """Kinds of this row's keys that were expected to tell persons apart but are dead."""
        return sorted(
            {
                kind_of(key)
                for key in keys_of(self.row(slot))
                if kind_of(key) in SHARED and len(self._holders[key]) > self._cap(key)
            }
        )

    def dead_keys(self) -> dict[str, int]:
        """How many keys of each kind are over-common now."""
        counts: dict[str, int] = {}
        for key, holders in self._holders.items():
            if len(holders) > self._cap(key):
                counts[kind_of(key)] = counts.get(kind_of(key), 0) + 1
        return counts

    def _unsupported(self, holders: list[int], newest: int) -> Iterator[tuple[int, int]]:
        alive = {slot: self.live_keys(slot) for slot in holders if slot != newest}
        slots = sorted(alive)
        for at, first in enumerate(slots):
            for second in slots[at + 1 :]:
                if alive[first].isdisjoint(alive[second]):
                    yield first, second
