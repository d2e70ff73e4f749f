"""What adds up to the log-odds of two mentions, entry by entry, in plain Python.

The compiled weighing (weighing.py) must come to the same sum for every pair; a property test holds
it to that. Rows are an encoding's words and a tail (frequencies.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.encoding import layout

from . import levels as at
from .comparison import Words, compare
from .frequencies import NEUTRAL, STEP, TOGETHER
from .parameters import Parameters

Evidence = tuple[str, str, float]
"""Field, level, weight in natural log."""
RARITY: Final = "rarity"
"""Level under which the rarity of a value stands."""
TOGETHER_LEVEL: Final = "names_go_together"
"""Level under which a full name's correction stands."""


def _tail(row: Words) -> bytes:
    return b"".join(word.to_bytes(4, "little") for word in row[layout.WORDS :])


def caution(found: Sequence[int], parameters: Parameters) -> str | None:
    """Why a pair must not be linked whatever its score, or None.

    Plainly different dates of birth (father and son) or given names (twins) are outweighed by one
    personal number. E-mail address and mobile number together outweigh names alone: a child is
    reached under those of a parent. Where the parameters know no households, there are no
    relatives to be taken for one person.
    """
    if parameters.families and found[at.IDENTIFIER] != 0:
        if found[at.BIRTH] in {at.BIRTH_DIFFERENT, at.BIRTH_THREE_DIGITS}:
            return "known_dates_differ"
        if givens_differ(found) and not found[at.EMAIL] == found[at.MOBILE] == 0:
            return "given_names_differ"
    if names_alone(found):
        return "names_alone"
    if not parameters.families:
        return None
    if given_alone(found):
        return "given_name_alone"
    return "unnamed" if unnamed(found) else None


_NOT_EQUAL = frozenset({at.NULL, at.GIVEN_CLOSE, at.GIVEN_INITIAL, at.GIVEN_SIMILAR})


def givens_differ(found: Sequence[int]) -> bool:
    """Whether given names differ plainly.

    Of another sex, a name that is not known to be the same is another one: Paul and Paula.
    """
    if found[at.GIVEN] == at.NULL and found[at.FAMILY] == at.FAMILY_SWAPPED:
        return False
    other = found[at.SEX] == 1 and found[at.GIVEN] in _NOT_EQUAL
    return other or found[at.GIVEN] >= at.GIVEN_FAINT


_DATES_AGREE = frozenset({*range(at.BIRTH_SAME, at.BIRTH_TWO_DIGITS + 1), at.BIRTH_KNOWN_PART})


def names_alone(found: Sequence[int]) -> bool:
    """Whether nothing but names (and what most people share) agrees.

    So many are of one age or year of birth that it is no more than a name.
    """
    return not (
        found[at.BIRTH] in _DATES_AGREE
        or 0 <= found[at.POSTCODE] <= at.POSTCODE_CLOSE
        or 0 <= found[at.STREET] <= at.STREET_CLOSE
        or 0 <= found[at.EMAIL] <= at.EMAIL_CLOSE
        or 0 in {found[at.MOBILE], found[at.LANDLINE], found[at.IDENTIFIER], found[at.HOUSEHOLD]}
        or found[at.BORN_IN] == 0
        or (found[at.HOUSE] == 0 and 0 <= found[at.LOCALITY] <= at.LOCALITY_CLOSE)
    )


def _own(found: Sequence[int]) -> bool:
    """Whether something of a person's own agrees, beside names.

    Among the few who share a home or a landline, a year of birth or an age is a person's own.
    """
    return (
        found[at.BIRTH] in _DATES_AGREE
        or at.BIRTH_KNOWN_PART <= found[at.BIRTH] <= at.BIRTH_AGE
        or 0 <= found[at.EMAIL] <= at.EMAIL_CLOSE
        or 0 in {found[at.MOBILE], found[at.IDENTIFIER], found[at.MIDDLE]}
    )


def given_alone(found: Sequence[int]) -> bool:
    """Whether family names differ and a given name is all of a person's own that agrees."""
    return found[at.FAMILY] in {at.FAMILY_FAINT, at.FAMILY_DIFFERENT} and not _own(found)


def unnamed(found: Sequence[int]) -> bool:
    """Whether no names can be compared, and nothing else of a person's own agrees either."""
    return found[at.FAMILY] == found[at.GIVEN] == at.NULL and not _own(found)


