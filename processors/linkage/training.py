"""Unsupervised training: a mixture of strangers, one household and one person, fitted by EM.

A two-class mixture (Fellegi and Sunter, 1969; Winkler, 1988) turns its class of matches into one of
households wherever households are the commoner reason to agree. So every pair is U (strangers), H
(one household) or P (one person): fields that a household shares have their own probabilities
under H, individual fields are there a mixture of P (with a small chance e that the value has one
source: namesakes, twins, a shared e-mail) and U. H must be carried by more pairs than it has free
parameters (Figueiredo and Jain, 2002), or it vanishes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.encoding import Encoding

from . import levels as at
from .beliefs import DIFFERENT, HOUSEHOLD_CHANCE, MOST_MOVED, MOVED, PERSON, STRANGERS
from .frequencies import Frequencies, Words, learn
from .parameters import CEILING, Parameters, check
from .patterns import Patterns, close_pairs, patterns, random_pairs

Floats = NDArray[np.float64]
Levels = NDArray[np.int8]
Rows = NDArray[np.uint32]

SAMPLE: Final = 60_000
"""Encodings at most that parameters are fitted to; more are drawn from by chance."""

_RANDOM: Final = 1_000_000  # random pairs from which strangers are learnt
_ROUNDS: Final = 60
_SETTLED: Final = 1e-4  # largest change of a probability at which EM stops
_STRENGTH_M: Final = 5.0  # pseudo-pairs behind the beliefs about one person
_STRENGTH_U: Final = 50.0  # pseudo-pairs behind the beliefs about strangers
_STRENGTH_H: Final = 10.0  # pseudo-pairs that draw a household's shared fields towards m
_STRENGTH_E: Final = 50.0  # pseudo-pairs behind the chance of one source in a household
_STRENGTH_MOVED: Final = 20.0  # pseudo-pairs behind the belief about moving
_SHARED: Final = np.array([field.shared for field in at.FIELDS])
_SWAP_CHANCE: Final = 0.01


def _gather(table: Floats, levels: Levels) -> Floats:
    """Look up each pattern's fields in a table; 0 where a field is null."""
    fields = np.arange(at.COUNT)
    return np.where(levels >= 0, table[fields, np.maximum(levels, 0)], 0.0)


def _posteriors(parameters: Parameters, pairs: Patterns) -> tuple[Floats, Floats, Floats]:
    """Each pattern's probability of being one person, one household, and one person who moved."""
    by_field = _gather(parameters.person, pairs.levels)
    address = by_field[:, at.ADDRESS].sum(axis=1) + pairs.address
    stayed = math.log(1.0 - parameters.moved) + address
    known = (pairs.levels[:, at.ADDRESS] >= 0).any(axis=1)
    whole = np.where(known, np.logaddexp(stayed, math.log(parameters.moved)), 0.0)
    left = np.where(known, parameters.moved / np.exp(whole), 0.0)
    others = by_field.sum(axis=1) - by_field[:, at.ADDRESS].sum(axis=1)
    person = parameters.rest[0] + others + pairs.rare + whole
    house = parameters.rest[1] + _gather(parameters.household, pairs.levels).sum(axis=1)
    house = house + pairs.shared
    top = np.maximum(np.maximum(person, house), 0.0)
    p, h, u = np.exp(person - top), np.exp(house - top), np.exp(-top)
    return p / (p + h + u), h / (p + h + u), left * p / (p + h + u)


def _normalised(table: Floats) -> Floats:
    """Make each field's levels a distribution; levels that a field has not are 1."""
    result = np.ones_like(table)
    for number, field in enumerate(at.FIELDS):
        depth = len(field.levels)
        result[number, :depth] = table[number, :depth] / table[number, :depth].sum()
    return result


def _bounded(m: Floats) -> Floats:
    """Keep the mass of plainly different values of one person within what is credible."""
    for field, (places, most) in DIFFERENT.items():
        mass = m[field, places].sum()
        if mass > most:
            m[field, : len(at.FIELDS[field].levels)] *= (1.0 - most) / (1.0 - mass)
            m[field, places] *= most / m[field, places].sum()
    return m


def _household(m: Floats, u: Floats, weights: Floats) -> Floats:
    """Shared fields of one household; a swapped name is individual evidence inside one."""
    h = _normalised(weights + _STRENGTH_H * np.where(PERSON > 0.0, m, 0.0) + 1e-6)
    family = h[at.FAMILY, : len(at.FIELDS[at.FAMILY].levels)]
    swapped = _SWAP_CHANCE * m[at.FAMILY, at.FAMILY_SWAPPED]
    swapped += (1.0 - _SWAP_CHANCE) * u[at.FAMILY, at.FAMILY_SWAPPED]
    family *= (1.0 - swapped) / (1.0 - family[at.FAMILY_SWAPPED])
    family[at.FAMILY_SWAPPED] = swapped
    return h


