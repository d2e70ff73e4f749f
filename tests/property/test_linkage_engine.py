"""The engine's answer is that of linking its final rows, ties and restored keys in one go."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from processors.linkage import blocking, clustering, graph
from processors.linkage.blocking import hashed, keys_of, kind_of
from processors.linkage.clustering import Ruled, split
from processors.linkage.engine.engine import Engine
from processors.linkage.engine.keys import KEY, KINDS_OFFSET, write_keys
from processors.linkage.frequencies import WIDTH
from processors.linkage.graph import RULED, Graph
from processors.linkage.index import Index
from processors.linkage.parameters import REVIEW, load
from processors.linkage.scoring import Scorer
from tests.unit.processors.linkage.builders import words

SCORER = Scorer(load())
_HOME = {"house": "12", "street": "Mill Road", "locality": "Dunmoor", "postcode": "CX5 1AA"}
WORDS = [
    words(**known)
    for known in (
        {"given_names": "Imran", "family_name": "Hussain", "date_of_birth": "1984-03-12", **_HOME},
        {"given_names": "Imran", "family_name": "Hussein", "date_of_birth": "1984-03-12"},
        {"full_name": "Imran Hussain", "phones": ["07700 900123"], **_HOME},
        {"given_names": "Imran", "family_name": "Hussain", "date_of_birth": "2009-11-30", **_HOME},
        {"full_name": "I Hussain", "date_of_birth": "1984-12-03", "phones": ["07700 900123"]},
        {"given_names": "Zoe", "family_name": "Smith", "date_of_birth": "1990-05-05", **_HOME},
        {"full_name": "Smith, Zoe", "age": 36, "emails": ["zoe.smith@example.org"]},
        {"given_names": "Zoe", "family_name": "Smith", "emails": ["zoe.smith@example.org"]},
        {"given_names": "Imran", "family_name": "Hussain"},
        {"given_names": "Imran Ali", "family_name": "Hussain", "date_of_birth": "1984-03-13"},
    )
]
PLAIN = len(WORDS)
"""Words that any history draws from; behind them are a father and a son of one name."""
_FATHER: dict[str, Any] = {
    "given_names": "Emmanuel",
    "family_name": "Kamara",
    "emails": ["e.kamara@example.org"],
}
_SON: dict[str, Any] = {"given_names": "Emmanuel", "family_name": "Kamarah"}
WORDS += [
    words(**known, **_HOME)
    for known in (
        *({**_FATHER, "date_of_birth": "1976-02-17", "occupation": f"trade {k}"} for k in range(4)),
        *({**_SON, "date_of_birth": "2006-08-15", "occupation": f"trade {k}"} for k in range(4)),
        _FATHER,
        {**_FATHER, "occupation": "trade 9"},
        {**_SON, "occupation": "trade 9"},
    )
]
ROWS = [SCORER.row(each) for each in WORDS]
NAMES = 12
"""Names under which a history adds, amends and removes rows."""

names = st.integers(0, NAMES - 1)
adds = st.tuples(st.just("add"), names, st.integers(0, PLAIN - 1))
relatives = st.integers(PLAIN, len(ROWS) - 1)
removals = st.tuples(st.just("remove"), names, st.just(0))
ties = st.tuples(st.sampled_from(["same", "different", "distinct"]), names, names)
keys = st.tuples(st.sampled_from(["restore", "unrestore"]), names, st.integers(0, 25))
restarts = st.tuples(st.sampled_from(["settle", "dump", "replay"]), st.just(0), st.just(0))
histories = st.lists(adds | adds | adds | removals | ties | keys | restarts, max_size=40)
Step = tuple[str, int, int]


@contextmanager
def tight_limits(cap: int = 3) -> Iterator[None]:
    """Limits so small that keys die and revive and components break up in short histories."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in blocking.CAPS:
            patch.setitem(blocking.CAPS, kind, cap)
        for module in (graph, clustering):
            patch.setattr(module, "LARGEST", 4)
        yield


