"""The linkage engine: rows, ties and restored keys in; components and clusters out.

Its answer is a function of the final set of rows, ties and restored keys, whatever the order in
which they came and went. Encodings are in clear here and nowhere else. Not for use from two threads
at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple, cast

import numpy as np

from .. import blocking, graph
from ..parameters import REVIEW
from ..weighing import Tables
from . import arena, dumping, edges, freezing, memory, packing, records, rulings, settling, survey
from .keys import KINDS_OFFSET
from .memory import EDGES, I64, RING, ROW, U32, EngineFull
from .scores import Limits
from .ties import DIFFERENT, DISTINCT, SAME

CAPACITY: Final = 2**23
"""Rows for which address space is reserved."""
_KINDS: Final = {"same": SAME, "different": DIFFERENT, "distinct": DISTINCT}
_HEADROOM: Final = 2**22
_SEGMENTS: Final = 2**12
"""What 256 rows can use up at the very most, the longest lists of holders apart."""
_AT_ONCE: Final = 256


class Component(NamedTuple):
    """Rows that work together, in canonical order, and the first row of each one's cluster."""

    slots: list[int]
    labels: list[int]
    oversize: bool

    def clusters(self) -> list[tuple[int, ...]]:
        """The rows of each cluster, in canonical order."""
        found: dict[int, list[int]] = {}
        for slot, label in zip(self.slots, self.labels, strict=True):
            found.setdefault(label, []).append(slot)
        return [tuple(members) for members in found.values()]


class DeadKey(NamedTuple):
    """A key that too many rows hold to compare them; `key` names it and tells no value."""

    key: int
    kind: str
    holders: int
    cap: int


def _limits() -> Limits:
    return Limits(
        caps=np.array([blocking.CAPS[kind] for kind in blocking.KINDS], np.int64),
        shared=np.array([kind in blocking.SHARED for kind in blocking.KINDS]),
        ladder=np.array(graph.LADDER, np.float64),
        largest=graph.LARGEST,
        review=REVIEW,
    )