def rarity(a: Words, b: Words, field: int, level: int) -> float:
    """How much rarer than usual the value is on which two rows agree: natural log of a ratio.

    0 where they do not agree exactly, or nothing is known of the value.
    """
    if field not in at.RARE or level not in ({0, at.FAMILY_LONE} if field == at.FAMILY else {0}):
        return 0.0
    first, second = (_tail(row)[at.RARE.index(field)] for row in (a, b))
    known = min(first, second) or max(first, second)
    return STEP * (known - NEUTRAL) if known else 0.0


def together(a: Words, b: Words, found: Sequence[int]) -> float:
    """How much oftener than by chance the names stand together on which two rows agree: a log.

    0 where they do not agree on both. See communities.py.
    """
    if not (0 <= found[at.FAMILY] <= at.FAMILY_CLOSE and 0 <= found[at.GIVEN] <= at.GIVEN_CLOSE):
        return 0.0
    known = max(_tail(row)[TOGETHER] for row in (a, b))
    return STEP * (known - 1) if known else 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comparison found of two rows, values left behind: enough to weigh them."""

    found: Sequence[int]
    """Level of every field (levels.py)."""
    rare: Mapping[int, float]
    """Field -> what the value adds; fields of ordinary values may be left out."""
    together: float = 0.0
    """What a full name takes off."""


def outcome(a: Words, b: Words) -> Outcome:
    """Compare two rows."""
    found = compare(a, b)
    rare = {number: rarity(a, b, number, level) for number, level in enumerate(found)}
    return Outcome(found, rare, together(a, b, found))


def _by_field(of: Outcome, parameters: Parameters) -> Iterator[tuple[int, list[Evidence], float]]:
    """For each field known on both sides its evidence, and what a household says to it."""
    for number, level in enumerate(of.found):
        if level == at.NULL:
            continue
        field = at.FIELDS[number]
        weight = float(parameters.person[number, level])
        common = float(parameters.household[number, level])
        evidence = [(field.name, field.levels[level], weight)]
        if rare := of.rare.get(number, 0.0):
            evidence.append((field.name, RARITY, rare))
            chance = float(parameters.e[number])
            own = math.log(chance * math.exp(weight + rare) + 1.0 - chance)
            common = common + rare if field.shared else own
        if number == at.GIVEN and of.together:
            evidence.append((field.name, TOGETHER_LEVEL, -of.together))
            common -= of.together
        yield number, evidence, common


def weighed(of: Outcome, parameters: Parameters) -> list[Evidence]:
    """The evidence (field, level, weight) that adds up to the log-odds of one person.

    `prior` is how rare a match is at all; a level `rarity` is what the value itself adds or takes,
    `names_go_together` what a full name takes off because its parts often stand together;
    `address` corrects for parts of an address that change together when a person moves;
    `household` takes off what two members of one household would explain as well; `caution` brings
    contradictions, and names with nothing beside them, down to the review band.
    """
    prior, common, ceiling, moved = (float(value) for value in parameters.rest)
    evidence: list[Evidence] = [("prior", "rarity_of_matches", prior)]
    address: list[float] = []
    for number, entries, household in _by_field(of, parameters):
        evidence += entries
        common += household
        if number in at.ADDRESS:
            address.extend(weight for _, _, weight in entries)
    if address:
        parts = math.fsum(address)
        evidence.append(("address", "may_have_moved", _whole(parts, moved) - parts))
    discount = -(max(common, 0.0) + math.log1p(math.exp(-abs(common))))
    evidence.append(("household", "could_be_relatives", discount))
    total = sum(weight for _, _, weight in evidence)
    reason = caution(of.found, parameters) if total > ceiling else None
    if reason:
        evidence.append(("caution", reason, ceiling - total))
    return evidence


def _whole(parts: float, moved: float) -> float:
    """Weight of an address as a whole, of one person who may have moved."""
    top = max(parts, 0.0)
    return top + math.log((1.0 - moved) * math.exp(parts - top) + moved * math.exp(-top))


def weigh(a: Words, b: Words, parameters: Parameters) -> list[Evidence]:
    """The evidence of two rows; see `weighed`."""
    return weighed(outcome(a, b), parameters)
