"""Bloom filters of names: as the hub makes them, and made otherwise for comparison."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

BITS: Final = 256
HASHES: Final = 4
_FLIPPED: Final = 0.05

Bits = NDArray[np.float32]
Make = Callable[[str, bytes], int]
"""Makes the filter of a name under a key, as an integer of 256 bits at most."""


def grams(name: str) -> list[str]:
    """The padded bigrams of a name."""
    padded = f"_{name}_"
    return [padded[at : at + 2] for at in range(len(padded) - 1)]


def _digest(text: str, key: bytes) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16, key=key, person=b"name").digest()


def unfolded(name: str, key: bytes) -> int:
    """Random hashing: four positions of 256 for each bigram."""
    bits = 0
    for gram in grams(name):
        digest = _digest(gram, key)
        for at in range(0, 4 * HASHES, 4):
            bits |= 1 << int.from_bytes(digest[at : at + 4], "little") % BITS
    return bits


def folded(bits: int) -> int:
    """XOR of the two halves."""
    half = BITS // 2
    return (bits >> half) ^ (bits & ((1 << half) - 1))


def stored(name: str, key: bytes) -> int:
    """What the hub stores: random hashing, folded."""
    return folded(unfolded(name, key))


def double_hashed(name: str, key: bytes) -> int:
    """Double hashing (Schnell, Bachteler, Reiher, 2009), unfolded: position g + i h for each i."""
    bits = 0
    for gram in grams(name):
        digest = _digest(gram, key)
        first, step = (int.from_bytes(digest[at : at + 4], "little") for at in (0, 4))
        for at in range(HASHES):
            bits |= 1 << (first + at * step) % BITS
    return bits


def noisy(name: str, key: bytes) -> int:
    """What the hub stores with 5 % of the bits flipped, always the same ones for a name (BLIP)."""
    chance = random.Random(_digest(name, key))
    bits = stored(name, key)
    for at in range(BITS // 2):
        if chance.random() < _FLIPPED:
            bits ^= 1 << at
    return bits


def table(filters: Sequence[int]) -> Bits:
    """Filters as rows of bits."""
    data = b"".join(each.to_bytes(BITS // 8, "little") for each in filters)
    rows = np.frombuffer(data, np.uint8).reshape(len(filters), -1)
    return np.unpackbits(rows, axis=1, bitorder="little").astype(np.float32)
