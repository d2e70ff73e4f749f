"""Several calls measured in turns, so that whatever else the machine does meets all of them alike.

A turn is one burst: so many clients make the same call at once, each once; then it is the next
call's turn. With one client the calls alternate request by request. Which call is first changes
from turn to turn. The turns are cut into rounds, so that a figure can be given with the interval
in which the rounds found it: of five, all lie on one side of the true median in 1 case of 16.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

ROUNDS: Final = 5
WARM: Final = 20
"""Turns that are not kept."""
Call = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Side:
    """One call's measurements.

    `rounds`: milliseconds of each call, by round. `worked`: seconds of this process's processor
    time in all kept bursts, and `count` calls in them.
    """

    rounds: list[list[float]] = field(default_factory=list)
    worked: float = 0.0
    count: int = 0

    @property
    def processor_ms(self) -> float:
        """Milliseconds of processor time for one call."""
        return self.worked / self.count * 1000


async def in_turns(
    calls: Sequence[Call], clients: int, count: int, *, rounds: int = ROUNDS, warm: int = WARM
) -> list[Side]:
    """Make each call `count` times or a little more, by so many clients at once."""
    sides = [Side() for _ in calls]
    pairs = list(zip(calls, sides, strict=True))
    for turn in range(warm):
        for call, _ in _from(pairs, turn):
            await _burst(call, clients)
    for _ in range(rounds):
        for side in sides:
            side.rounds.append([])
        for turn in range(max(1, -(-count // (rounds * clients)))):
            for call, side in _from(pairs, turn):
                began = time.process_time()
                side.rounds[-1] += await _burst(call, clients)
                side.worked += time.process_time() - began
                side.count += clients
    return sides


def _from(pairs: list[tuple[Call, Side]], turn: int) -> list[tuple[Call, Side]]:
    first = turn % len(pairs)
    return pairs[first:] + pairs[:first]


async def _burst(call: Call, clients: int) -> list[float]:
    return await asyncio.gather(*(_timed(call) for _ in range(clients)))


async def _timed(call: Call) -> float:
    began = time.perf_counter()
    await call()
    return (time.perf_counter() - began) * 1000
