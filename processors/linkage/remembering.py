"""The matcher's memory as pieces of bytes and back: what a restart begins with.

Kept are the standing incidents with their mentions, which rows are held to be one person, rulings
and decisions about over-common values, and the engine's arrays; the rest follows from these. Which
row a mention is follows from its signature (nodes.py). An empty piece ends each section.

The pieces hold encodings in clear: whoever keeps them seals them (recovery.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar

import numpy as np

from schemas.encoding import layout
from schemas.identifiers import mention_id, stable_id

from .engine.refusal import DumpError
from .mentions import Mention, Standing
from .nodes import SIGNATURE, Node, signature
from .state import Cluster, State

T = TypeVar("T")
Piece = bytes | memoryview
Pieces = Iterator[Piece]

_INCIDENTS: Final = 1_000
_CLUSTERS: Final = 50_000
"""How many go into one piece."""
_MOMENTS: Final = ("occurred_from", "recorded_at", "referred_at")
"""Facts of an incident that are moments."""


def section(pieces: Iterable[Piece]) -> Pieces:
    """Pieces, and the empty one that ends them."""
    yield from pieces
    yield b""


def opened(coming: Pieces) -> Pieces:
    """The pieces of the next section. Raises DumpError if its end is missing."""
    for piece in coming:
        if len(piece) == 0:
            return
        yield piece
    raise DumpError("a section has no end")


def parts(of: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """A sequence in parts of a size."""
    return (of[at : at + size] for at in range(0, len(of), size))


def as_json(value: Any) -> bytes:
    """JSON, with moments as text."""
    return json.dumps(value, default=datetime.isoformat).encode()


@dataclass(frozen=True, slots=True)
class Frozen:
    """The memory as it was at one moment: what comes later does not show in it."""

    engine: Callable[[], Pieces]
    incidents: Mapping[str, Standing]
    nodes: Mapping[bytes, Node]
    clusters: Mapping[int, Cluster]
    decided: Mapping[str, Any]

    def pieces(self) -> Pieces:
        """Everything, section by section."""
        yield from section(self.engine())
        yield from section(self._rows())
        yield from section(self._clusters())
        yield from section([as_json(self.decided)])
        yield from section(self._incidents())

    def _rows(self) -> Pieces:
        for some in parts(list(self.nodes.items()), _CLUSTERS):
            yield b"".join(name for name, _ in some)
            yield np.array([node.slot for _, node in some], np.int64).tobytes()

    def _clusters(self) -> Pieces:
        unique = {id(each): each for each in self.clusters.values()}
        for some in parts(list(unique.values()), _CLUSTERS):
            yield np.array([len(each.slots) for each in some], np.int64).tobytes()
            yield np.array([each.oversize for each in some], np.int64).tobytes()
            yield np.array([slot for each in some for slot in each.slots], np.int64).tobytes()

    def _incidents(self) -> Pieces:
        for some in parts(list(self.incidents.values()), _INCIDENTS):
            words = [mention.words for each in some for mention in each.mentions.values()]
            yield as_json([_told(each) for each in some])
            yield np.array([layout.WORDS, *(w for each in words for w in each)], "<u4").tobytes()


def frozen(state: State) -> Frozen:
    """Copy what can be written out later. The state must be settled."""
    return Frozen(
        engine=state.engine.freeze(),
        incidents=dict(state.incidents),
        nodes=dict(state.by_signature),
        clusters=dict(state.clusters),
        decided={"rulings": state.rulings.told(), "exclusions": state.exclusions.told()},
    )


def fill(state: State, coming: Pieces) -> None:
    """Fill an empty state with what `Frozen.pieces` gave.

    Raises DumpError, also for other parameters or another version of the program; then the state
    is of no use.
    """
    state.engine.load(opened(coming))
    try:
        slots = _slots(opened(coming))
        found = list(opened(coming))
        decided = json.loads(b"".join(opened(coming)))
        state.rulings.recall(decided["rulings"])
        state.exclusions.recall(decided["exclusions"])
        _fill_incidents(state, slots, opened(coming))
        _fill_clusters(state, found)
    except (KeyError, ValueError, TypeError, IndexError) as error:
        if isinstance(error, DumpError):
            raise
        raise DumpError(f"pieces that say nothing ({type(error).__name__})") from None


def _told(of: Standing) -> list[Any]:
    mentions = [
        [each.position, each.role, each.category, each.known_since] for each in of.mentions.values()
    ]
    retracted, version, recorded_at, digest = of.rank
    rank = [retracted, version, recorded_at, digest.hex()]
    return [of.incident_id, rank, of.facts, of.place, mentions]


def _heard(told: list[Any]) -> Standing:
    name, (retracted, version, recorded_at, digest), facts, place, _ = told
    for moment in _MOMENTS:
        if facts.get(moment) is not None:
            facts[moment] = datetime.fromisoformat(facts[moment])
    rank = (retracted, version, datetime.fromisoformat(recorded_at), bytes.fromhex(digest))
    return Standing(name, rank, facts, {}, place)


def _slots(pieces: Pieces) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for names, slots in zip(pieces, pieces, strict=True):
        data = bytes(names)
        keys = (data[at : at + SIGNATURE] for at in range(0, len(data), SIGNATURE))
        found.update(zip(keys, np.frombuffer(slots, np.int64).tolist(), strict=True))
    return found


def _fill_incidents(state: State, slots: Mapping[bytes, int], pieces: Pieces) -> None:
    for told, packed in zip(pieces, pieces, strict=True):
        numbers = np.frombuffer(packed, "<u4")
        rows = iter(numbers[1:].reshape(-1, int(numbers[0])).tolist())
        for each in json.loads(bytes(told)):
            standing = _heard(each)
            state.incidents[standing.incident_id] = standing
            for said, row in zip(each[4], rows, strict=False):
                _fill_mention(state, slots, standing, _mention(standing, said, row))
            if standing.place is not None:
                state.places.setdefault(standing.place, set()).add(standing.incident_id)


def _mention(of: Standing, said: list[Any], words: list[int]) -> Mention:
    position, role, category, known_since = said
    name = mention_id(of.incident_id, position)
    return Mention(
        mention_id=name,
        entity_id=stable_id("ent", name),
        incident_id=of.incident_id,
        position=position,
        role=role,
        category=category,
        known_since=datetime.fromisoformat(known_since),
        words=tuple(words),
    )


def _fill_mention(state: State, slots: Mapping[bytes, int], of: Standing, mention: Mention) -> None:
    of.mentions[mention.mention_id] = state.mentions[mention.mention_id] = mention
    state.owners[mention.entity_id] = mention
    name = signature(mention.words, mention.mention_id, alone=True)
    if name not in slots:
        name = signature(mention.words, mention.mention_id, alone=False)
    slot = mention.slot = slots[name]
    node = state.nodes.get(slot)
    if node is None:
        node = state.nodes[slot] = state.by_signature[name] = Node(slot, name)
        state.households.add(slot, mention.words)
    node.mentions[mention.mention_id] = mention


def _fill_clusters(state: State, pieces: Sequence[Piece]) -> None:
    for lengths, oversize, slots in zip(*[iter(pieces)] * 3, strict=True):
        rest = iter(np.frombuffer(slots, np.int64).tolist())
        sizes = np.frombuffer(lengths, np.int64).tolist()
        for size, large in zip(sizes, np.frombuffer(oversize, np.int64).tolist(), strict=True):
            members = tuple(islice(rest, size))
            cluster = Cluster(state.founder(members).entity_id, members, bool(large))
            for slot in members:
                state.clusters[slot] = cluster
