"""How a worker that starts tells how far it has come: log lines and metrics, phase by phase."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

import structlog

from processors import metrics

Log = structlog.get_logger

EVERY: Final = 5.0
"""Seconds between two log lines about one phase."""


class Progress:
    """The way of one processor from its start until it publishes."""

    def __init__(self, processor: str, clock: Callable[[], float] = monotonic) -> None:
        """Nothing has begun."""
        self._processor = processor
        self._clock = clock
        self._phase = ""
        self._expected = self._count = 0
        self._began = self._said = 0.0
        self._seconds: dict[str, float] = {}

    def begin(self, phase: str, expected: int = 0) -> None:
        """End the phase before and begin one of about so many records."""
        self._end_phase()
        self._phase, self._expected, self._count = phase, expected, 0
        self._began = self._said = self._clock()
        metrics.RECOVERY_EXPECTED.labels(self._processor, phase).set(expected)

    def __call__(self, count: int) -> None:
        """Hear how many records the present phase has taken."""
        self._count = count
        metrics.RECOVERY_RECORDS.labels(self._processor, self._phase).set(count)
        now = self._clock()
        if now >= self._said + EVERY:
            self._said = now
            Log().info(
                "replaying",
                processor=self._processor,
                phase=self._phase,
                records=count,
                of=max(count, self._expected),
                seconds=round(now - self._began, 1),
            )

    def end(self, *, published: int) -> None:
        """End the last phase, and say how long each took and how much had to be published."""
        self._end_phase()
        seconds = {phase: round(taken, 2) for phase, taken in self._seconds.items()}
        Log().info(
            "recovered",
            processor=self._processor,
            published=published,
            seconds=round(sum(self._seconds.values()), 2),
            **seconds,
        )
        self._seconds = {}

    def _end_phase(self) -> None:
        if not self._phase:
            return
        taken = self._clock() - self._began
        self._seconds[self._phase] = taken
        metrics.RECOVERY_SECONDS.labels(self._processor, self._phase).set(taken)
        if self._count:
            Log().info(
                "replayed",
                processor=self._processor,
                phase=self._phase,
                records=self._count,
                seconds=round(taken, 2),
            )
        self._phase = ""
