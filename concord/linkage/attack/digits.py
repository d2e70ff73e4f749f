"""The attack on dates and postcodes, from their keyed bytes."""

from __future__ import annotations

import calendar
import random
from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from concord.linkage.attack.loot import Knowledge, Loot
from concord.linkage.attack.substitution import Bytes, solve, told

_YEAR: Final = (0, 1, 2, 3)
_DAY: Final = (0, 1, 0, 1)
_DATE: Final = (0, 1, 2, 3, 4, 5, 4, 5)
_POSTCODE: Final = tuple(range(7))
_HEADS: Final = (1, 2, 3, 4, 5, 7)
"""Postcodes are solved head by head; the last two letters together: alone they say nothing."""
_HABIT: Final = 3.0
"""A day that is this much more frequent than others is one that systems fill in."""
_EARLIEST: Final = 1900

Guesses = list[str | None]


def places(loot: Loot, trait: str) -> tuple[list[int], Bytes]:
    """The persons whose date or postcode is whole, and its bytes."""
    held = loot.places("birth", 8) if trait == "born" else loot.places("postcode", 7)
    known = held[:, 4:].all(axis=1) & held[:, 0].astype(np.bool_)
    if trait == "born":
        known &= held.all(axis=1)
    rows = np.flatnonzero(known)
    return rows.tolist(), held[rows]


def dates(loot: Loot, known: Knowledge, seed: int) -> Guesses:
    """What each date of birth is taken for."""
    rows, held = places(loot, "born")
    years = solve(held[:, :4], _years(known), _YEAR, (4,), tries=60, seed=seed)
    days = solve(held[:, 4:], _days(known), _DAY, (4,), seed=seed)
    return _spread(loot, rows, [year + day for year, day in zip(years, days, strict=True)])


def postcodes(loot: Loot, known: Knowledge, seed: int) -> Guesses:
    """What each postcode is taken for."""
    rows, held = places(loot, "postcode")
    count = known.count("postcode")
    frequencies = {code: count[code] + 0.5 for code in known.postcodes}
    return _spread(loot, rows, solve(held, frequencies, _POSTCODE, _HEADS, tries=30, seed=seed))


def given_away(loot: Loot, trait: str, read: Guesses, friends: int, seed: int) -> Guesses:
    """What was read, once the thief knows a few persons in the loot: their letters are certain."""
    rows, held = places(loot, trait)
    chance = random.Random(seed)
    met = chance.sample(range(len(rows)), min(friends, len(rows)))
    known = {at: getattr(loot.truth[rows[at]], trait) for at in met}
    certain = told(held, _DATE if trait == "born" else _POSTCODE, known)
    texts = [_merged(text, read[row] or "") for row, text in zip(rows, certain, strict=True)]
    return _spread(loot, rows, texts)


def _merged(certain: str, read: str) -> str:
    pairs = zip(certain, read, strict=True)
    return "".join(letter if sure == "?" else sure for sure, letter in pairs)


def _spread(loot: Loot, rows: Sequence[int], texts: Sequence[str]) -> Guesses:
    guesses: Guesses = [None] * len(loot.truth)
    for row, text in zip(rows, texts, strict=True):
        guesses[row] = text
    return guesses


def _years(known: Knowledge) -> dict[str, float]:
    count = Counter(each.born[:4] for each in known.persons if each.born)
    last = max(map(int, count))
    return {str(year): count[str(year)] + 0.5 for year in range(_EARLIEST, last + 2)}


def _days(known: Knowledge) -> dict[str, float]:
    """All days of the year alike, but for those that are filled in out of habit."""
    count = Counter(each.born[4:] for each in known.persons if each.born.strip()[4:])
    usual = sum(count.values()) / 365.25
    days = {}
    for month in range(1, 13):
        for day in range(1, calendar.monthrange(2000, month)[1] + 1):
            text = f"{month:02d}{day:02d}"
            habit = count[text] > _HABIT * usual + 10
            days[text] = float(count[text]) if habit else usual
    days["0229"] /= 4
    return days
