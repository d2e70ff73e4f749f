"""Keyed tokens, keyed digit bytes and keyed Bloom filters: what stands for a value.

BLAKE2b (RFC 7693) in keyed mode, one personalisation for each domain, so that equal texts of two
domains have nothing in common. The Bloom filters use random hashing (Schnell, Borgs: each padded
bigram seeds its own positions, four of them), never the double hashing whose patterns are easier
to attack, and are folded from 256 to 128 bits (XOR) because folding costs an attacker more than
it costs the comparison.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final

_BLOOM_BITS: Final = 256
_BLOOM_HASHES: Final = 4
_MASK: Final = 0xFFFFFFFF


class Keyed:
    """All keyed functions under one encoding secret; remembers what it has hashed lately."""

    def __init__(self, key: bytes) -> None:
        """Raises ValueError unless the key has 16 to 64 bytes."""
        if not 16 <= len(key) <= 64:
            raise ValueError("an encoding key has 16 to 64 bytes")
        self._key = key
        self.bloom = lru_cache(maxsize=65_536)(self._bloom)
        self._gram = lru_cache(maxsize=65_536)(self._gram_bits)
        self._symbols = lru_cache(maxsize=64)(self._symbol_table)

    def _digest(self, domain: str, text: str, size: int) -> bytes:
        return hashlib.blake2b(
            text.encode("utf-8"), digest_size=size, key=self._key, person=domain.encode("ascii")
        ).digest()

    def token(self, domain: str, text: str) -> int:
        """Stand in for a text within a domain: 32 bits, never 0. Nothing gives 0."""
        return int.from_bytes(self._digest(domain, text, 4), "little") or 1 if text else 0

    def wide_token(self, domain: str, text: str) -> tuple[int, int]:
        """Stand in for a text that identifies by itself: two words, 64 bits."""
        if not text:
            return (0, 0)
        digest = self._digest(domain, text, 8)
        return int.from_bytes(digest[:4], "little") or 1, int.from_bytes(digest[4:], "little")

    def byte(self, domain: str, text: str) -> int:
        """Stand in for one of few values: 1 to 255. Nothing gives 0."""
        return self._digest(domain, text, 2)[0] % 255 + 1 if text else 0

    def short(self, domain: str, text: str) -> int:
        """Stand in for one of some hundred values: 16 bits, never 0."""
        return int.from_bytes(self._digest(domain, text, 2), "little") or 1 if text else 0

    def positions(self, domains: tuple[str, ...], text: str) -> tuple[int, int]:
        """Eight bytes as two words: one keyed byte for each character, by its position.

        A space or a missing character gives byte 0, unknown; equal characters at positions of one
        domain give equal bytes, so that the number of differing bytes is a distance.
        """
        low = high = 0
        for at, character in enumerate(text):
            if character == " ":
                continue
            byte = self._symbols(domains[at])[ord(character) % 255]
            if at < 4:
                low |= byte << (8 * at)
            else:
                high |= byte << (8 * at - 32)
        return low, high

    def _symbol_table(self, domain: str) -> tuple[int, ...]:
        return tuple(
            sorted(range(1, 256), key=lambda symbol: self._digest(domain, str(symbol), 16))
        )

    def _gram_bits(self, domain: str, gram: str) -> int:
        digest = self._digest(domain, gram, 4 * _BLOOM_HASHES)
        bits = 0
        for at in range(0, len(digest), 4):
            bits |= 1 << int.from_bytes(digest[at : at + 4], "little") % _BLOOM_BITS
        return bits

    def _bloom(self, domain: str, text: str) -> tuple[int, int, int, int]:
        """Bloom filter of a text's padded bigrams: four words, 128 bits. Nothing gives zeros."""
        if not text:
            return (0, 0, 0, 0)
        padded = f"_{text}_"
        bits = 0
        for at in range(len(padded) - 1):
            bits |= self._gram(domain, padded[at : at + 2])
        half = _BLOOM_BITS // 2
        folded = (bits >> half) ^ (bits & ((1 << half) - 1))
        return (
            folded & _MASK,
            folded >> 32 & _MASK,
            folded >> 64 & _MASK,
            folded >> 96,
        )
