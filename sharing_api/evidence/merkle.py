"""The Merkle tree of RFC 6962 (RFC 9162 §2.1): hashes, where they are kept, and which prove what.

A tree of n entries keeps 2n - popcount(n) hashes, each written once: as soon as a subtree of 2^k
entries is full its hash never changes. They stand in one sequence, in the order in which they
become known, so that appending writes at its end alone. Everything here is arithmetic on numbers;
the proofs say which hashes they need, and whoever has them reads them in one go.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Final

EMPTY: Final = hashlib.sha256(b"").digest()
"""Root of the tree without entries."""

Range = tuple[int, int]
"""Entries from the first number up to, not including, the second."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry; the prefix keeps it from ever passing as a node."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees together."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def place(level: int, index: int) -> int:
    """Tell where in the sequence the hash of the full subtree number `index` of 2^level is."""
    at = ((index + 1) << level) - 1  # the leaf whose arrival completes the subtree
    before = 0
    while at:
        before += at
        at >>= 1
    return before + level


def kept(size: int) -> int:
    """Tell how many hashes a tree of `size` entries keeps."""
    return 2 * size - size.bit_count()


def edge(size: int) -> list[int]:
    """Places of the largest full subtrees of a tree, left to right: all that appending needs."""
    return _full((0, size))


def inclusion(index: int, size: int) -> list[Range]:
    """Ranges whose hashes prove that entry `index` is in a tree of `size`, leaf to root.

    Raises ValueError for an entry that is not in it.
    """
    if not 0 <= index < size:
        raise ValueError(f"entry {index} is not in a tree of {size}")
    found: list[Range] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            found.append((middle, high))
            high = middle
        else:
            found.append((low, middle))
            low = middle
    return found[::-1]


def consistency(old: int, new: int) -> list[Range]:
    """Ranges whose hashes prove that a tree of `new` begins with that of `old`.

    Raises ValueError for sizes that do not follow each other.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not begin with one of {old}")
    if old in {0, new}:
        return []
    found: list[Range] = []
    low, high, whole = 0, new, True
    while high != old:
        middle = low + _split(high - low)
        if old <= middle:
            found.append((middle, high))
            high = middle
        else:
            found.append((low, middle))
            low, whole = middle, False
    if not whole:
        found.append((low, high))
    return found[::-1]


def places(ranges: Sequence[Range]) -> list[int]:
    """Places of all hashes that these ranges are made of, sorted, each once."""
    return sorted({at for each in ranges for at in _full(each)})


def hash_of(entries: Range, hashes: Mapping[int, bytes]) -> bytes:
    """Hash a range from the kept hashes by place. Raises KeyError for one that is not there."""
    found = [hashes[at] for at in _full(entries)]
    if not found:
        return EMPTY
    return reduce(lambda right, left: node_hash(left, right), reversed(found[:-1]), found[-1])


@dataclass
class Growing:
    """The right edge of a tree: takes leaf hashes and gives the hashes that become known."""

    size: int = 0
    stack: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> Iterator[bytes]:
        """Append an entry's hash; gives the new hashes in the order of their places."""
        yield leaf
        joined, number = leaf, self.size
        while number & 1:
            joined = node_hash(self.stack.pop(), joined)
            number >>= 1
            yield joined
        self.stack.append(joined)
        self.size += 1

    def root(self) -> bytes:
        """Hash of the whole."""
        if not self.stack:
            return EMPTY
        return reduce(lambda right, left: node_hash(left, right), reversed(self.stack[:-1]),
                      self.stack[-1])  # fmt: skip


def _split(count: int) -> int:
    """The largest power of two that is smaller than `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _full(entries: Range) -> list[int]:
    """Places of the full subtrees that make up a range which begins at a multiple of its split."""
    low, high = entries
    found = []
    while low < high:
        level = (high - low).bit_length() - 1
        found.append(place(level, low >> level))
        low += 1 << level
    return found
