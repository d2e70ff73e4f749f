"""Grounds for an alert: which incidents meet which condition, and until when that reaches.

A ground depends on the entity and the rules alone. Time decides only whether it still reaches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from processors.repeats import wording
from processors.repeats.occurrence import Occurrence, occurrences
from processors.repeats.rubric import Assessment, answers_of, assess
from processors.repeats.window import latest

if TYPE_CHECKING:
    from datetime import datetime

    from processors.repeats.rules import Frequency, Rise, Rules
    from processors.repeats.window import Window
    from schemas.records import Entity


@dataclass(frozen=True, slots=True)
class Basis:
    """A condition that held. It reaches up to, and not including, the moment `passes` (UTC)."""

    counted: tuple[Occurrence, ...]
    passes: datetime
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """The incidents of an entity by the part it took in them, and its scored risk form."""

    victim: tuple[Occurrence, ...]
    suspect: tuple[Occurrence, ...]
    place: tuple[Occurrence, ...]
    assessment: Assessment
    forms: tuple[Occurrence, ...]


def sides_of(entity: Entity, rules: Rules) -> Sides:
    """Sort the incidents of a live entity by side."""
    members = entity["members"]
    if entity["kind"] == "place":
        return Sides((), (), occurrences(members), assess({}, rules.rubric), ())
    victim = occurrences(members, rules.roles.victim)
    answered = [one for one in victim if one.rubric]
    forms = latest(answered, rules.cmarac_candidate.score.window, bool)
    return Sides(
        victim=victim,
        suspect=occurrences(members, rules.roles.suspect),
        place=(),
        assessment=assess(answers_of(forms), rules.rubric),
        forms=forms,
    )


def _based(found: tuple[Occurrence, ...], window: Window, *reasons: str) -> Basis:
    return Basis(found, window.passed(found[-1].day), reasons)


def _frequency(found: Sequence[Occurrence], rule: Frequency) -> Iterator[Basis]:
    enough = latest(found, rule.window, lambda some: len(some) >= rule.incidents)
    asks = f"the rule asks for {rule.incidents} within {rule.window}"
    if enough:
        yield _based(enough, rule.window, wording.sentence(f"{wording.history(enough)}; {asks}"))


def _repeat_victim(sides: Sides, rules: Rules) -> Iterator[Basis]:
    yield from _frequency(sides.victim, rules.repeat_victim)


def _repeat_location(sides: Sides, rules: Rules) -> Iterator[Basis]:
    yield from _frequency(sides.place, rules.repeat_location)


def _cmarac(sides: Sides, rules: Rules) -> Iterator[Basis]:
    rule = rules.cmarac_candidate
    yield from _frequency(sides.victim, rule.frequency)
    score = sides.assessment.score
    if score is not None and score >= rule.score.at_least:
        reason = f"Score {score}; the rule asks for {rule.score.at_least} or more."
        yield _based(sides.forms, rule.score.window, reason)
    yield from _recurrence(sides.victim, rule.recurrence.window)
    yield from _rise(sides.victim, rule.rise)


def _recurrence(found: tuple[Occurrence, ...], window: Window) -> Iterator[Basis]:
    referrals = sorted({moment for one in found for moment in one.referrals})
    again = tuple(
        one
        for one in found
        if any(
            moment < one.at and one.day <= window.last_day(moment.date()) for moment in referrals
        )
    )
    if again:
        text = f"{wording.counted(len(again), 'incident')} within {window} after a panel referral"
        since = any(moment >= again[-1].at for moment in referrals)
        after = ("A panel has taken another referral since.",) if since else ()
        yield _based(again, window, wording.sentence(text), *after)


def _steps(found: Sequence[Occurrence]) -> list[tuple[Occurrence, ...]]:
    return [tuple(day) for _, day in groupby(found, key=lambda one: one.day)]


def _gravest(step: tuple[Occurrence, ...]) -> int:
    return max(one.severity for one in step)


def _run(steps: Sequence[tuple[Occurrence, ...]], end: int, rule: Rise) -> list[Occurrence]:
    """Return the rise that ends with step `end`, or nothing."""
    start = end
    last = steps[end][0].day
    while (
        start
        and _gravest(steps[start - 1]) <= _gravest(steps[start])
        and rule.window.last_day(steps[start - 1][0].day) >= last
    ):
        start -= 1
    run = [one for step in steps[start : end + 1] for one in step]
    risen = _gravest(steps[end]) - _gravest(steps[start]) >= rule.by
    told = len({one.agency for one in run}) >= rule.agencies
    return run if risen and told and end - start + 1 >= rule.steps else []


def _rise(found: Sequence[Occurrence], rule: Rise, whose: str = "") -> Iterator[Basis]:
    steps = _steps(found)
    for end in range(len(steps) - 1, -1, -1):
        run = _run(steps, end, rule)
        if run:
            low, high = _gravest(_steps(run)[0]), _gravest(steps[end])
            text = f"severity{whose} rose from {low} to {high} of 5 over {wording.history(run)}"
            yield _based(tuple(run), rule.window, wording.sentence(text))
            return


def _escalation(sides: Sides, rules: Rules) -> Iterator[Basis]:
    yield from _rise(sides.victim, rules.escalation.rise, " of what was suffered")
    yield from _rise(sides.suspect, rules.escalation.rise, " of what is alleged")


def _victims(found: Sequence[Occurrence]) -> int:
    return len({other for one in found for other in one.counterparts})


def _repeat_perpetrator(sides: Sides, rules: Rules) -> Iterator[Basis]:
    rule = rules.repeat_perpetrator

    def holds(some: Sequence[Occurrence]) -> bool:
        several = len(some) >= rule.victims_incidents and _victims(some) >= rule.victims
        return several or len(some) >= rule.incidents

    found = latest(sides.suspect, rule.window, holds)
    if found:
        text = (
            f"named in {wording.history(found)}, with "
            f"{wording.counted(_victims(found), 'distinct victim')}; the rule asks for "
            f"{rule.victims} victims or {rule.incidents} incidents within {rule.window}"
        )
        caution = "The identity rests on linkage: confirm it before acting on it."
        yield _based(found, rule.window, wording.sentence(text), caution)


def _same_pair(sides: Sides, rules: Rules) -> Iterator[Basis]:
    rule = rules.same_pair
    seen = Counter(other for one in sides.victim for other in one.counterparts)
    for other in sorted(other for other, times in seen.items() if times >= rule.incidents):
        shared = [one for one in sides.victim if other in one.counterparts]
        for basis in _frequency(shared, rule):
            text = wording.sentence(f"the same two people in {wording.history(basis.counted)}")
            yield Basis(basis.counted, basis.passes, (text,))


def _immediate(sides: Sides, rules: Rules) -> Iterator[Basis]:
    rule = rules.immediate_risk
    wanted = frozenset(rule.kinds)
    parts = {"victim": sides.victim, "suspect": sides.suspect, "place": sides.place}
    for side in sorted(set(rule.sides)):
        grave = [one for one in parts[side] if wanted & set(one.immediate)]
        found = latest(grave, rule.window, bool)
        if found:
            kinds = sorted(wanted & {kind for one in found for kind in one.immediate})
            text = f"{wording.listed(kinds)} in {wording.history(found)}; one incident suffices"
            yield _based(found, rule.window, wording.sentence(text))


Rule = Callable[[Sides, "Rules"], Iterator[Basis]]

PERSON_RULES: Final[Mapping[str, Rule]] = {
    "cmarac-candidate": _cmarac,
    "escalation": _escalation,
    "immediate-risk": _immediate,
    "repeat-perpetrator": _repeat_perpetrator,
    "repeat-victim": _repeat_victim,
    "same-victim-perpetrator": _same_pair,
}
PLACE_RULES: Final[Mapping[str, Rule]] = {
    "immediate-risk": _immediate,
    "repeat-location": _repeat_location,
}
RULES_OF: Final[Mapping[str, Mapping[str, Rule]]] = {"person": PERSON_RULES, "place": PLACE_RULES}
