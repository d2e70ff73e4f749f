"""A broker in a few lines: topics in memory, read and written as the real ones are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from math import inf
from typing import Any

from processors.log import LogRecord, Mark, Place
from processors.reconciler import Bookmark, Memory, Reconciler

IN, OUT, AUDIT = "hub.incident.v1", "hub.entity.v1", "hub.audit.v1"
_AT = datetime(2026, 5, 1, tzinfo=UTC)


class FakeBroker:
    """Topics of one partition."""

    def __init__(self) -> None:
        """Without a record."""
        self.topics: dict[str, list[LogRecord]] = {}

    def put(self, topic: str, key: str, value: Any) -> LogRecord:
        """Append a record."""
        log = self.topics.setdefault(topic, [])
        record = LogRecord(topic, 0, len(log), key, value, _AT)
        log.append(record)
        return record

    def stands(self, topic: str) -> dict[str, Any]:
        """The latest value under each key."""
        return {one.key: one.value for one in self.topics.get(topic, [])}


class FakeReader:
    """Reads topics of the fake broker, and remembers where it is."""

    def __init__(self, broker: FakeBroker, names: Sequence[str]) -> None:
        """At the beginning."""
        self._broker, self._at = broker, dict.fromkeys(names, 0)
        self.stopped = False
        self.positions: dict[Place, int] = {}
        self.marks: dict[Place, Mark] = {}
        self.fits = True

    async def start(self, *, at: Mapping[Place, int] | None = None) -> None:
        """Stand at the beginning, or at these offsets."""
        self._at |= {name: offset for (name, _), offset in (at or {}).items()}

    async def resume(self, marks: Mapping[Place, Mark]) -> bool:
        """Stand after these messages, unless told that they are of another log."""
        if self.fits:
            self._at |= {name: mark.offset + 1 for (name, _), mark in marks.items()}
            self.positions |= {place: mark.offset + 1 for place, mark in marks.items()}
            self.marks |= marks
        return self.fits

    async def rewind(self) -> None:
        """Stand at the beginning."""
        self._at = dict.fromkeys(self._at, 0)
        self.positions, self.marks = {}, {}

    async def left(self) -> int:
        """How many records are still to be read."""
        return sum(len(self._broker.topics.get(each, [])) - at for each, at in self._at.items())

    async def ends_of(self, topic: str) -> dict[Place, int]:
        """Where a topic ends."""
        return {(topic, 0): len(self._broker.topics.get(topic, []))}

    async def stop(self) -> None:
        """Note it."""
        self.stopped = True

    async def catch_up(
        self,
        take: Callable[[LogRecord], None],
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Hand over what has come since."""
        count = 0
        for name, position in self._at.items():
            log = self._broker.topics.get(name, [])
            for record in log[position:]:
                take(record)
                count += 1
            self._at[name] = self.positions[name, 0] = len(log)
            if log:
                self.marks[name, 0] = Mark(len(log) - 1, b"")
        if progress:
            progress(count)
        return count

    async def read(self) -> list[LogRecord]:
        """Give what has come since."""
        records: list[LogRecord] = []
        await self.catch_up(records.append)
        return records


class BrokerDied(Exception):
    """The broker went away before it acknowledged."""


class FakePublisher:
    """Appends when flushed, as a broker acknowledges; can die before it holds them, or after."""

    def __init__(self, broker: FakeBroker) -> None:
        """Nothing is pending."""
        self._broker = broker
        self._pending: list[tuple[str, str, Any]] = []
        self.sent: list[tuple[str, str, Any]] = []
        self.dies: str | None = None

    async def send(self, topic: str, key: str, record: Any) -> None:
        """Queue."""
        self._pending.append((topic, key, record))

    async def flush(self) -> None:
        """Write what is queued. Raises BrokerDied if told to."""
        if self.dies == "before":
            raise BrokerDied
        for one in self._pending:
            self._broker.put(*one)
        self.sent += self._pending
        self._pending = []
        if self.dies == "after":
            raise BrokerDied


