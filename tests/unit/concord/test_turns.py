"""Calls that are measured in turns: how often each is made, and what is kept of it."""

from __future__ import annotations

import pytest

from concord.bench.turns import Call, in_turns


def counting(name: str, told: list[str]) -> Call:
    """A call that says that it was made."""

    async def call() -> None:
        told.append(name)

    return call


async def test_calls_alternate_and_each_is_first_in_its_turn() -> None:
    """One client: request by request."""
    told: list[str] = []
    await in_turns([counting("a", told), counting("b", told)], 1, 4, rounds=1, warm=0)
    assert told == ["a", "b", "b", "a", "a", "b", "b", "a"]


@pytest.mark.parametrize("clients", [1, 8])
async def test_rounds_hold_all_that_was_kept_and_nothing_of_the_warm_up(clients: int) -> None:
    """As many times as asked for, or a burst more, in rounds of one length."""
    told: list[str] = []
    (side,) = await in_turns([counting("a", told)], clients, 100, rounds=5, warm=3)
    assert [len(each) for each in side.rounds] == [side.count // 5] * 5
    assert 100 <= side.count < 100 + 5 * clients
    assert len(told) == side.count + 3 * clients
    assert side.processor_ms >= 0
