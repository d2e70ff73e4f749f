"""A simulated county whose reports are sparse, late and uneven, with build-ups put into it.

120 wards in 5 districts, 6 strands, 4,500 reports a year. Rates differ by ward, by strand and by
ward and strand together, swing with season and weekday, rise slowly, and wander from week to week
at each level of geography. A report arrives after a delay: most within days, some after months.
Background and build-ups come from separate seeds, so that a county can be had with and without.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from processors.tension.methods.arrays import Counts, Reals
from processors.tension.methods.baseline import Kin

WARDS: Final = 120
DISTRICTS: Final = 5
STRANDS: Final = ("race", "religion", "sexual_orientation", "disability", "transgender", "other")
SHARES: Final = np.array([0.66, 0.09, 0.12, 0.08, 0.03, 0.02])
YEARLY: Final = 4500
HISTORY: Final = 3 * 364 + 28
TESTED: Final = 280
DAYS: Final = HISTORY + TESTED
_PER_AREA: Final = len(STRANDS) + 1
SERIES: Final = (1 + DISTRICTS + WARDS) * _PER_AREA
_DISTRICT: Final = np.repeat(np.arange(DISTRICTS), WARDS // DISTRICTS)
_DELAYS: Final = ((0.45, 0.0), (0.30, 3.0), (0.15, 14.0), (0.10, 45.0))
"""Shares of reports, and the mean of their geometric delay in days; none for the first."""


@dataclass(frozen=True, slots=True)
class BuildUp:
    """What was put in: kind, the series of its own place that should see it, first day, length."""

    kind: str
    series: tuple[int, ...]
    start: int
    days: int


@dataclass(slots=True)
class World:
    """Reports by ward, strand, day and delay, in one array each."""

    ward: NDArray[np.int64]
    strand: NDArray[np.int64]
    day: NDArray[np.int64]
    delay: NDArray[np.int64]
    built: list[BuildUp] = field(default_factory=list)

    @property
    def received(self) -> NDArray[np.int64]:
        """On which day each report is known."""
        return self.day + self.delay

    def rows(self) -> NDArray[np.int64]:
        """The six series of each report: three areas, its strand and all."""
        areas = np.stack([np.zeros_like(self.ward), 1 + _DISTRICT[self.ward],
                          1 + DISTRICTS + self.ward], axis=1)  # fmt: skip
        each = areas * _PER_AREA
        return np.concatenate([each + self.strand[:, None], each + len(STRANDS)], axis=1)


def series_of(area: int, strand: int) -> int:
    """The row of an area (0 the county, then districts, then wards) and a strand (last: all)."""
    return area * _PER_AREA + strand


def levels() -> NDArray[np.int64]:
    """By series: 0 county, 1 district, 2 ward."""
    area = np.arange(SERIES) // _PER_AREA
    return np.where(area == 0, 0, np.where(area <= DISTRICTS, 1, 2)).astype(np.int64)


def kin() -> Kin:
    """The relatives of every series."""
    area, strand = np.divmod(np.arange(SERIES), _PER_AREA)
    level, every = levels(), len(STRANDS)
    above = np.where(level == 2, 1 + _DISTRICT[np.maximum(area - 1 - DISTRICTS, 0)], 0)
    alone = (level == 0) | (strand == every)
    share = np.where(alone, -1, above * _PER_AREA + strand)
    parent = np.where(alone, -1, above * _PER_AREA + every)
    total = np.where(alone, -1, area * _PER_AREA + every)
    return Kin(total, share, parent, strand.astype(np.int64))


class _Nature:
    """The rates of a county."""

    def __init__(self, chance: np.random.Generator) -> None:
        ward = np.exp(chance.normal(0, 0.6, WARDS))
        both = np.exp(chance.normal(0, 0.5, (WARDS, len(STRANDS))))
        base = ward[:, None] * SHARES[None, :] * both
        self.base: Reals = base * (YEARLY / 365 / base.sum())
        day = np.arange(DAYS)
        season = 1 + 0.2 * np.cos(2 * np.pi * (day - 60) / 365)
        weekday = np.array([1, 1, 1, 1, 1.05, 1.15, 0.8])[day % 7]
        self.time: Reals = season * weekday * 1.05 ** ((day - HISTORY) / 365)
        weeks = DAYS // 7 + 1
        wander = _gamma(chance, 0.10, (weeks, 1, len(STRANDS)))
        wander = wander * _gamma(chance, 0.15, (weeks, DISTRICTS, len(STRANDS)))[:, _DISTRICT]
        self.wander: Reals = wander * _gamma(chance, 0.5, (weeks, WARDS, len(STRANDS)))
        self.quiet: Reals = self.base[None] * self.time[:, None, None]
        self.rate: Reals = self.quiet * self.wander[day // 7]


def world(seed: int, *, build_ups: bool) -> World:
    """The county of a seed, with or without its build-ups."""
    chance = np.random.default_rng([seed, 1])
    nature = _Nature(chance)
    made = _events(chance, chance.poisson(nature.rate))
    if build_ups:
        put = np.random.default_rng([seed, 2])
        for kind in (_nation, _district, _ward, _ward_and_strand, _six_more):
            kind(put, nature, made)
    return made


def delays(chance: np.random.Generator, count: int) -> NDArray[np.int64]:
    """So many delays in days."""
    kind = chance.choice(len(_DELAYS), count, p=[share for share, _ in _DELAYS])
    late = np.zeros(count, dtype=np.int64)
    for number, (_, mean) in enumerate(_DELAYS):
        of_kind = kind == number
        if mean:
            late[of_kind] = chance.geometric(1 / mean, int(of_kind.sum()))
    return late


def _events(chance: np.random.Generator, counts: Counts) -> World:
    day, ward, strand = (np.repeat(each, counts[counts > 0]) for each in np.nonzero(counts))
    return World(ward, strand, day, delays(chance, len(day)))


def _add(made: World, chance: np.random.Generator, rate: Reals, what: BuildUp) -> None:
    """Put in reports at `rate` (by day, ward and strand) from the start of the build-up on."""
    more = _events(chance, chance.poisson(rate))
    made.ward = np.concatenate([made.ward, more.ward])
    made.strand = np.concatenate([made.strand, more.strand])
    made.day = np.concatenate([made.day, more.day + what.start])
    made.delay = np.concatenate([made.delay, more.delay])
    made.built.append(what)


def _start(chance: np.random.Generator) -> int:
    return int(HISTORY + chance.integers(40, TESTED - 40))


def _nation(chance: np.random.Generator, nature: _Nature, made: World) -> None:
    """Twice: one strand three times the usual for a week, everywhere."""
    for first in (20, 150):
        strand, start = int(chance.integers(len(STRANDS))), HISTORY + first
        rate = np.zeros((7, WARDS, len(STRANDS)))
        rate[:, :, strand] = 2.0 * nature.quiet[start : start + 7, :, strand]
        areas = range(1 + DISTRICTS)
        seen = tuple(series_of(area, each) for area in areas for each in (strand, len(STRANDS)))
        _add(made, chance, rate, BuildUp("a strand x3 everywhere, 1 week", seen, start, 7))


def _district(chance: np.random.Generator, nature: _Nature, made: World) -> None:
    """In each district: one strand doubled for four weeks."""
    for district in range(DISTRICTS):
        strand, start = int(chance.choice(len(STRANDS), p=_mild())), _start(chance)
        inside = np.flatnonzero(district == _DISTRICT)
        rate = np.zeros((28, WARDS, len(STRANDS)))
        rate[:, inside, strand] = nature.quiet[start : start + 28, inside, strand]
        seen = tuple(series_of(1 + district, each) for each in (strand, len(STRANDS)))
        _add(made, chance, rate, BuildUp("district x2, 4 weeks", seen, start, 28))


def _ward(chance: np.random.Generator, nature: _Nature, made: World) -> None:
    """In 24 wards: everything three times the usual for four weeks."""
    for ward in chance.permutation(WARDS)[:24]:
        start = _start(chance)
        rate = np.zeros((28, WARDS, len(STRANDS)))
        rate[:, ward] = 2.0 * nature.quiet[start : start + 28, ward]
        area = 1 + DISTRICTS + int(ward)
        seen = tuple(series_of(area, each) for each in range(_PER_AREA))
        _add(made, chance, rate, BuildUp("ward x3, 4 weeks", seen, start, 28))


def _ward_and_strand(chance: np.random.Generator, nature: _Nature, made: World) -> None:
    """In 24 wards: one strand three times the usual for four weeks."""
    for ward in chance.permutation(WARDS)[:24]:
        strand, start = _strand_of(chance, nature, int(ward)), _start(chance)
        rate = np.zeros((28, WARDS, len(STRANDS)))
        rate[:, ward, strand] = 2.0 * nature.quiet[start : start + 28, ward, strand]
        kind = "ward and strand x3, 4 weeks"
        _add(made, chance, rate, BuildUp(kind, _ward_series(int(ward), strand), start, 28))


def _six_more(chance: np.random.Generator, nature: _Nature, made: World) -> None:
    """In 24 wards: six reports more of one strand within two weeks."""
    for ward in chance.permutation(WARDS)[:24]:
        strand, start = _strand_of(chance, nature, int(ward)), _start(chance)
        rate = np.zeros((14, WARDS, len(STRANDS)))
        rate[:, ward, strand] = 6 / 14
        kind = "ward and strand +6, 2 weeks"
        _add(made, chance, rate, BuildUp(kind, _ward_series(int(ward), strand), start, 14))


def _ward_series(ward: int, strand: int) -> tuple[int, ...]:
    area = 1 + DISTRICTS + ward
    return (series_of(area, strand), series_of(area, len(STRANDS)))


def _strand_of(chance: np.random.Generator, nature: _Nature, ward: int) -> int:
    return int(chance.choice(len(STRANDS), p=nature.base[ward] / nature.base[ward].sum()))


def _mild() -> Reals:
    """Strands drawn more evenly than their shares, so that small ones are tried too."""
    root = np.sqrt(SHARES)
    return np.asarray(root / root.sum())


def _gamma(chance: np.random.Generator, variation: float, size: tuple[int, ...]) -> Reals:
    return np.asarray(chance.gamma(1 / variation**2, variation**2, size))


def rows_of(made: World) -> Iterator[tuple[str, date, int, bool]]:
    """The county as labelled series by day of what happened, days without a report left out."""
    counts = np.zeros((SERIES, DAYS), dtype=np.int64)
    for column in made.rows().T:
        np.add.at(counts, (column, made.day), 1)
    flagged = np.zeros(counts.shape, dtype=np.bool_)
    for what in made.built:
        for row in what.series:
            flagged[row, what.start : what.start + what.days] = True
    first = date(2022, 1, 3)
    for row in range(SERIES):
        shown = (counts[row] > 0) | flagged[row]
        shown[[0, -1]] = True
        for day in np.flatnonzero(shown):
            when = first + timedelta(days=int(day))
            yield name_of(row), when, int(counts[row, day]), bool(flagged[row, day])


def name_of(row: int) -> str:
    """`county/race`, `district-2/all`, `ward-17/religion`."""
    area, strand = divmod(row, _PER_AREA)
    place = "county" if area == 0 else f"district-{area}"
    if area > DISTRICTS:
        place = f"ward-{area - DISTRICTS}"
    return f"{place}/{(*STRANDS, 'all')[strand]}"
