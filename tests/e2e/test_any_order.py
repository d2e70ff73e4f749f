"""The same events through a broker in different orders, with duplicates and under the same keys.

The reference is the pure core, fed in order: what a hub ends in must be the same bytes. A third
order, with a killed worker, is in test_worker_killed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.undisturbed import Course, assert_same, through_a_hub

pytestmark = pytest.mark.timeout(240)


@pytest.mark.slow
def test_a_hub_does_as_the_core_does(course: Course, tmp_path: Path) -> None:
    """In the order in which it happened, the first events twice."""
    events = list(course.scenario.events)
    ended = through_a_hub(course, tmp_path / "hub", [[*events, *events[:30]]])
    assert_same(course, ended, events)


def test_backwards_ends_in_the_same_bytes(course: Course, tmp_path: Path) -> None:
    """Retractions before what they retract, later versions before earlier ones."""
    events = list(course.scenario.events)
    ended = through_a_hub(course, tmp_path / "hub", [events[::-1], events[50:80]])
    assert_same(course, ended, events)
