"""Whoever waits for a worker sees how far it is, and afterwards what took how long."""

from __future__ import annotations

import pytest

from processors import metrics
from processors.progress import EVERY, Progress


def test_a_start_is_told_phase_by_phase(capsys: pytest.CaptureFixture[str]) -> None:
    """Not with every batch, but every few seconds; in the end the sum, and what was published."""
    now = [10.0]
    progress = Progress("tally", lambda: now[0])
    progress.begin("memory")
    now[0] += 1.0
    progress.begin("replay", 2_000)
    progress(500)
    assert "replaying" not in capsys.readouterr().out
    now[0] += EVERY
    progress(1_000)
    said = capsys.readouterr().out
    assert all(each in said for each in ("replaying", "records=1000", "of=2000", "seconds=5.0"))
    progress(2_100)
    now[0] += 2.5
    progress.end(published=3)
    said = capsys.readouterr().out
    assert all(each in said for each in ("replayed", "records=2100", "seconds=7.5"))
    assert all(each in said for each in ("memory=1.0", "replay=7.5", "published=3", "seconds=8.5"))


def test_the_figures_are_metrics_too() -> None:
    """For a dashboard: what is expected, what is done, and how long each phase took."""
    now = [10.0]
    progress = Progress("tally", lambda: now[0])
    progress.begin("replay", 2_000)
    progress(700)
    now[0] += 4.0
    progress.end(published=0)
    shown = [
        metric.labels("tally", "replay")._value.get()
        for metric in (
            metrics.RECOVERY_EXPECTED,
            metrics.RECOVERY_RECORDS,
            metrics.RECOVERY_SECONDS,
        )
    ]
    assert shown == [2_000, 700, 4.0]
