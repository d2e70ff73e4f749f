"""Dates and postcodes: one keyed byte for each character is a substitution cipher, and is solved.

Which byte stands for which character is searched, position by position, for what makes the
decoded values most likely under the population's frequencies (hill climbing by exchanges, from
several beginnings), as cryptograms have been solved since computers exist.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

_LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ ?"
_CODE: Final = {letter: code for code, letter in enumerate(_LETTERS)}
_BASE: Final = 40
_IMPOSSIBLE: Final = -16.0  # log of the probability of a value that does not exist

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class _Likelihood:
    """Log-probabilities of decoded texts of one length, by number."""

    def __init__(self, frequencies: Mapping[str, float], length: int) -> None:
        heads: Counter[str] = Counter()
        for text, count in frequencies.items():
            heads[text[:length]] += count  # type: ignore[assignment]
        self.weights = np.array([_BASE ** (length - 1 - at) for at in range(length)], np.int64)
        numbers = np.array([[_CODE[letter] for letter in head] for head in heads]) @ self.weights
        order = np.argsort(numbers)
        self._numbers = numbers[order]
        counts = np.array(list(heads.values()), np.float64)
        self._logs = np.log(counts / counts.sum())[order]

    def __call__(self, numbers: Ints) -> Floats:
        """Log-probability of each number."""
        at = np.searchsorted(self._numbers, numbers)
        at[at == len(self._numbers)] = 0
        return np.where(self._numbers[at] == numbers, self._logs[at], _IMPOSSIBLE)


@dataclass(slots=True)
class _Search:
    """One search: patterns of symbols, how often each occurs, and the current key by domain."""

    patterns: Ints
    counts: Floats
    domains: Sequence[int]
    likely: _Likelihood
    keys: list[Ints]
    seen: list[int]
    """How many symbols of each domain occur; keys are longer, the rest is free letters."""
    now: Floats = field(init=False)
    _rows: dict[tuple[int, int, int], Ints] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Score the beginning."""
        self.now = self._scores(np.arange(len(self.patterns)))

    @property
    def total(self) -> float:
        """Log-likelihood of everything under the current key."""
        return float((self.now * self.counts).sum())

    def climb(self, domains: Sequence[int]) -> None:
        """Exchange letters of these domains as long as that makes things likelier."""
        gained = True
        while gained:
            gained = sum(self._sweep(domain) for domain in domains) > 0

    def _sweep(self, domain: int) -> bool:
        gained = False
        for one in range(self.seen[domain]):
            for two in range(one + 1, len(self.keys[domain])):
                gained |= self._exchange(domain, one, two)
        return gained

    def _exchange(self, domain: int, one: int, two: int) -> bool:
        rows = self._touched(domain, one, two)
        key = self.keys[domain]
        key[one], key[two] = key[two], key[one]
        after = self._scores(rows)
        if ((after - self.now[rows]) * self.counts[rows]).sum() > 1e-9:
            self.now[rows] = after
            return True
        key[one], key[two] = key[two], key[one]
        return False

    def _touched(self, domain: int, one: int, two: int) -> Ints:
        rows = self._rows.get((domain, one, two))
        if rows is None:
            hit = np.zeros(len(self.patterns), np.bool_)
            for at, of in enumerate(self.domains):
                if of == domain:
                    hit |= (self.patterns[:, at] == one) | (self.patterns[:, at] == two)
            rows = self._rows[domain, one, two] = np.flatnonzero(hit)
        return rows

    def _scores(self, rows: Ints) -> Floats:
        return self.likely(self.decoded(rows) @ self.likely.weights)

    def decoded(self, rows: Ints) -> Ints:
        """The letters, by number, of these patterns under the current key."""
        columns = [self.keys[of][self.patterns[rows, at]] for at, of in enumerate(self.domains)]
        return np.stack(columns, axis=1)


def _beginnings(
    frequencies: Mapping[str, float], positions: Sequence[int], seen: int, chance: random.Random
) -> tuple[Ints, Ints]:
    """Letters by frequency, and the same a little disturbed; the letters of no value come last."""
    letters: Counter[str] = Counter()
    for text, count in frequencies.items():
        for at in positions:
            letters[text[at]] += count  # type: ignore[assignment]
    ranked = [_CODE[letter] for letter, _ in letters.most_common()]
    ranked += [_CODE["?"]] * (seen - len(ranked))
    disturbed = sorted(range(len(ranked)), key=lambda at: at + chance.gauss(0.0, len(ranked) / 3))
    return np.array(ranked, np.int64), np.array([ranked[at] for at in disturbed], np.int64)


def _numbered(places: Bytes, domains: Sequence[int]) -> tuple[Ints, list[int]]:
    """Symbols of each domain by number, the commonest first."""
    patterns = np.zeros(places.shape, np.int64)
    seen = []
    for domain in range(max(domains) + 1):
        columns = [at for at, of in enumerate(domains) if of == domain]
        symbols, counts = np.unique(places[:, columns], return_counts=True)
        rank = np.empty(256, np.int64)
        rank[symbols[np.argsort(-counts, kind="stable")]] = np.arange(len(symbols))
        patterns[:, columns] = rank[places[:, columns]]
        seen.append(len(symbols))
    return patterns, seen


def solve(
    places: Bytes,
    frequencies: Mapping[str, float],
    domains: Sequence[int],
    stages: Sequence[int],
    *,
    tries: int = 12,
    seed: int = 0,
) -> list[str]:
    """Decode keyed bytes, a row for each person.

    Positions of one domain share their key; `stages` are the lengths of the heads that are solved
    one after the other, each beginning from what was found before.
    """
    chance = random.Random(seed)
    numbered, seen = _numbered(places, domains)
    keys: list[Ints] = []
    for length in stages:
        heads, counts = np.unique(numbered[:, :length], axis=0, return_counts=True)
        likely, here = _Likelihood(frequencies, length), domains[:length]
        fresh = sorted(set(here) - set(range(len(keys))))
        found: list[_Search] = []
        for number in range(tries):
            start = [key.copy() for key in keys]
            for domain in fresh:
                positions = [at for at, of in enumerate(here) if of == domain]
                start.append(_beginnings(frequencies, positions, seen[domain], chance)[number > 0])
            search = _Search(heads, counts.astype(np.float64), here, likely, start, seen)
            search.climb(fresh)
            search.climb(range(len(start)))
            found.append(search)
        keys = max(found, key=lambda search: search.total).keys
    letters = [keys[of][numbered[:, at]].tolist() for at, of in enumerate(domains)]
    return ["".join(_LETTERS[code] for code in row) for row in zip(*letters, strict=True)]


def told(places: Bytes, domains: Sequence[int], known: Mapping[int, str]) -> list[str]:
    """Decode with what a few known persons give away: row -> text. Other symbols stay unknown."""
    key: dict[tuple[int, int], str] = {}
    for row, text in known.items():
        for at, of in enumerate(domains):
            key[of, int(places[row, at])] = text[at]
    return [
        "".join(key.get((of, symbol), "?") for of, symbol in zip(domains, row, strict=True))
        for row in places.tolist()
    ]
