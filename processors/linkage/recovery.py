"""What a restarted linkage worker begins with: the core's memory in a sealed file.

The file says first under which parameters it was made and where the log stood. It is written beside
the work, from a copy, and takes the place of the one before when it is whole. Whatever is wrong
with it (torn, altered, of another hub, other parameters, another version of the program, another
log) it is refused, and the whole log is replayed: it saves time and is never needed.

It must not outlive what it remembers: it is renewed as long as this worker publishes, so that what
was erased is gone from it after one interval, and removed where nobody renews it.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import structlog

from processors.linkage import figures
from processors.linkage.agent import LinkageCore
from processors.linkage.engine.keeping import keep, kept
from processors.linkage.engine.refusal import DumpError
from processors.linkage.parameters import Parameters
from processors.linkage.remembering import Pieces
from processors.log import Mark, Place
from processors.reconciler import Bookmark
from schemas.keyring import Keyring

Log = structlog.get_logger

FILE: Final = "linkage.memory"
INTERVAL: Final = 60.0
"""Seconds from one writing to the next."""
ABANDONED: Final = 600.0
"""Seconds after which a worker that does not publish removes a memory that nobody renews."""
_SHARE: Final = 20
"""Writing may take one part in so many of a processor's time."""


class LinkageMemory:
    """Keeps one core's memory in a file, and fills the core from it."""

    def __init__(
        self,
        core: LinkageCore,
        folder: Path,
        keyring: Keyring,
        interval: float = INTERVAL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is read yet. Raises KeyMissing without the linkage key and the log's secret."""
        self._core = core
        self._path = folder / FILE
        self._key = keyring.linkage
        self._opener = keyring.linkage_opener()
        self._secret = keyring.log_secret
        self._interval = interval
        self._clock = clock
        self._due_at = clock()
        self._kept: Mapping[Place, Mark] = {}
        self._writer: threading.Thread | None = None

    def bookmark(self) -> Bookmark | None:
        """Where the log stood when the file was written; None if it cannot be used."""
        self._path.with_suffix(".part").unlink(missing_ok=True)
        if not self._path.exists():
            return None
        try:
            head = json.loads(bytes(next(self._pieces(), b"{}")))
            made_under, bookmark = head["parameters"], _bookmark(head)
        except (DumpError, OSError, ValueError, TypeError, KeyError) as error:
            self.refuse(_fault(error))
            return None
        if made_under == digest(self._core.parameters):
            return bookmark
        self.refuse("it was made under other parameters")
        return None

    def recall(self) -> bool:
        """Fill the core. False, and an empty core, if the file turns out to be unusable."""
        pieces = self._pieces()
        try:
            age = time.time() - self._path.stat().st_mtime
            head = bytes(next(pieces, b"{}"))
            self._core.recall(pieces)
        except (DumpError, OSError) as error:
            self.refuse(_fault(error))
            return False
        self._kept = _bookmark(json.loads(head)).inputs
        self._due_at = self._clock() + max(0.0, self._interval - age)
        Log().info("memory-recalled", records=self._core.known(), seconds_old=round(age))
        return True

    def refuse(self, reason: str) -> None:
        """Remove the file, and say why."""
        figures.MEMORY_REFUSED.inc()
        Log().warning("memory-refused", fault=reason, instead="the whole log is replayed")
        self._path.unlink(missing_ok=True)

    def due(self, inputs: Mapping[Place, Mark]) -> bool:
        """Whether something has come since the last writing, and that is long enough ago."""
        if self._writer is not None and self._writer.is_alive():
            return False
        return self._clock() >= self._due_at and inputs != self._kept

    def keep(self, bookmark: Bookmark) -> None:
        """Copy what the core knows, and write it out beside the work."""
        self._kept, self._due_at = bookmark.inputs, self._clock() + self._interval
        began = time.perf_counter()
        pieces = self._told(bookmark, self._core.frozen())
        figures.MEMORY_PAUSE.set(time.perf_counter() - began)
        self._writer = threading.Thread(target=self._write, args=(pieces,), daemon=True)
        self._writer.start()

    def wait(self) -> None:
        """Return when what is being written is written."""
        if self._writer is not None:
            self._writer.join()

    def leave(self) -> None:
        """Remove a file that has not been renewed for long: another worker keeps another."""
        try:
            if time.time() - self._path.stat().st_mtime > ABANDONED:
                self._path.unlink(missing_ok=True)
        except OSError:
            return

    def _pieces(self) -> Iterator[bytes]:
        return kept(self._path, self._opener, self._secret)

    def _told(self, bookmark: Bookmark, core: Pieces) -> Pieces:
        head = {
            "parameters": digest(self._core.parameters),
            "inputs": [[*place, m.offset, m.digest.hex()] for place, m in bookmark.inputs.items()],
            "outputs": [[*place, offset] for place, offset in bookmark.outputs.items()],
        }
        return _after(json.dumps(head).encode(), core)

    def _write(self, pieces: Pieces) -> None:
        began, spent = time.perf_counter(), time.thread_time()
        try:
            size = keep(self._path, pieces, self._key.public, self._secret)
        except OSError as error:
            figures.MEMORY_FAILED.inc()
            Log().error("memory-not-kept", fault=_fault(error))
            return
        cost = time.thread_time() - spent
        self._due_at = max(self._due_at, self._clock() + _SHARE * cost)
        figures.MEMORY_BYTES.set(size)
        figures.MEMORY_AT.set_to_current_time()
        figures.MEMORY_SECONDS.set(time.perf_counter() - began)


def digest(parameters: Parameters) -> str:
    """A digest of everything that parameters say."""
    return blake2b(parameters.as_json().encode(), digest_size=16).hexdigest()


def _after(head: bytes, rest: Pieces) -> Pieces:
    yield head
    yield from rest


def _bookmark(head: Mapping[str, Any]) -> Bookmark:
    return Bookmark(
        {(t, p): Mark(offset, bytes.fromhex(told)) for t, p, offset, told in head["inputs"]},
        {(t, p): offset for t, p, offset in head["outputs"]},
    )


def _fault(error: Exception) -> str:
    """What went wrong, without a path and without anything that was in the file."""
    if isinstance(error, OSError):
        return os.strerror(error.errno) if error.errno else type(error).__name__
    return str(error) if isinstance(error, DumpError) else type(error).__name__
