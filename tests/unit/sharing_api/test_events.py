"""Reading events from request bodies."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.registry import ShippedSchemaIds
from sharing_api.events import JSON, EventReader, parse
from sharing_api.problems import Problem

NOW = datetime(2026, 3, 1, tzinfo=UTC)
READER = EventReader("wyp", ShippedSchemaIds(), lambda: NOW)


@given(st.binary(max_size=200), st.sampled_from([JSON, "application/x-ndjson", "text/csv", ""]))
def test_any_bytes_end_in_events_or_a_problem(body: bytes, media_type: str) -> None:
    """Never in a fault of the hub."""
    try:
        values = parse(body, media_type, 10)
    except Problem as problem:
        fate = problem.status
    else:
        taken = READER.take(values)
        fate = 200 if len(taken.outgoing) + len(taken.rejected) == len(values) else 500
    assert fate in {200, 413, 415, 422}


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.sampled_from(["event_id", "reference", "observed", "occurred", "persons", "agency"])


@given(st.dictionaries(_FIELDS | st.text(max_size=3), _JSON, max_size=6))
def test_any_object_ends_in_exactly_one_state(value: dict[str, object]) -> None:
    """Sent or rejected, with a fault that repeats no value."""
    taken = READER.take([value])
    assert len(taken.outgoing) + len(taken.rejected) == 1
    assert all(receipt["faults"] for receipt in taken.rejected)


def test_deep_nesting_and_not_a_number_are_refused() -> None:
    """Both have broken parsers before."""
    for body in (b"[" * 100_000, b'{"a": NaN}'):
        with pytest.raises(Problem):
            parse(body, JSON, 10)


def test_more_events_than_allowed_are_413() -> None:
    """In both forms."""
    for body, media in ((json.dumps([{}] * 3), JSON), ("{}\n" * 3, "application/jsonl")):
        with pytest.raises(Problem) as problem:
            parse(body.encode(), media, 2)
        assert problem.value.status == 413


def test_what_was_observed_is_a_tension_report() -> None:
    """And goes to the agency's other topic."""
    report = {
        "event_id": "e",
        "reference": "r",
        "recorded_at": "2026-03-01T00:00:00Z",
        "observed": {"from": "2026-03-01T00:00:00Z"},
        "district": "D1",
        "version": 2.0,
    }
    (sent,) = READER.take(parse(json.dumps(report).encode(), JSON, 10)).outgoing
    assert sent.topic == "agency.wyp.tension.v1"
