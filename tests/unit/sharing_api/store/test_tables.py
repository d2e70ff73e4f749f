"""What tables promise beyond their columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects.sqlite import dialect

from sharing_api.store.base import UtcDateTime
from sharing_api.store.tables import event_key


@given(st.text(max_size=1200))
def test_event_keys_are_short_and_storable(event_id: str) -> None:
    """Whatever an agency sends."""
    key = event_key(event_id)
    assert len(key) <= 200
    assert "\x00" not in key


@given(st.text(max_size=300), st.text(max_size=300))
def test_different_events_have_different_keys(left: str, right: str) -> None:
    """No event finds another's receipt."""
    assert (event_key(left) == event_key(right)) == (left == right)


def test_moments_come_back_aware_in_utc() -> None:
    """SQLite forgets the zone."""
    kind, there = UtcDateTime(), dialect()
    summer = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=1)))
    assert kind.process_bind_param(summer, there) == summer
    assert kind.process_result_value(datetime(2026, 7, 1, 11), there) == summer
    assert kind.process_result_value(summer, there).tzinfo is UTC  # type: ignore[union-attr]
    assert kind.process_bind_param(None, there) is None
    assert kind.process_result_value(None, there) is None


def test_a_moment_without_a_zone_is_not_stored() -> None:
    """A guess about the zone would be a wrong fact."""
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 7, 1), dialect())