class Engine:
    """Rows by slot; slots of removed rows are used again."""

    def __init__(self, tables: Tables, capacity: int = CAPACITY) -> None:
        """Reserves address space for `capacity` rows; memory is used as rows come."""
        self._tables = tables
        self.limits = _limits()
        holders = max(int(self.limits.caps.max()), blocking.RESTORED)
        self.memory = memory.reserve(capacity)
        self._scratch = memory.scratch(capacity, holders)
        self.rows = cast("U32", Rows(self.memory))
        self.edges = Edges(self.memory)

    def __len__(self) -> int:
        """How many rows there are."""
        return int(self.memory.state[memory.ROWS])

    # -- inputs ---------------------------------------------------------------------------------

    def add(self, words: Sequence[int] | U32, signature: bytes) -> int:
        """Take in a row; its slot. Raises EngineFull.

        The first eight bytes of the signature are the row's place in the canonical order.
        """
        return self._take(records.add, words, signature)

    def insert(self, words: Sequence[int] | U32, signature: bytes) -> int:
        """Take in a row and settle, without telling what was found anew. Raises EngineFull."""
        return self._take(settling.insert, words, signature)

    def _take(
        self, taking: Callable[..., int], words: Sequence[int] | U32, signature: bytes
    ) -> int:
        self._check_room()
        place = int.from_bytes(signature[:8], "big")
        row = np.asarray(words, np.uint32)
        bound = (self.memory, self._scratch, self.limits, self._tables)
        return taking(*bound, row, place >> 32, place & 0xFFFFFFFF)

    def add_many(self, rows: U32, places: I64) -> None:
        """Take in rows by the hundred thousand, as after a restart. Raises EngineFull.

        `places` holds the upper and the lower 32 bits of each row's place in the canonical order.
        """
        self._take_many(records.add_many, rows, places)

    def insert_many(self, rows: U32, places: I64) -> None:
        """Take in rows and settle after each, as `insert` does. Raises EngineFull."""
        self._take_many(settling.insert_many, rows, places)

    def _take_many(self, taking: Callable[..., None], rows: U32, places: I64) -> None:
        for first in range(0, len(rows), _AT_ONCE):
            last = min(first + _AT_ONCE, len(rows))
            self._check_room(last - first)
            bound = (self.memory, self._scratch, self.limits, self._tables)
            taking(*bound, rows[first:last], places[first:last])

    def remove(self, slot: int) -> None:
        """Let a row go, and its ties with it."""
        records.remove(self.memory, self._scratch, self.limits, self._tables, slot)

    def tie(self, one: int, two: int, kind: str, *, off: bool = False) -> None:
        """Say that two rows are "same" or "different" by ruling, or "distinct" by incident.

        What is said twice must be taken back (`off`) twice. Raises ValueError if it never was.
        """
        bound = (self.memory, self._scratch, self.limits, self._tables)
        if one == two or not rulings.tie(*bound, one, two, _KINDS[kind], -1 if off else 1):
            raise ValueError("no such tie can be said or taken back")

    def revisit(self, slot: int) -> None:
        """Let the next `settle` find a row's component anew, though nothing here has changed."""
        edges.seed(self.memory, self._scratch, slot)

    def restore(self, key: int) -> None:
        """Let a key compare up to a higher cap. Raises EngineFull after a thousand of them."""
        if key in self.restored():
            return
        if len(self.restored()) == memory.RESTORABLE:
            raise EngineFull("no further key can be restored")
        rulings.restore(self.memory, self._scratch, self.limits, self._tables, key)

    def unrestore(self, key: int) -> None:
        """Give a key its ordinary cap back."""
        if key in self.restored():
            rulings.unrestore(self.memory, self._scratch, self.limits, key)

    # -- consequences ---------------------------------------------------------------------------

    def settle(self) -> list[Component]:
        """Bring components and clusters up to date; all that were found anew."""
        found = self.settle_only()
        s = self._scratch
        bounds: list[int] = s.bounds[: found + 1].tolist()
        slots: list[int] = s.out[0, : bounds[-1]].tolist()
        labels: list[int] = s.out[1, : bounds[-1]].tolist()
        return [
            Component(
                slots[first:last],
                labels[first:last],
                oversize=last - first > self.limits.largest,
            )
            for first, last in pairwise(bounds)
        ]

    def settle_only(self) -> int:
        """Bring components and clusters up to date and tell only how many were found anew."""
        return settling.settle(self.memory, self._scratch, self.limits, self._tables)

    def changed(self) -> list[int]:
        """Rows that are there and whose edges or ties changed since this was last asked."""
        count = settling.told(self.memory, self._scratch)
        slots: list[int] = self._scratch.pending[memory.TO_TELL, :count].tolist()
        return slots

    def reflagged(self) -> set[int]:
        """Rows whose over-common keys may have changed since this was last asked."""
        count = int(self._scratch.lengths[memory.TO_FLAG])
        self._scratch.lengths[memory.TO_FLAG] = 0
        return set(self._scratch.pending[memory.TO_FLAG, :count].tolist())

    # -- what stands ----------------------------------------------------------------------------

    def label(self, slot: int) -> int:
        """The first row of a row's cluster, as of the last `settle`."""
        return int(self.memory.slots[slot, memory.LABEL])

    def component(self, slot: int) -> list[int]:
        """The rows of a row's working component, as of the last `settle`."""
        found, at = [slot], int(self.memory.slots[slot, RING])
        while at != slot:
            found.append(at)
            at = int(self.memory.slots[at, RING])
        return found

    def overcommon(self, slot: int) -> list[str]:
        """Kinds of this row's keys that were expected to tell persons apart but are dead."""
        found = survey.dead_kinds(self.memory, self._scratch, self.limits, slot)
        return sorted({blocking.KINDS[kind] for kind in found} & blocking.SHARED)

    def candidates(self) -> int:
        """How many rows new rows were compared with, in the life of this memory."""
        return int(self.memory.state[memory.CANDIDATES])

    def component_sizes(self) -> I64:
        """How many rows each working component has, as of the last `settle`."""
        slots = self.memory.slots[: int(self.memory.state[memory.SLOTS])]
        alive = slots[:, memory.FLAGS] & memory.ALIVE != 0
        first = np.arange(len(slots))
        ring = np.where(alive, slots[:, RING], first)
        while True:  # the least of the next two, four, eight … rows of the ring
            least = np.minimum(first, first[ring])
            if np.array_equal(least, first):
                break
            first, ring = least, ring[ring]
        sizes = np.bincount(first[alive])
        return sizes[sizes > 0]

    def dead_count(self) -> int:
        """How many keys are over-common."""
        return int(self.memory.state[memory.DEAD])

    def dead_keys(self) -> list[DeadKey]:
        """All over-common keys, those held most first."""
        bound = (self.memory, self._scratch, self.limits)
        found = survey.dead_keys(*bound, self.dead_count()).tolist()
        found.sort(key=lambda each: (-each[1], each[0]))
        return [
            DeadKey(key, blocking.KINDS[key >> KINDS_OFFSET], count, cap)
            for key, count, cap in found
        ]

    def restored(self) -> list[int]:
        """Keys that have a higher cap."""
        keys: list[int] = self.memory.restored[: self.memory.state[memory.RESTORED], 0].tolist()
        return keys

    # -- snapshots ------------------------------------------------------------------------------

    def dump(self) -> Iterator[bytes | memoryview]:
        """The whole memory in pieces, encodings in clear; settled, and what was to tell is lost.

        Nothing may change until the last piece is taken.
        """
        self.settle_only()
        self.changed()
        self.reflagged()
        return dumping.pieces(self.memory, dumping.epoch(self.limits, self._tables))

    def freeze(self) -> Callable[[], Iterator[bytes | memoryview]]:
        """As `dump`, but of a copy that is made now: the pieces may be taken at any time later.

        Of rows that were removed nothing is left in them.
        """
        self.settle_only()
        self.changed()
        self.reflagged()
        copy, made_under = freezing.frozen(self.memory), dumping.epoch(self.limits, self._tables)

        def pieces() -> Iterator[bytes | memoryview]:
            freezing.wipe(copy)
            return dumping.pieces(copy, made_under)

        return pieces

    def load(self, pieces: Iterable[bytes | memoryview]) -> None:
        """Take over what `dump` gave, into an engine that is empty. Raises DumpError.

        After an error the engine is of no use.
        """
        dumping.fill(self.memory, dumping.epoch(self.limits, self._tables), pieces)

    def _check_room(self, more: int = 1) -> None:
        state, m = self.memory.state, self.memory
        blocks = state[memory.END] + _HEADROOM + 4 * state[memory.SLOTS] > len(m.words)
        table = state[memory.SEGMENTS] + _SEGMENTS > len(m.segments)
        if blocks or table or state[memory.SLOTS] + more > len(m.slots):
            raise EngineFull("all memory reserved for linkage is in use: reserve for more rows")


