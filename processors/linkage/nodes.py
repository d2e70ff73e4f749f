"""Nodes: equal, self-identifying encodings stand as one row, however many mentions have them.

A person mentioned two thousand times under the same details is one row, so components stay small.
An encoding that would not identify anyone by itself (a bare common name) gives each of its mentions
a node of its own, and so does a mention that a person has ruled on or whose incident repeats the
encoding. A node's signature depends on content alone: it is the canonical order of rows.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from .frequencies import Words
from .mentions import Mention, distinct

SIGNATURE: Final = 16
"""Bytes of a signature."""


@dataclass(slots=True)
class Node:
    """One row and the mentions that share it."""

    slot: int
    signature: bytes
    mentions: dict[str, Mention] = field(default_factory=dict)

    @property
    def words(self) -> tuple[int, ...]:
        """The encoding that its mentions share."""
        return next(iter(self.mentions.values())).words

    def representative(self) -> str:
        """The mention that stands for the node in links: the first by id."""
        return min(self.mentions)


def signature(words: Words, name: str, *, alone: bool) -> bytes:
    """The signature of a mention's node; `alone` gives the mention of that name one of its own."""
    digest = hashlib.blake2b(struct.pack(f"<{len(words)}I", *words), digest_size=SIGNATURE)
    if alone:
        digest.update(name.encode())
    return digest.digest()


def meetings(nodes: Iterable[Node]) -> Iterator[tuple[Node, Mention, Node, Mention]]:
    """Pairs of distinct persons of one incident in different nodes, each with its node."""
    by_incident: dict[str, list[tuple[Node, Mention]]] = {}
    for node in nodes:
        for mention in node.mentions.values():
            by_incident.setdefault(mention.incident_id, []).append((node, mention))
    for present in by_incident.values():
        for at, (first, one) in enumerate(present):
            for second, two in present[at + 1 :]:
                if first is not second and distinct(one, two):
                    yield first, one, second, two
