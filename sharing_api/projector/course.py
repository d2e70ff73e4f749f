"""Where the projector stands in each partition, and whether the log is still the one it knew.

A broker that keeps nothing (the embedded one) comes back with a new, shorter or different log under
the same names. Reading therefore resumes one message before the stored position: if that message
is the one remembered, it is passed over; if another stands at its offset, or the log ends before
it, the log is a new one and is read from its beginning. A gap there means compaction, no new log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sharing_api.projector.messages import Message
from sharing_api.projector.positions import Partition, Position


class Course:
    """Positions of the assigned partitions: as stored, and as they will be after this batch."""

    def __init__(self, stored: Mapping[Partition, Position]) -> None:
        self.stored: dict[Partition, Position] = dict(stored)
        self._next: dict[Partition, int] = {}
        self._verifying: set[Partition] = set()

    def offsets(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """Where to read from: one before the stored position, to see whether the log is the same.

        Partitions that are read already go on where they are.
        """
        out: dict[Partition, int] = {}
        for partition in sorted(partitions):
            stored = self.stored.get(partition)
            if partition not in self._next and stored is not None and stored.next_offset > 0:
                self._verifying.add(partition)
            self._next.setdefault(partition, stored.next_offset if stored else 0)
            out[partition] = self._next[partition] - (partition in self._verifying)
        return out

    def accept(self, messages: Sequence[Message]) -> tuple[list[Message], set[Partition]]:
        """Sort out what is new. Gives it, and the partitions whose log turned out to be another.

        These must be read again from offset 0; nothing of them is given.
        """
        fresh: list[Message] = []
        foreign: set[Partition] = set()
        for message in messages:
            partition = (message.topic, message.partition)
            if partition in foreign:
                continue
            if partition in self._verifying and not self._verified(partition, message, foreign):
                continue
            if message.offset < self._next[partition]:
                foreign.add(partition)
                continue
            fresh.append(message)
            self._next[partition] = message.offset + 1
        for partition in foreign:
            self.restart(partition)
        return [m for m in fresh if (m.topic, m.partition) not in foreign], foreign

    def _verified(self, partition: Partition, message: Message, foreign: set[Partition]) -> bool:
        """Whether the message, the first one of its partition, is still to be taken."""
        self._verifying.discard(partition)
        stored = self.stored[partition]
        if message.offset != stored.next_offset - 1:
            return True
        if message.fingerprint() != stored.fingerprint:
            foreign.add(partition)
        return False

    def shrunk(self, partition: Partition, end: int) -> bool:
        """Whether the log ends before the position: it is another log."""
        return partition in self._next and end < self._next[partition]

    def restart(self, partition: Partition) -> None:
        """Read the partition from its beginning; the stored position moves with the next batch."""
        self._verifying.discard(partition)
        self._next[partition] = 0

    def after(self, messages: Sequence[Message]) -> dict[Partition, Position]:
        """The positions to store once these messages are projected."""
        last = {(message.topic, message.partition): message for message in messages}
        return {
            partition: Position(message.offset + 1, message.fingerprint())
            for partition, message in last.items()
        }

    def lag(self, partition: Partition, end: int | None) -> int | None:
        """Messages still to read; None while nobody has said where the log ends."""
        return None if end is None else max(0, end - self._next[partition])
