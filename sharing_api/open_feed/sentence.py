"""What an officer can sign about the open feed, made from the budget and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from sharing_api.open_feed.tables import BUDGET, Entry, spent_on

_CONTEXT = Context(prec=40)


def greatest(entries: Iterable[Entry]) -> Fraction:
    """What an incident can lose in all tables together, on the day on which that is most."""
    lines = list(entries)
    days = {max(line.starts, date.min) for line in lines}
    return max((spent_on(lines, day) for day in days), default=Fraction())


def factor(epsilon: Fraction) -> str:
    """The factor e^epsilon, rounded up to one decimal, as people write it."""
    exact = _CONTEXT.exp(_CONTEXT.divide(Decimal(epsilon.numerator), Decimal(epsilon.denominator)))
    rounded = exact.quantize(Decimal("0.1"), rounding=ROUND_CEILING)
    return str(int(rounded)) if rounded == int(rounded) else str(rounded)


def statement(entries: Iterable[Entry]) -> dict[str, Any]:
    """The sentence with its limits, and the sum that it rests on."""
    spent = greatest(entries)
    times = factor(spent)
    return {
        "sentence": (
            "Whatever anyone else knows, seeing all our open feeds, for ever, changes the odds "
            f"that a given incident is in them by at most a factor of {times}, either way."
        ),
        "limits": list(_limits(times, _power(spent, 2), _power(spent, 3))),
        "factor": times,
        "epsilon": str(Decimal(spent.numerator) / Decimal(spent.denominator)),
        "epsilon_allowed": str(round(float(BUDGET), 6)),
    }


def _limits(once: str, twice: str, thrice: str) -> Iterator[str]:
    yield (
        f"It holds for one incident. A person with m incidents has a factor of {once} for each of "
        f"them, {once}^m together: with three, up to {thrice}."
    )
    yield (
        "Which ward, district or strand an incident that is known of belongs to is another "
        f"question: the odds between any two change by up to a factor of {twice}."
    )
    yield (
        "It is about the open feeds alone. What is told under an agreement is exact, and stands in "
        "the ledger."
    )


def _power(epsilon: Fraction, times: int) -> str:
    return str(ceil(float(factor(epsilon * times))))