class Rows:
    """Rows in full, by slot or list of slots."""

    def __init__(self, of: memory.Memory) -> None:
        self._memory = of

    def __getitem__(self, at: Any) -> U32:
        if isinstance(at, list):
            return np.array([self[slot] for slot in at], np.uint32).reshape(-1, ROW)
        row = np.empty(ROW, np.uint32)
        packing.read(self._memory, int(at), row)
        return row


class Edges:
    """The rows that a row has edges to, by slot, with their weights."""

    def __init__(self, of: memory.Memory) -> None:
        self._memory = of

    def __getitem__(self, slot: int) -> dict[int, float]:
        return dict(self._of(slot))

    def _of(self, slot: int) -> Iterator[tuple[int, float]]:
        block = int(self._memory.slots[slot, EDGES])
        if block:
            end = block + 1 + 2 * (int(self._memory.words[block]) & arena.COUNT)
            yield from zip(
                self._memory.words[block + 1 : end : 2].tolist(),
                self._memory.reals[block + 2 : end : 2].tolist(),
                strict=True,
            )


def warm_up(tables: Tables) -> None:
    """Compile the engine, or load it from the cache: some fifty seconds the first time."""
    engine = Engine(tables, capacity=1024)
    row, sign = np.ones(ROW, np.uint32), bytes(8)
    one, two = engine.add(row, sign), engine.insert(row, sign)
    engine.tie(one, two, "same")
    engine.tie(one, two, "same", off=True)
    engine.settle()
    for key in engine.dead_keys() or [DeadKey(1, "", 0, 0)]:
        engine.restore(key.key)
        engine.unrestore(key.key)
    engine.changed()
    engine.overcommon(one)
    engine.rows[one]
    engine.remove(one)
    engine.add_many(row[None], np.zeros((1, 2), np.int64))
    engine.insert_many(row[None], np.zeros((1, 2), np.int64))
    for _ in engine.freeze()():
        pass
