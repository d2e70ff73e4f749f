"""A worker that dies by SIGKILL in mid-stream and starts again loses and doubles nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.undisturbed import Course, assert_same, through_a_hub

pytestmark = [pytest.mark.timeout(240), pytest.mark.slow]


def test_a_killed_worker_leaves_no_trace(course: Course, tmp_path: Path) -> None:
    """Shuffled, with duplicates, and killed half-way: the bytes of an undisturbed run."""
    order = course.shuffled(3)
    half = len(order) // 2
    batches = [order[:half], order[half:]]
    ended = through_a_hub(course, tmp_path / "hub", batches, kill=True)
    assert_same(course, ended, order)