@dataclass
class World:
    """What stands, and the engine that was told of it step by step."""

    engine: Engine
    rows: dict[int, int] = field(default_factory=dict)
    slots: dict[int, int] = field(default_factory=dict)
    ties: set[tuple[str, int, int]] = field(default_factory=set)
    restored: set[int] = field(default_factory=set)

    def signature(self, name: int) -> bytes:
        """Place of a row in the canonical order: its content and its name, nothing else."""
        return hashlib.blake2b(f"{self.rows[name]}/{name}".encode(), digest_size=16).digest()

    def step(self, what: str, one: int, two: int) -> None:
        """Tell the engine of one change."""
        if what == "add":
            self.remove(one)
            self.rows[one] = two
            self.slots[one] = self.engine.add(ROWS[two], self.signature(one))
        elif what == "remove":
            self.remove(one)
        elif what in {"restore", "unrestore"}:
            self.change_key(what, ROWS[one % len(ROWS)], two)
        elif what == "settle":
            self.engine.settle()
        elif what == "dump":
            again = made()
            again.load(self.engine.dump())
            self.engine = again
        elif what == "replay":
            self.replay()
        else:
            self.tie(what, one, two)

    def remove(self, name: int) -> None:
        """Let a row go, if it is there."""
        if name in self.rows:
            self.engine.remove(self.slots.pop(name))
            del self.rows[name]
            self.ties = {each for each in self.ties if name not in each[1:]}

    def tie(self, kind: str, one: int, two: int) -> None:
        """Say a tie, or take it back if it stands."""
        first, second = sorted((one, two))
        if first == second or not {first, second} <= self.rows.keys():
            return
        each = (kind, first, second)
        self.engine.tie(self.slots[second], self.slots[first], kind, off=each in self.ties)
        self.ties ^= {each}

    def change_key(self, what: str, row: list[int], number: int) -> None:
        """Restore a key of a row, or take that back."""
        found = keys_of(row)
        key = found[number % len(found)]
        (self.engine.restore if what == "restore" else self.engine.unrestore)(whole(key))
        self.restored = self.restored | {key} if what == "restore" else self.restored - {key}

    def replay(self) -> None:
        """Begin anew with what stands, in an order of its own."""
        self.engine = made()
        for key in sorted(self.restored, reverse=True):
            self.engine.restore(whole(key))
        for name in sorted(self.rows, reverse=True):
            self.slots[name] = self.engine.add(ROWS[self.rows[name]], self.signature(name))
        for kind, one, two in sorted(self.ties):
            self.engine.tie(self.slots[one], self.slots[two], kind)


def made() -> Engine:
    """An engine with the shipped parameters and room for few rows."""
    return Engine(SCORER.tables, capacity=4096)


def whole(key: int) -> int:
    """A key as the engine names it."""
    return hashed(key) | blocking.KINDS.index(kind_of(key)) << KINDS_OFFSET


Linked = tuple[set[frozenset[int]], dict[frozenset[int], float]]
"""Clusters and edges, by name."""


def connected(world: World, index: Index, known: dict[int, int]) -> Graph:
    """The graph of what stands, every pair being looked at."""
    net = Graph()
    for slot in known.values():
        net.add(slot)
    for one, two in combinations(known.values(), 2):
        if index.live_keys(one) & index.live_keys(two):
            (score,) = SCORER.against(index.rows, one, [two])
            if score > REVIEW:
                net.connect(one, two, score)
    for kind, one, two in world.ties:
        if kind == "same":
            net.connect(known[one], known[two], RULED)
    return net


def linked_at_once(world: World) -> Linked:
    """What the plain reference says of what stands."""
    index = Index()
    index.restored = set(world.restored)
    known = {name: index.add(ROWS[number])[0] for name, number in world.rows.items()}
    net = connected(world, index, known)
    name_of = {slot: name for name, slot in known.items()}
    clusters = set()
    for component in net.rework(known.values()):
        slots = sorted(component, key=lambda slot: world.signature(name_of[slot]))
        here = Ruled()
        for kind, one, two in world.ties:
            if {known[one], known[two]} <= set(slots):
                getattr(here, kind).add((known[one], known[two]))
        found = split(slots, here, index, net, SCORER)
        clusters |= {frozenset(name_of[slot] for slot in members) for members in found}
    edges = {
        frozenset((name_of[one], name_of[two])): rounded(weight)
        for one, others in net.edges.items()
        for two, weight in others.items()
    }
    return clusters, edges


