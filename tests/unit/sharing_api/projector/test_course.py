"""Positions in a log that may be another one than before."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from sharing_api.projector.course import Course
from sharing_api.projector.messages import Message
from sharing_api.projector.positions import Position

PLACE = ("hub.alert.v1", 0)
AT = datetime(2026, 3, 1, tzinfo=UTC)


def message(offset: int, value: bytes = b"v") -> Message:
    """A message of the one partition."""
    return Message(*PLACE, offset, b"k", value, (), AT)


def known(offset: int, value: bytes = b"v") -> Course:
    """A course whose last message stood at `offset`."""
    return Course({PLACE: Position(offset + 1, message(offset, value).fingerprint())})


def test_reading_resumes_one_before_the_position() -> None:
    """So that the last message can be recognised."""
    assert known(7).offsets([PLACE]) == {PLACE: 7}


def test_the_message_that_is_known_is_passed_over() -> None:
    """And what follows is new."""
    course = known(7)
    course.offsets([PLACE])
    assert course.accept([message(7), message(8)]) == ([message(8)], set())
    assert course.offsets([PLACE]) == {PLACE: 9}


def test_another_message_at_its_offset_means_another_log() -> None:
    """Nothing of the batch is taken; reading begins again at 0."""
    course = known(7)
    course.offsets([PLACE])
    assert course.accept([message(7, b"other"), message(8)]) == ([], {PLACE})
    assert course.offsets([PLACE]) == {PLACE: 0}
    assert course.accept([message(0)]) == ([message(0)], set())


def test_a_gap_there_means_compaction() -> None:
    """The known message is gone, the log is the same."""
    course = known(7)
    course.offsets([PLACE])
    assert course.accept([message(9)]) == ([message(9)], set())


def test_a_smaller_offset_means_another_log() -> None:
    """The broker went back to the earliest of a shorter log."""
    course = known(7)
    course.offsets([PLACE])
    assert course.accept([message(0)]) == ([], {PLACE})


def test_a_log_that_ends_before_the_position_is_another() -> None:
    """Even if it sends nothing."""
    assert known(7).shrunk(PLACE, 3) is False
    course = known(7)
    course.offsets([PLACE])
    assert (course.shrunk(PLACE, 3), course.shrunk(PLACE, 8)) == (True, False)
    assert (course.lag(PLACE, 10), course.lag(PLACE, None)) == (2, None)


@given(st.lists(st.integers(1, 5), max_size=8), st.integers(1, 30))
def test_however_a_log_is_cut_each_message_is_taken_once(cuts: list[int], length: int) -> None:
    """Batches and restarts at any place."""
    log = [message(offset, bytes([offset])) for offset in range(length)]
    taken: list[Message] = []
    course = Course({})
    for size in [*cuts, length + 1]:
        start = course.offsets([PLACE])[PLACE]
        fresh, foreign = course.accept(log[start : start + size])
        assert not foreign
        taken += fresh
        course = Course({**course.stored, **course.after(fresh)})
    assert taken == log
