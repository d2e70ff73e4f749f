"""Events that wait on disk while the hub is away, in order, until it has acknowledged them.

One file for each event, written beside and renamed, and synced before `add` returns: a crash
leaves an event whole or not at all. The folder may be entered by its owner alone (0700, files
0600), since events hold personal data in clear; it belongs on an encrypted disk.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from producers.records import Event
from schemas import shape

_NAME = re.compile(r"(\d{12})\.json")


class SpoolBusyError(Exception):
    """Another process is emptying this spool."""


class SpoolDamagedError(Exception):
    """A file of the spool is not what was written; `name` says which."""

    def __init__(self, name: str) -> None:
        """Hold the file's name."""
        super().__init__(f"spool file {name} is not a whole event; move it away and look at it")
        self.name = name


@dataclass(frozen=True, slots=True)
class Spooled:
    """An event that waits, and its place in the order."""

    number: int
    event: Event


class Spool:
    """A folder of waiting events."""

    def __init__(self, folder: Path) -> None:
        """The folder is made when the first event is added."""
        self._folder = folder

    def __len__(self) -> int:
        """How many events wait."""
        return len(self._numbers())

    def add(self, events: Iterable[Event]) -> int:
        """Append events; those that wait already are left out. Gives how many were added.

        When this returns, they are on the disk.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        numbers = self._numbers()
        waiting = {one.event.event_id for one in self.waiting()}
        number, added = (numbers[-1] if numbers else 0), 0
        for event in events:
            if event.event_id in waiting:
                continue
            number, added = number + 1, added + 1
            waiting.add(event.event_id)
            self._write(number, event)
        self._sync_folder()
        return added

    def waiting(self) -> Iterator[Spooled]:
        """Give the waiting events in the order in which they were added.

        Raises SpoolDamagedError for a file that somebody changed.
        """
        for number in self._numbers():
            path = self._path(number)
            try:
                data = json.loads(path.read_text("utf-8"))
                record, departures = shape.from_json(data["record"], data["value"])
            except (ValueError, KeyError, TypeError):
                raise SpoolDamagedError(path.name) from None
            if record is None or departures:
                raise SpoolDamagedError(path.name)
            yield Spooled(number, Event(data["record"], record))

    def remove(self, numbers: Iterable[int]) -> None:
        """Forget events that the hub has acknowledged."""
        for number in numbers:
            self._path(number).unlink(missing_ok=True)
        self._sync_folder()

    @contextmanager
    def emptying(self) -> Iterator[None]:
        """Hold the spool for one process. Raises SpoolBusyError if another has it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise SpoolBusyError("another process is sending what waits here") from None
            yield

    def _numbers(self) -> list[int]:
        if not self._folder.is_dir():
            return []
        found = (_NAME.fullmatch(path.name) for path in self._folder.iterdir())
        return sorted(int(match[1]) for match in found if match)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:012d}.json"

    def _write(self, number: int, event: Event) -> None:
        content = {"record": event.record, "value": shape.to_json(event.record, event.value)}
        path = self._path(number)
        beside = path.with_suffix(".part")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(content, out, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        beside.rename(path)

    def _sync_folder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
