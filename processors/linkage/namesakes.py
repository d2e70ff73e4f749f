"""Whether an undated mention bears the name of two persons: compiled, on the rows of a component.

A father and a son of one name are told apart by their dates of birth alone. A mention that knows
no date may be either, whatever else it has in common with one of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from schemas.encoding import layout

from . import levels as at
from .compiling import compiled, lean
from .kernels import FLAGS, GIVEN, INITIALS, Row, compare
from .weighing import Tables, dates_differ, thin, weighed

Labels = NDArray[np.int64]
Rows = NDArray[np.uint32]
Levels = NDArray[np.int8]
Pairs = NDArray[np.int8]
"""Levels of every pair of rows: rows by rows by fields."""


@lean
def _namesake(found: NDArray[np.int8]) -> bool:
    """Whether a pair bears one name, as far as it is known, in whatever spelling.

    In one spelling alone, if their sex is said to be another: Alexandru is no Alexandra.
    """
    known = found[at.GIVEN] != at.NULL or found[at.FAMILY] != at.NULL
    lone = found[at.FAMILY] == at.FAMILY_LONE
    alike = found[at.GIVEN] <= at.GIVEN_SIMILAR and found[at.FAMILY] <= at.FAMILY_SIMILAR
    other = found[at.SEX] == 1 and found[at.GIVEN] > at.GIVEN_SAME
    return bool(known and (alike or lone) and not other)


@lean
def _in_full(u: Row, found: NDArray[np.int8]) -> bool:
    """Whether the other side of a pair tells a given name if row u does.

    William Wright may be any William Wright. Of a Wright of whom no more is known the given name is
    another one, as a rule, which leaves no doubt where somebody is William.
    """
    told = found[at.GIVEN] != at.NULL or found[at.FAMILY] == at.FAMILY_SWAPPED
    return bool(told or u[GIVEN] == 0 or u[FLAGS] & layout.LONE)


@lean
def _own(found: NDArray[np.int8]) -> bool:
    """Whether a pair has an e-mail address or a mobile number in common."""
    return bool(found[at.MOBILE] == 0 or 0 <= found[at.EMAIL] <= at.EMAIL_CLOSE)


@lean
def _one_home(found: NDArray[np.int8]) -> bool:
    """Whether a pair has an address, a number or an e-mail address in common, but for a slip."""
    if 0 <= found[at.POSTCODE] <= 1 or 0 <= found[at.STREET] <= at.STREET_CLOSE:
        return True
    return bool(found[at.LANDLINE] == 0 or found[at.HOUSEHOLD] == 0 or _own(found))


@lean
def _shortened(one: Row, two: Row, found: NDArray[np.int8]) -> bool:
    """Whether given names may be a long and a short form of one that no list knows: Costi.

    They begin alike and are faintly alike, in one home and under one family name. Two listed names
    that no list brings together are two names: Suresh and Sanjay.
    """
    if found[at.GIVEN] != at.GIVEN_FAINT or (one[INITIALS] ^ two[INITIALS]) & 255:
        return False
    if one[FLAGS] & two[FLAGS] & layout.LISTED_GIVEN:
        return False
    return bool(0 <= found[at.FAMILY] <= at.FAMILY_CLOSE and _one_home(found))


@lean
def _may_be_called(u: Row, other: Row, found: NDArray[np.int8]) -> bool:
    """Whether row u may be of the one whom another row names, as far as names tell."""
    return bool((_namesake(found) and _in_full(u, found)) or _shortened(u, other, found))


@lean
def _homes(found: NDArray[np.int8]) -> bool:
    """Whether a pair has homes to compare: addresses, landlines or tenancies."""
    addressed = found[at.POSTCODE] >= 0 or found[at.STREET] >= 0
    return bool(addressed or found[at.LANDLINE] >= 0 or found[at.HOUSEHOLD] >= 0)


@compiled
def _strangers(u: int, one: int, two: int, labels: Labels, levels: Pairs) -> bool:
    """Whether two persons are held to live apart: no home in common, and something that says so.

    That are homes to compare, or an address or number of one's own that row u has in common with
    either: many bear one name in a small community, and are no father and son.
    """
    said = False
    for i in range(len(labels)):
        if labels[i] != one and labels[i] != two:
            continue
        said = said or (i != u and _own(levels[u, i]))
        for j in range(len(labels)):
            if labels[i] == one and labels[j] == two:
                found = levels[i, j]
                if _one_home(found):
                    return False
                said = said or _homes(found)
    return said


@lean
def _unnamed(found: NDArray[np.int8]) -> bool:
    """Whether a pair has no names that could be compared."""
    return bool(found[at.GIVEN] == at.NULL and found[at.FAMILY] == at.NULL)


@compiled
def _like_its_own(u: int, k: int, labels: Labels, levels: Pairs) -> bool:
    """Whether a row bears the name of those whom another row was put with."""
    for v in range(len(labels)):
        if v != u and labels[v] == labels[u] and _namesake(levels[v, k]):
            return True
    return False


@compiled
def _fitting(
    u: int, labels: Labels, rows: Rows, tables: Tables, levels: Pairs, fits: Labels
) -> bool:
    """Tell how each cluster fits a row: 2 likely, 1 by name alone, 0 or less not at all.

    Likely is a namesake whom enough else speaks for. The cluster that the row was put into fits,
    however its name is spelled there; where its own name cannot be compared, theirs stands for it.
    Gives whether any other fits; a personal number in common with anybody settles it: none does.
    """
    fits[:] = 0
    fits[labels[u]] = 2
    others = False
    for k in range(len(labels)):
        if k == u:
            continue
        found = levels[u, k]
        if found[at.IDENTIFIER] == 0:
            return False
        if labels[k] == labels[u]:
            continue
        if dates_differ(found) or found[at.BIRTH] == at.BIRTH_PART_DIFFERS:
            fits[labels[k]] = -1
        elif fits[labels[k]] >= 0 and (
            _may_be_called(rows[u], rows[k], found)
            or (_unnamed(found) and _like_its_own(u, k, labels, levels))
        ):
            likely = not thin(found, tables) and weighed(rows[u], rows[k], found, tables) > 0.0
            fits[labels[k]] = max(fits[labels[k]], 2 if likely else 1)
            others = True
    return others


@compiled
def fits_two(
    u: int, labels: Labels, rows: Rows, tables: Tables, levels: Pairs, clash: Labels, fit: Labels
) -> bool:
    """Whether an undated row bears the name of two persons of different dates of birth.

    `levels` are those of every pair of rows; `clash` and `fit` count, for the first rows of two
    clusters, the earlier first, the pairs whose dates contradict each other and those whose do not.

    Father and son of one name: whatever else agrees, such as a telephone of the household, a
    person has to say which of them it is. A namesake who lives elsewhere, and whom nothing but the
    name speaks for, leaves no doubt.
    """
    fits = np.zeros(len(labels), np.int64)
    if not _fitting(u, labels, rows, tables, levels, fits):
        return False
    for two in range(len(labels)):
        if fits[two] <= 0:
            continue
        for one in range(two):
            differ = clash[one, two] > 0 and fit[one, two] == 0
            if not differ or fits[one] <= 0 or max(fits[one], fits[two]) <= 1:
                continue
            if min(fits[one], fits[two]) > 1 or not _strangers(u, one, two, labels, levels):
                return True
    return False


@lean
def _numbered(u: int, rows: Rows, found: Levels) -> bool:
    """Whether a row has a personal number in common with any other: that settles who it is."""
    for k in range(len(rows)):
        if k != u:
            compare(rows[u], rows[k], found)
            if found[at.IDENTIFIER] == 0:
                return True
    return False


@lean
def fits_elsewhere(
    u: int, other: Row, found: Levels, labels: Labels, rows: Rows, tables: Tables
) -> bool:
    """Whether an undated row is a likely namesake of a dated one that is not among its rows.

    What `fits_two` asks of two persons of one component, asked of the one that the row was put
    with and of a row of another component, whose date contradicts all that are known of the first.
    The pair has an edge, so enough speaks for it; `found` is room for levels.
    """
    compare(rows[u], other, found)
    if not tables.families or found[at.IDENTIFIER] == 0 or thin(found, tables):
        return False
    if dates_differ(found) or found[at.BIRTH] == at.BIRTH_PART_DIFFERS:
        return False
    unnamed, clash = _unnamed(found), False
    named = _may_be_called(rows[u], other, found)
    if not named and not unnamed:
        return False
    for k in range(len(labels)):
        if k == u or labels[k] != labels[u]:
            continue
        compare(rows[k], other, found)
        if dates_differ(found):
            clash = True
        elif 0 <= found[at.BIRTH] <= at.BIRTH_DIFFERENT:
            return False
        named = named or _namesake(found)
    return bool(named and clash and not _numbered(u, rows, found))