def rounded(weight: float) -> float:
    """A weight as the engine keeps it."""
    return float(np.float32(weight))


def standing(world: World) -> Linked:
    """What the engine says of it."""
    world.engine.settle()
    name_of = {slot: name for name, slot in world.slots.items()}
    clusters: dict[int, set[int]] = {}
    for name, slot in world.slots.items():
        clusters.setdefault(world.engine.label(slot), set()).add(name)
    edges = {
        frozenset((name, name_of[other])): weight
        for name, slot in world.slots.items()
        for other, weight in world.engine.edges[slot].items()
    }
    return {frozenset(members) for members in clusters.values()}, edges


@settings(max_examples=400, deadline=None)
@given(histories)
def test_any_history_ends_where_its_result_begins(history: list[Step]) -> None:
    """Whatever came and went, clusters and edges are those of linking what stands at once."""
    with tight_limits():
        world = World(made())
        for each in history:
            world.step(*each)
        assert standing(world) == linked_at_once(world)
        assert len(world.engine) == len(world.rows)


@settings(max_examples=150, deadline=None)
@given(histories)
def test_every_step_is_right(history: list[Step]) -> None:
    """Settled after every step, the engine says at each what the reference says."""
    with tight_limits():
        world = World(made())
        for each in history:
            world.step(*each)
            assert standing(world) == linked_at_once(world)


@settings(max_examples=200, deadline=None)
@example([18, 12, 18, 20, 20, 17], [])  # the first report of the son is the last to come
@given(st.lists(relatives, max_size=NAMES), st.lists(removals, max_size=3))
def test_who_fits_beyond_a_component_is_seen_whenever_it_comes(
    rows: list[int], gone: list[Step]
) -> None:
    """Reports of a father and a son that do not fit into one component; some have no date."""
    with tight_limits(cap=NAMES):
        world = World(made())
        for name, row in enumerate(rows):
            world.step("add", name, row)
            assert standing(world) == linked_at_once(world)
        for each in gone:
            world.step(*each)
        assert standing(world) == linked_at_once(world)


@settings(max_examples=150, deadline=None)
@given(histories)
def test_dead_keys_are_listed(history: list[Step]) -> None:
    """The list of over-common keys is that of the reference, with kind, holders and cap."""
    with tight_limits():
        world = World(made())
        for each in history:
            world.step(*each)
        holders: dict[int, int] = {}
        for number in world.rows.values():
            for key in keys_of(ROWS[number]):
                holders[key] = holders.get(key, 0) + 1
        caps = {key: blocking.RESTORED if key in world.restored else 3 for key in holders}
        dead = {
            (whole(key), kind_of(key), count, caps[key])
            for key, count in holders.items()
            if count > caps[key]
        }
        assert {tuple(each) for each in world.engine.dead_keys()} == dead


words_ = st.sampled_from([0, 0, 1, 2, 3, 1 << 24, 0xFFFFFFFF, 0x01000002])


@settings(max_examples=400, deadline=None)
@given(st.lists(words_, min_size=WIDTH, max_size=WIDTH))
def test_compiled_keys_are_the_plain_ones(row: list[int]) -> None:
    """The compiled keys of a row are the hashes of its exact keys, in their order."""
    out = np.zeros(96, np.int64)
    count = write_keys(np.array(row, np.uint32), out)
    assert [int(key) & KEY for key in out[:count]] == [hashed(key) for key in keys_of(row)]
    assert [blocking.KINDS[key >> KINDS_OFFSET] for key in out[:count]] == [
        kind_of(key) for key in keys_of(row)
    ]
