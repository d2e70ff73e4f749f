"""One series on one day: what was seen, what was to be expected, and which colour that is.

Seven days are compared with the eight weeks before them by the Poisson tail, as the rule in
the rules file says. Counts of several weeks are small, so no normal approximation is used.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from processors.tension.poisson import quiet_limit, tail

if TYPE_CHECKING:
    from processors.tension.event import Event
    from processors.tension.rules import Rules


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a series looks like on `day`. `probability` is the chance of this many or more."""

    day: date
    first: date
    seen: tuple[Event, ...]
    history_days: int
    baseline: int
    expected: float
    probability: float
    colour: str
    is_disorder: bool
    is_learning: bool

    @property
    def agencies(self) -> list[str]:
        """The agencies whose reports were counted, sorted."""
        return sorted({event.agency for event in self.seen})

    @property
    def is_raised(self) -> bool:
        """The colour is not green."""
        return self.colour != "green"


def judge(events: Sequence[Event], day: date, opening: date | None, rules: Rules) -> Judgement:
    """Judge the counted `events` of one series, sorted by day, as of `day`.

    The hub's history begins on `opening`. Before there is enough of it, counts raise nothing.
    """
    first = day - timedelta(days=rules.window.days - 1)
    start = bisect_left(events, first, key=_day)
    seen = tuple(events[start : bisect_right(events, day, key=_day)])
    history = _history(first, opening, rules)
    baseline = start - bisect_left(events, first - timedelta(days=history), key=_day)
    expected = rules.expected(baseline, history)
    probability = tail(len(seen), expected)
    disorder = any(event.is_disorder for event in seen)
    learning = history < rules.baseline.learning_days
    return Judgement(
        day=day,
        first=first,
        seen=seen,
        history_days=history,
        baseline=baseline,
        expected=expected,
        probability=probability,
        colour="red" if disorder else _colour(seen, 1.0 if learning else probability, rules),
        is_disorder=disorder,
        is_learning=learning,
    )


def last_raised(
    events: Sequence[Event], day: date, opening: date | None, rules: Rules
) -> date | None:
    """Return the latest day before `day` on which the series was raised, within memory."""
    fewest = min(rules.amber.reports, rules.red.reports)
    for back in range(1, rules.window.lapse_days + 1):
        earlier = day - timedelta(days=back)
        first = earlier - timedelta(days=rules.window.days - 1)
        start = bisect_left(events, first, key=_day)
        end = bisect_right(events, earlier, key=_day)
        worth = end - start >= fewest or any(event.is_disorder for event in events[start:end])
        if worth and judge(events, earlier, opening, rules).is_raised:
            return earlier
    return None


def level(judgement: Judgement, rules: Rules, *, has_lapsed: bool) -> int:
    """Return the level to propose, 1 (imminent or ongoing) to 6 (normal)."""
    if judgement.colour == "red":
        return 1 if judgement.is_disorder else 2
    if judgement.colour == "amber":
        return 3 if judgement.probability < rules.amber.raised_probability else 4
    unusual = not judgement.is_learning and judgement.probability < rules.minor.probability
    return 5 if has_lapsed or unusual else 6


def quiet_at(judgement: Judgement, rules: Rules) -> int:
    """Return the greatest count, from as many agencies, at which nothing would be raised.

    Evidenced disorder apart, which raises by itself.
    """
    limits = [
        max(quiet_limit(judgement.expected, rule.probability), rule.reports - 1)
        for rule in (rules.amber, rules.red)
        if len(judgement.agencies) >= rule.agencies and not judgement.is_learning
    ]
    return min(limits, default=len(judgement.seen))


def _colour(seen: Sequence[Event], probability: float, rules: Rules) -> str:
    agencies = len({event.agency for event in seen})
    for colour, rule in (("red", rules.red), ("amber", rules.amber)):
        enough = len(seen) >= rule.reports and agencies >= rule.agencies
        if enough and probability < rule.probability:
            return colour
    return "green"


def _history(first: date, opening: date | None, rules: Rules) -> int:
    """Return how many days of history lie before the window, up to the whole baseline."""
    if opening is None:
        return 0
    return min(max(0, (first - opening).days), rules.window.baseline_days)


def _day(event: Event) -> date:
    return event.day