def _one_source(parameters: Parameters, pairs: Patterns, house: Floats) -> Floats:
    """Re-estimate e: how often a household's agreement on an individual field has one source."""
    ratio = np.exp(_gather(parameters.person, pairs.levels))
    known = pairs.levels >= 0
    chance = parameters.e * ratio / (parameters.e * ratio + 1.0 - parameters.e)
    weight = (house * pairs.counts)[:, None] * known
    least, most = HOUSEHOLD_CHANCE
    found = ((weight * chance).sum(axis=0) + _STRENGTH_E * least) / (
        weight.sum(axis=0) + _STRENGTH_E
    )
    return np.where(_SHARED, 0.0, np.clip(found, least, most))


def _start(number: int) -> Parameters:
    share = 1.0 / max(number, 2)
    m, u = _normalised(PERSON), _normalised(STRANGERS)
    return Parameters("start", {}, m, u, m.copy(), HOUSEHOLD_CHANCE[0].copy(), share, share)


def _free(pairs: Patterns) -> float:
    """Half the number of the household class's free parameters."""
    seen = [bool((pairs.levels[:, field] >= 0).any()) for field in range(at.COUNT)]
    return sum(
        (len(field.levels) - 1 if field.shared else 1) / 2
        for field, used in zip(at.FIELDS, seen, strict=True)
        if used
    )


def _moved(close: Patterns, p: Floats, left: Floats) -> float:
    """Share of persons' pairs, among those with addresses, that have moved in between."""
    known = (close.levels[:, at.ADDRESS] >= 0).any(axis=1)
    gone = close.total(left) + _STRENGTH_MOVED * MOVED
    return min(gone / (close.total(p * known) + _STRENGTH_MOVED), MOST_MOVED)


def _round(parameters: Parameters, close: Patterns, random: Patterns, pairs: float) -> Parameters:
    """One round of EM."""
    p, h, left = _posteriors(parameters, close)
    p_random, h_random, _ = _posteriors(parameters, random)
    seen = close.weighted(p)
    seen[list(at.ADDRESS)] = close.weighted(p - left)[list(at.ADDRESS)]
    m = _bounded(_normalised(seen + _STRENGTH_M * PERSON))
    strangers = random.weighted(1.0 - p_random - h_random)
    u = _normalised(strangers + _STRENGTH_U * STRANGERS)
    return replace(
        parameters,
        m=m,
        u=u,
        h=_household(m, u, close.weighted(h)),
        e=_one_source(parameters, close, h),
        persons=max(close.total(p) / pairs, 1e-12),
        households=max((close.total(h) - _free(close)) / pairs, 1e-14),
        moved=_moved(close, p, left),
    )


def _fitted(rows: Rows, start: Parameters, seed: int) -> tuple[Parameters, list[list[float]]]:
    """EM over the rows' close and random pairs; the trace is of expected pairs by round."""
    chance = np.random.default_rng(seed)
    strangers = patterns(rows, *random_pairs(chance, rows, _RANDOM))
    close = patterns(rows, *close_pairs(rows))
    pairs = len(rows) * (len(rows) - 1) / 2.0
    parameters, trace = start, []
    for _ in range(_ROUNDS):
        after = _round(parameters, close, strangers, pairs)
        change = float(np.abs(after.m - parameters.m).max())
        parameters = after
        trace.append([round(after.persons * pairs, 1), round(after.households * pairs, 1)])
        if change < _SETTLED:
            break
    return parameters, trace


def _counted(encodings: Sequence[Words], parameters: Parameters) -> Frequencies:
    """How common values are among the persons that these parameters find."""
    from .batch import persons  # noqa: PLC0415 -- numba costs a second to import

    rows = parameters.frequencies.rows(encodings, parameters.agreement)
    return learn(encodings, persons(rows, parameters), parameters.agreement)


def train(
    encodings: Iterable[Encoding], *, version: str = "trained", data: str = "", seed: int = 0
) -> Parameters:
    """Fit parameters to encodings alone; nobody says which are one person.

    Fit without frequencies, link, count how common values are among the persons found, and fit
    again. `data` names what the encodings come from, for the file's provenance. Raises
    ParametersError if the class of persons turned into one of households, ValueError for fewer
    than two encodings.
    """
    words = [encoding.words for encoding in encodings]
    if len(words) < 2:
        raise ValueError("training needs at least two encodings")
    if len(words) > SAMPLE:
        kept = np.random.default_rng(seed).choice(len(words), SAMPLE, replace=False)
        words = [words[each] for each in np.sort(kept)]
    nothing = Frequencies()
    first, trace = _fitted(nothing.rows(words, ()), _start(len(words)), seed)
    counted = _counted(words, first)
    start = replace(first, frequencies=counted)
    second, again = _fitted(counted.rows(words, first.agreement), start, seed)
    trained = replace(
        second,
        version=version,
        frequencies=_counted(words, second),
        provenance={
            "data": data,
            "date": datetime.now(UTC).date().isoformat(),
            "encodings": len(words),
            "ceiling": CEILING,
            "seed": seed,
            "expected_pairs_of_persons_and_households_by_round": [*trace, *again],
        },
    )
    check(trained)
    return trained
