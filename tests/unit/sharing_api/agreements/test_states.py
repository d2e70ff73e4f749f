"""States of an agreement's versions: what happened, the day, and nothing that comes back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing_api.agreements.states import (
    POSSIBLE,
    Event,
    Version,
    governed,
    reminders,
    standing,
    states,
)

BEGIN = date(2026, 1, 1)
ENDED = {"superseded", "withdrawn", "lapsed"}


def version(number: int, first: int, last: int, name: str = "") -> Version:
    """A version in force from one day of the year to another."""
    day = [BEGIN + timedelta(days=n) for n in (first, (first + last) // 2, last)]
    days = dict(zip(("starts", "review", "ends"), map(date.isoformat, day), strict=True))
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    meant = {"id": "x", "title": "X", "version": number, **days}
    digest = name or f"d{number}"
    return Version(digest, "x", number, "", "officer", "ada", "north", moment, meant)


def event(sequence: int, one: Version, kind: str, day: int) -> Event:
    """Something happens to a version on a day of the year."""
    at = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day)
    return Event(sequence, one.digest, "x", one.number, kind, "ben", "south", "", {}, at)


def on(day: int, versions: list[Version], events: list[Event]) -> list[str]:
    """The states on a day, in the order of the versions."""
    found = states(versions, events, BEGIN + timedelta(days=day))
    return [found[one.digest] for one in versions]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (0, ["live", "approved"]),
        (9, ["live", "approved"]),
        (10, ["superseded", "live"]),
        (20, ["superseded", "live"]),
        (21, ["superseded", "lapsed"]),
    ],
)
def test_days_do_the_rest(day: int, expected: list[str]) -> None:
    """The second begins on day 10 and ends with day 20; the first would have gone on for long."""
    first, second = version(1, 0, 300), version(2, 10, 20)
    happened = [event(1, first, "approved", 0), event(2, second, "approved", 0)]
    assert on(day, [first, second], happened) == expected


def test_a_version_withdrawn_before_its_day_ends_nobody_and_later_it_does() -> None:
    """And the earlier one does not come back."""
    first, second = version(1, 0, 300), version(2, 10, 200)
    approved = [event(1, first, "approved", 0), event(2, second, "approved", 0)]
    early = [*approved, event(3, second, "withdrawn", 5)]
    late = [*approved, event(3, second, "withdrawn", 15)]
    assert on(50, [first, second], early) == ["live", "withdrawn"]
    assert on(50, [first, second], late) == ["superseded", "withdrawn"]


def test_a_file_comes_and_goes_until_officers_act() -> None:
    """What an officer withdrew is not brought back by its file."""
    first = version(1, 0, 300)
    folder = [event(n, first, kind, n) for n, kind in enumerate(("seeded", "unseeded", "seeded"))]
    assert on(9, [first], folder[:2]) == ["withdrawn"]
    assert on(9, [first], folder) == ["live"]
    assert not governed(folder)
    ended = [*folder, event(4, first, "withdrawn", 5), event(5, first, "seeded", 6)]
    assert on(9, [first], ended) == ["withdrawn"]
    assert governed(ended)


def test_a_failed_test_makes_a_draft_again_and_drafts_speak_for_nobody() -> None:
    """Only a tested version may be approved."""
    one = version(1, 0, 300)
    happened = [event(1, one, "drafted", 0), event(2, one, "tested", 1)]
    assert on(2, [one], happened) == ["tested"]
    assert on(2, [one], [*happened, event(3, one, "test-failed", 1)]) == ["draft"]
    assert POSSIBLE["approve"] == {"tested"}
    with pytest.raises(LookupError):
        standing([one], {one.digest: "tested"})


KINDS = ("drafted", "tested", "test-failed", "approved", "withdrawn", "replaced")


@given(
    spans=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=4),
    deeds=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(KINDS)), max_size=12),
)
def test_one_version_is_live_at_most_and_what_ended_never_comes_back(
    spans: list[tuple[int, int]], deeds: list[tuple[int, str]]
) -> None:
    """Whatever officers do, day by day, in whatever order."""
    versions = [version(n, first, first + more) for n, (first, more) in enumerate(spans, 1)]
    happened: list[Event] = []
    ended: dict[str, Any] = {}
    for day in range(70):
        if day < len(deeds):
            which, kind = deeds[day]
            one = versions[which % len(versions)]
            state = states(versions, happened, BEGIN + timedelta(days=day))[one.digest]
            if kind not in {"approved", "tested", "test-failed"} or state not in ENDED:
                happened.append(event(len(happened) + 1, one, kind, day))
        found = states(versions, happened, BEGIN + timedelta(days=day))
        assert list(found.values()).count("live") <= 1
        for name, state in found.items():
            assert name not in ended or state in ENDED
            if state in ENDED:
                ended[name] = state


def test_reminders_are_sorted_and_concern_what_is_live() -> None:
    """A review that is overdue comes first; what is withdrawn reminds nobody."""
    due = {**version(2, 0, 100).agreement, "status": "live"}
    over = {**version(1, 0, 40).agreement, "id": "a", "status": "live"}
    gone = {**version(3, 0, 40).agreement, "id": "b", "status": "withdrawn"}
    found = reminders([due, over, gone], BEGIN + timedelta(days=30), 25)
    assert [(one.agreement_id, one.what, one.days) for one in found] == [
        ("a", "review", -10),
        ("a", "end", 10),
        ("x", "review", 20),
    ]
