"""Agreements in force while the hub runs: a changed folder takes effect within seconds.

A file that cannot be used is left out and reported, so its agreement permits nothing, and it keeps
no change of another file from taking effect.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final

import structlog

from policies.agreements import Agreement, contents, sift
from policies.bundle import Bundle, assemble
from policies.embedded import RegorusEngine
from policies.engine import Decision, EngineUnavailable

log = structlog.get_logger(__name__)

SECONDS: Final = 2.0
"""Age at which the folder is looked at again."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a folder holds: its usable agreements, their bundle, and why files are left out."""

    agreements: tuple[Agreement, ...]
    bundle: Bundle
    faults: Mapping[str, tuple[str, ...]]


class AgreementFolder:
    """The agreements of a folder, never older than `SECONDS`; may be asked from any thread."""

    def __init__(self, folder: Path | None, *, clock: Callable[[], float] = monotonic) -> None:
        """Read it (None: the packaged agreements). Raises OSError if the folder is not there."""
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._files: Mapping[str, bytes | None] = contents(folder)
        self._looked = clock()
        self._held = _read(self._files)

    def held(self) -> Held:
        """What is in force. A folder that has gone holds nothing."""
        with self._lock:
            if self._clock() - self._looked >= SECONDS:
                files = self._contents()
                if files != self._files:
                    self._held = _read(files)
                    self._files = files
                self._looked = self._clock()
            return self._held

    def left_out(self) -> int:
        """How many files are left out; the log names them."""
        return len(self.held().faults)

    def _contents(self) -> Mapping[str, bytes | None]:
        try:
            return contents(self._folder)
        except OSError:
            return {str(self._folder): None}


class FollowingEngine:
    """The embedded engine with a folder's agreements as they stand at each decision."""

    def __init__(self, folder: AgreementFolder) -> None:
        """Raises EngineUnavailable if the bundle does not compile."""
        self._folder = folder
        self._bundle = folder.held().bundle
        self._engine = RegorusEngine(self._bundle)

    @property
    def revision(self) -> str:
        """Revision of the bundle in force."""
        return self._bundle.revision

    async def decide(self, document: Mapping[str, Any]) -> Decision:
        """Decide on one input. Raises EngineUnavailable, also where the folder cannot be followed.

        Looking takes a moment of the caller's thread, once in `SECONDS`.
        """
        self._follow()
        return await self._engine.decide(document)

    async def ready(self) -> bool:
        """Tell whether the folder can be followed and its bundle compiles."""
        try:
            self._follow()
        except EngineUnavailable:
            return False
        return await self._engine.ready()

    def _follow(self) -> None:
        try:
            bundle = self._folder.held().bundle
        except Exception as error:
            raise EngineUnavailable(
                f"agreements cannot be followed ({type(error).__name__})"
            ) from error
        if bundle is not self._bundle:
            self._engine.replace(bundle)
            self._bundle = bundle


def _read(files: Mapping[str, bytes | None]) -> Held:
    agreements, faults = sift(files)
    made = Held(agreements, assemble(agreements), faults)
    for name, problems in faults.items():
        log.warning("agreements.left_out", file=name, problems=problems[:5])
    log.info("agreements.in_force", revision=made.bundle.revision, count=len(agreements))
    return made
