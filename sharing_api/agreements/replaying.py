"""Past decisions of the ledger put again under a version: on a thread, told as it goes on.

One at a time in a process, and of a bounded part of the ledger: a replay takes time from the gate.
Whoever asked and goes away ends it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from policies.agreements import Agreement
from policies.decided import Decided
from policies.examination.replay import Replay, replay, told
from sharing_api.problems import Problem
from sharing_api.release import Subject
from sharing_api.release.subjects import OPEN, unasked
from sharing_api.services import Services
from sharing_api.store.decision_inputs import decided

KIND: Final = "agreement-replay"
MOST_ENTRIES: Final = 200_000
MOST_DECISIONS: Final = 500_000
"""An entry of a list holds many decisions; beyond so many the replay ends, and says so."""
_PAGE: Final = 2_000
_TOLD_SECONDS: Final = 1.0
_READ_SECONDS: Final = 60.0
RETRY_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Wish:
    """What is put again, and under what.

    `after` and `through`: numbers of ledger entries, those behind the first up to the second.
    `before`, `draft`: two complete sets of agreements. `on`: None asks each on its own day.
    """

    after: int
    through: int
    before: Sequence[Agreement]
    draft: Sequence[Agreement]
    on: date | None
    agency: str


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it. `last`: the entry up to which it went."""

    found: Replay
    last: int


class _Stopped(Exception):
    """Nobody waits for the answer any more."""


async def replaying(services: Services, wish: Wish) -> AsyncIterator[int | Done]:
    """Give the number of decisions each second, at last what came of it.

    Raises Problem 429 while another one runs, EngineUnavailable, or the store's errors.
    """
    if services.replaying.locked():
        raise Problem(
            429,
            "replay-running",
            "Another replay is running here; one at a time.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    async with services.replaying:
        course = _Course(services, wish)
        work = asyncio.create_task(asyncio.to_thread(course.run))
        try:
            while not work.done():
                yield course.done
                await asyncio.wait({work}, timeout=_TOLD_SECONDS)
            found = work.result()
            assert found is not None
            yield Done(found, course.last)
        finally:
            course.stopped.set()
            await asyncio.wait({work}, timeout=_READ_SECONDS)


class _Course:
    """One replay on its thread."""

    def __init__(self, services: Services, wish: Wish) -> None:
        self._services = services
        self._wish = wish
        self._loop = asyncio.get_running_loop()
        self.stopped = threading.Event()
        self.done = 0
        self.last = wish.after

    def run(self) -> Replay | None:
        """Go through the past; None where it was stopped."""
        wish = self._wish
        try:
            return replay(
                self._past(), wish.before, wish.draft,
                on=wish.on, progress=self._tell, agency=wish.agency,
            )  # fmt: skip
        except _Stopped:
            return None

    def _past(self) -> Iterator[Decided]:
        given = 0
        while given < MOST_DECISIONS and self.last < self._wish.through:
            page = [one for one in self._page() if one.sequence <= self._wish.through]
            if not page:
                self.last = self._wish.through
                return
            yield from page
            given += len(page)
            self.last = page[-1].sequence

    def _page(self) -> list[Decided]:
        self._tell(self.done)
        reading = asyncio.run_coroutine_threadsafe(self._read(self.last), self._loop)
        return reading.result(_READ_SECONDS)

    async def _read(self, after: int) -> list[Decided]:
        async with self._services.reading() as session:
            return await decided(session, after=after, limit=_PAGE)

    def _tell(self, done: int) -> None:
        if self.stopped.is_set():
            raise _Stopped
        self.done = done


def subject(done: Done, wish: Wish, about: Mapping[str, Any]) -> Subject:
    """Put what came of it before the gate: counts and samples by id, never a value.

    `about` says of which version.
    """
    found = done.found.as_json()
    clear = {
        **about,
        "first_entry": wish.after + 1,
        "last_entry": done.last,
        "complete": done.last >= wish.through,
        "breakdown": found["by"],
        "own_samples": told(done.found.own),
        **{name: found[name] for name in _AS_FOUND},
    }
    facts = {**OPEN, "consent": unasked()}
    return Subject(KIND, f"{about['agreement_id']}@{about['version']}", facts, clear)


_AS_FOUND: Final = ("summary", "decisions", "unaskable", "unchanged", "effects", "samples")
