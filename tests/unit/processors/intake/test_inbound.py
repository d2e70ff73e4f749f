"""When the log received a message, whatever the message says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.intake.inbound import received_at

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_a_time_stamp_is_when_it_was_received() -> None:
    """Reading the message again gives the same moment."""
    earlier = NOW - timedelta(days=3)
    assert received_at(earlier.timestamp(), NOW) == earlier


def test_nothing_is_received_in_the_future() -> None:
    """Else an event could be recorded there, and every signal would lapse at once."""
    assert received_at((NOW + timedelta(days=9_000)).timestamp(), NOW) == NOW


@pytest.mark.parametrize("stamp", [None, 1e15, -1e15, 1e300, float("inf"), float("nan")])
def test_a_stamp_that_is_no_moment_is_taken_as_now(stamp: float | None) -> None:
    """A sender may write any number of 64 bits there; the stream goes on."""
    assert received_at(stamp, NOW) == NOW


@given(st.integers(-(2**63), 2**63 - 1))
def test_any_stamp_of_the_protocol_gives_a_moment(milliseconds: int) -> None:
    """Never an exception, never a moment after now."""
    assert received_at(milliseconds / 1000, NOW) <= NOW
