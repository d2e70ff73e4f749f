"""Agreements in force while the hub runs: a changed folder takes effect within seconds.

A file that cannot be used is left out and reported, so its agreement permits nothing, and it keeps
no change of another file from taking effect. What officers decided, where a store keeps it, stands
over the files (`amend`): of an agreement that is theirs the folder's file is passed over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
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


UNHEARD_SECONDS: Final = 10.0
"""Age at which what a store said is no longer trusted: a withdrawal may have been missed."""


class StoreUnheard(Exception):
    """What officers decided is not known, or not any more: no agreement can be said to stand."""


@dataclass(frozen=True, slots=True)
class Held:
    """What stands: the agreements, their bundle, and why files of the folder are left out.

    `files` are the usable agreements of the folder, whether or not they stand.
    """

    agreements: tuple[Agreement, ...]
    bundle: Bundle
    faults: Mapping[str, tuple[str, ...]]
    files: tuple[Agreement, ...]


class AgreementFolder:
    """The agreements of a folder, never older than `SECONDS`; may be asked from any thread."""

    def __init__(
        self, folder: Path | None, *, clock: Callable[[], float] = monotonic, store: bool = False
    ) -> None:
        """Read it (None: the packaged agreements). Raises OSError if the folder is not there.

        With `store` nothing stands until `amend` has said what officers decided, nor when it has
        said nothing for `UNHEARD_SECONDS`.
        """
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._files: Mapping[str, bytes | None] = contents(folder)
        self._looked = clock()
        self._decided: Mapping[str, Agreement] = {}
        self._heard: float | None = None if store else inf
        self._held = _read(self._files, self._decided, None)

    def held(self) -> Held:
        """What is in force. A folder that has gone holds nothing. Raises StoreUnheard."""
        with self._lock:
            if self._heard is None or self._clock() - self._heard >= UNHEARD_SECONDS:
                raise StoreUnheard
            return self._looked_at()

    def files(self) -> tuple[Agreement, ...]:
        """The usable agreements of the folder, whether or not they stand."""
        with self._lock:
            return self._looked_at().files

    def amend(self, decided: Mapping[str, Agreement]) -> Held:
        """Let what officers decided stand over the files, by id; gives what is in force now."""
        with self._lock:
            if decided != self._decided:
                self._decided = dict(decided)
                self._held = _read(self._files, self._decided, self._held)
            if self._heard != inf:
                self._heard = self._clock()
            return self._looked_at()

    def left_out(self) -> int:
        """How many files are left out; the log names them."""
        with self._lock:
            return len(self._looked_at().faults)

    def _looked_at(self) -> Held:
        if self._clock() - self._looked >= SECONDS:
            files = self._contents()
            if files != self._files:
                self._held = _read(files, self._decided, self._held)
                self._files = files
            self._looked = self._clock()
        return self._held

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
        self._bundle = assemble(folder.files())  # so that what does not compile is told at once
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


def _read(
    files: Mapping[str, bytes | None], decided: Mapping[str, Agreement], before: Held | None
) -> Held:
    from_files, faults = sift(files)
    standing = {one["id"]: one for one in from_files} | dict(decided)
    agreements = tuple(standing[name] for name in sorted(standing))
    bundle = assemble(agreements)
    if before is not None and before.bundle.revision == bundle.revision:
        bundle = before.bundle  # compiled already
    for name, problems in faults.items():
        log.warning("agreements.left_out", file=name, problems=problems[:5])
    passed_over = sorted({one["id"] for one in from_files} & decided.keys())
    log.info(
        "agreements.in_force",
        revision=bundle.revision,
        count=len(agreements),
        files_passed_over=passed_over,
    )
    return Held(agreements, bundle, faults, from_files)