class Tally:
    """A core that counts the incidents of each agency."""

    name = "tally"
    inputs = (IN,)
    output = OUT
    key = "agency"
    pause = 0.0
    patience = inf

    def __init__(self) -> None:
        """Nothing is counted."""
        self.standing: dict[str, dict[str, Any]] = {}
        self._seen: dict[str, set[str]] = {}
        self._touched: set[str] = set()
        self.applied: list[int] = []

    def stood(self, key: str, value: dict[str, Any]) -> None:
        """Learn what is published."""
        if self.standing.get(key) != value:
            self._touched.add(key)
        self.standing[key] = value

    def known(self) -> tuple[dict[str, set[str]], dict[str, dict[str, Any]]]:
        """A copy of what was counted and of what stands."""
        return {key: set(each) for key, each in self._seen.items()}, dict(self.standing)

    def recall(self, seen: dict[str, set[str]], standing: dict[str, dict[str, Any]]) -> None:
        """Know what was counted and stood at another time."""
        self._seen, self.standing = seen, standing

    def apply(self, record: LogRecord) -> None:
        """Count one."""
        assert record.value is not None
        self.applied.append(record.offset)
        self._seen.setdefault(record.value["agency"], set()).add(record.key)
        self._touched.add(record.value["agency"])

    def changes(self, *, whole: bool = False) -> Sequence[Mapping[str, Any]]:
        """Agencies whose count is another than published."""
        asked = self._seen.keys() | self.standing.keys() if whole else self._touched
        now: list[dict[str, Any]] = [
            {"agency": a, "count": len(self._seen.get(a, ()))} for a in sorted(asked)
        ]
        changed = [one for one in now if self.standing.get(one["agency"]) != one]
        self.standing.update({one["agency"]: one for one in changed})
        self._touched = set()
        return changed

    def audit(self, output: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """One entry for each count."""
        return ({"audit_id": f"{output['agency']}-{output['count']}"},)


class FakeMemory:
    """Keeps what a tally knows as often as it may, in a place that outlives it."""

    def __init__(self, core: Tally, place: dict[str, Any]) -> None:
        """Something is kept if the place is not empty."""
        self._core, self._place = core, place
        self.wanted = self.usable = True
        self.refused: list[str] = []
        self.left = 0

    def bookmark(self) -> Bookmark | None:
        """Where the log stood."""
        return self._place.get("bookmark")

    def recall(self) -> bool:
        """Fill the core, if this is usable."""
        if self.usable:
            seen, standing = self._place["seen"], self._place["standing"]
            self._core.recall({key: set(each) for key, each in seen.items()}, dict(standing))
        return self.usable

    def refuse(self, reason: str) -> None:
        """Note why."""
        self.refused.append(reason)

    def due(self, inputs: Mapping[Place, Mark]) -> bool:
        """Whether the test wants it and something came."""
        held = self._place.get("bookmark")
        return self.wanted and (held is None or dict(held.inputs) != inputs)

    def keep(self, bookmark: Bookmark) -> None:
        """Copy what the core knows."""
        seen, standing = self._core.known()
        self._place |= {"bookmark": bookmark, "seen": seen, "standing": standing}

    def leave(self) -> None:
        """Count."""
        self.left += 1


def reconciler(
    broker: FakeBroker, core: Any = None, memory: Memory | None = None
) -> tuple[Reconciler, FakePublisher, Any]:
    """A reconciler on the fake broker, its publisher and its core."""
    core = core or Tally()
    publisher: Any = FakePublisher(broker)
    nothing: Any = None  # neither a connection nor a decoder is used by the fakes
    made = Reconciler(core, nothing, nothing, publisher, memory=memory)
    made._input = FakeReader(broker, core.inputs)  # type: ignore[assignment]
    made._output = partial(FakeReader, broker, (core.output,))  # type: ignore[assignment, arg-type]
    return made, publisher, core
