"""Silence: who normally reports and no longer does.

The present gap is compared with all gaps of the past year. If gaps are exchangeable, the chance
that the latest of n + 1 is the longest is 1 / (n + 1), whatever their distribution.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

    from processors.tension.event import Place
    from processors.tension.rules import Silence

YEAR: Final = 365


@dataclass(frozen=True, slots=True)
class Gap:
    """How long an agency has been silent, how long it ever was in a year, and among how many."""

    agency: str
    days: int
    longest: int
    gaps: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """A place with its silent agencies, sorted."""

    place: Place
    gaps: tuple[Gap, ...]

    @property
    def chance(self) -> float:
        """Chance of the most surprising of them."""
        return min(1 / (gap.gaps + 1) for gap in self.gaps)


def silences(
    returns: Mapping[tuple[str, Place], Counter[int]], day: date, rule: Silence
) -> list[Quiet]:
    """The places in which an agency that normally reports is silent, sorted."""
    found: defaultdict[Place, list[Gap]] = defaultdict(list)
    for (agency, place), days in returns.items():
        gap = _gap(agency, [each for each, many in days.items() if many > 0], day.toordinal())
        if gap is not None and _is_silence(gap, rule):
            found[place].append(gap)
    return [
        Quiet(place, tuple(sorted(gaps, key=lambda gap: gap.agency)))
        for place, gaps in sorted(found.items())
    ]


def _gap(agency: str, days: list[int], today: int) -> Gap | None:
    known = sorted(day for day in days if today - YEAR < day <= today)
    between = [later - earlier for earlier, later in pairwise(known)]
    if not between:
        return None
    return Gap(agency, today - known[-1], max(between), len(between))


def _is_silence(gap: Gap, rule: Silence) -> bool:
    return (
        gap.gaps >= rule.gaps
        and rule.least_days <= gap.days <= rule.most_days
        and gap.days > rule.times_longest * gap.longest
    )
