"""How common a value is: what makes equality of a rare name say more than equality of a common one.

A value's share is counted over persons, not mentions (a repeat victim's name would grow common by
itself), and leaves one person out, the one it is asked for: p(v) = (max(n - 1, 0) + 1) / (E + 1/u),
with n the persons who hold v, E those who have the field and u the chance that two strangers agree.
Shares are frozen with the parameters of an epoch. They are looked up once, when a row is made, and
travel in its tail as one byte for each field of `levels.RARE`: log(u / p(v)) in steps of 0.08, 128
for 0, and 0 for no value. See Winkler (2000) on frequency-based matching; the leaving out is ours.

A share is listed only for values that two persons hold at least. For all others there is one share,
and another for names that the encoding marks as common, so that a hub whose parameters were trained
elsewhere, under another key, still tells Smith from Featherstonehaugh.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.encoding import layout

from . import communities
from . import levels as at
from .communities import Communities

STEP: Final = 0.08
"""Natural log of a ratio that one step of a rarity byte stands for."""
NEUTRAL: Final = 128
"""The byte of a value exactly as common as strangers' agreement says."""
TOGETHER: Final = len(at.RARE)
"""Place of the byte for how much a record's two names go together: log of the lift, from 1."""
TAIL: Final = -(-(TOGETHER + 1) // 4)
"""Words that rarity bytes take up."""
WIDTH: Final = layout.WORDS + TAIL
"""Words of a row in memory: the encoding's and the tail."""

_GIVEN: Final = layout.FIELDS["given"][0]
_FAMILY: Final = layout.FIELDS["family"][0]
_FLAGS: Final = layout.FIELDS["flags"][0]
_PLACES: Final[Mapping[int, tuple[tuple[int, ...], ...]]] = {
    at.FAMILY: ((0,),),
    at.GIVEN: ((0,),),
    at.BIRTH: ((0, 1),),
    at.POSTCODE: ((0, 1),),
    at.LOCALITY: ((0,),),
    at.STREET: ((0,),),
    at.HOUSE: ((0,),),
    at.EMAIL: ((0, 1),),
    at.MOBILE: ((0, 1), (2, 3)),
    at.LANDLINE: ((0, 1),),
    at.OCCUPATION: ((0,),),
    at.BORN_IN: ((0,),),
}
_NAMES: Final = {
    at.FAMILY: "family",
    at.GIVEN: "given",
    at.BIRTH: "birth",
    at.POSTCODE: "postcode",
    at.LOCALITY: "locality",
    at.STREET: "street",
    at.HOUSE: "house",
    at.EMAIL: "email",
    at.MOBILE: "mobile",
    at.LANDLINE: "landline",
    at.OCCUPATION: "occupation",
    at.BORN_IN: "place_of_birth",
}
_WORDS: Final = tuple(
    tuple(
        tuple(layout.FIELDS[_NAMES[each]][0] + offset for offset in place)
        for place in _PLACES[each]
    )
    for each in at.RARE
)
"""For each rare field its values, each as the words that make it up."""
_MARKS: Final = {at.FAMILY: layout.COMMON_FAMILY, at.GIVEN: layout.COMMON_GIVEN}

_TAIL: Final = struct.Struct(f"<{TAIL}I")

Words = Sequence[int]
Rows = NDArray[np.uint32]


def values_of(words: Words, number: int) -> list[int]:
    """The values of the rare field of this number (its place in `levels.RARE`), none if empty."""
    return [_value(words, place) for place in _WORDS[number] if words[place[0]]]


def _value(words: Words, place: Sequence[int]) -> int:
    value = int(words[place[0]])
    for word in place[1:]:
        value = value << 32 | int(words[word])
    return value


@dataclass(frozen=True)
class Frequencies:
    """Shares of persons by value, for each field of `levels.RARE` in that order."""

    other: tuple[float, ...] = (0.0,) * len(at.RARE)
    """Share of a value that is not listed; 0 if nothing is known of the field."""
    common: tuple[float, ...] = (0.0,) * len(at.RARE)
    """Share of a name that is not listed but marked as common; 0 if nothing is known."""
    listed: tuple[Mapping[int, float], ...] = field(
        default_factory=lambda: tuple({} for _ in at.RARE), repr=False
    )
    communities: Communities = field(default_factory=Communities)
    """Which names go together."""

    def rows(self, encodings: Sequence[Words], agreement: Sequence[float]) -> Rows:
        """Make rows of many encodings.

        `agreement` is, for each rare field, the chance that two strangers agree exactly.
        """
        rarities = Rarities(self, agreement)
        made = [rarities.row(words) for words in encodings]
        return np.array(made, np.uint32).reshape(len(made), WIDTH)

    def as_json(self) -> dict[str, Any]:
        """What the parameter file holds; listed values in hexadecimal."""
        return {
            at.FIELDS[each].name: {
                "other": self.other[number],
                "common": self.common[number],
                "listed": {
                    f"{value:x}": round(share, 9)
                    for value, share in sorted(self.listed[number].items())
                },
            }
            for number, each in enumerate(at.RARE)
        } | {"communities": self.communities.as_json()}


class _Known(NamedTuple):
    """What is known of one rare field: its values' places, and the byte of each value."""

    number: int
    places: tuple[tuple[int, ...], ...]
    mark: int
    other: int
    common: int
    listed: Mapping[int, int]


class Rarities:
    """Makes rows under frequencies, whose bytes it works out once for all rows."""

    def __init__(self, frequencies: Frequencies, agreement: Sequence[float]) -> None:
        """`agreement` is, for each rare field, the chance that two strangers agree exactly."""
        self._lift = frequencies.communities.lift
        self._fields = [
            _known(frequencies, number, agreement[number])
            for number in range(len(at.RARE))
            if frequencies.other[number] > 0.0
        ]

    def row(self, words: Words) -> list[int]:
        """Make a row of an encoding: its words and its tail.

        Of a field with two values the commoner counts.
        """
        tail = bytearray(4 * TAIL)
        for number, places, mark, other, common, listed in self._fields:
            unlisted = common if words[_FLAGS] & mark else other
            least = 256
            for place in places:
                if words[place[0]]:
                    least = min(least, listed.get(_value(words, place), unlisted))
            if least < 256:
                tail[number] = least
        given, family = words[_GIVEN], words[_FAMILY]
        if given and family:
            tail[TOGETHER] = round(math.log(self._lift(given, family)) / STEP) + 1
        return [*words, *_TAIL.unpack(tail)]


def _known(frequencies: Frequencies, number: int, agreement: float) -> _Known:
    other = frequencies.other[number]
    common = frequencies.common[number] or other
    return _Known(
        number,
        _WORDS[number],
        _MARKS.get(at.RARE[number], 0),
        rarity_byte(agreement / other),
        rarity_byte(agreement / common),
        {
            value: rarity_byte(agreement / share)
            for value, share in frequencies.listed[number].items()
        },
    )


def parse(data: Mapping[str, Any]) -> Frequencies:
    """Read what `as_json` wrote. Raises KeyError, TypeError, ValueError."""
    entries = [data[at.FIELDS[each].name] for each in at.RARE]
    return Frequencies(
        tuple(float(entry["other"]) for entry in entries),
        tuple(float(entry["common"]) for entry in entries),
        tuple(
            {int(value, 16): float(share) for value, share in entry["listed"].items()}
            for entry in entries
        ),
        communities.parse(data["communities"]),
    )


def rarity_byte(ratio: float) -> int:
    """The byte that stands for a ratio of the chance of agreement to a value's share."""
    return min(255, max(1, round(math.log(ratio) / STEP) + NEUTRAL))


def learn(
    encodings: Sequence[Words], persons: Sequence[int], agreement: Sequence[float]
) -> Frequencies:
    """Count shares over persons; `persons` says to whom each encoding is held to belong."""
    learnt = [_field(encodings, persons, number, chance) for number, chance in enumerate(agreement)]
    return Frequencies(
        tuple(other for other, _, _ in learnt),
        tuple(common for _, common, _ in learnt),
        tuple(listed for _, _, listed in learnt),
        communities.learn(
            {
                (person, words[_GIVEN], words[_FAMILY]): (words[_GIVEN], words[_FAMILY])
                for words, person in zip(encodings, persons, strict=True)
                if words[_GIVEN] and words[_FAMILY]
            }.values()
        ),
    )


def _field(
    encodings: Sequence[Words], persons: Sequence[int], number: int, agreement: float
) -> tuple[float, float, dict[int, float]]:
    mark = _MARKS.get(at.RARE[number], 0)
    held: dict[int, set[int]] = {}
    marked: set[int] = set()
    having: set[int] = set()
    for words, person in zip(encodings, persons, strict=True):
        for value in values_of(words, number):
            held.setdefault(value, set()).add(person)
            having.add(person)
            if words[_FLAGS] & mark:
                marked.add(value)
    if not having:
        return 0.0, 0.0, {}
    total = len(having) + 1.0 / agreement
    listed = {value: len(who) / total for value, who in held.items() if len(who) > 1}
    common = [share for value, share in listed.items() if value in marked]
    return 1.0 / total, math.fsum(common) / len(common) if common else 0.0, listed


def typical(frequencies: Frequencies) -> Frequencies:
    """Shares for a hub under another key: no value is listed, unlisted ones are as common as usual.

    The usual share is the geometric mean over persons, so that weights are right on the whole.
    """
    other = []
    for number, listed in enumerate(frequencies.listed):
        least = frequencies.other[number]
        held = [round(share / least) for share in listed.values()] if least else []
        logs = sum(n * math.log(share) for n, share in zip(held, listed.values(), strict=True))
        other.append(math.exp(logs / sum(held)) if held else least)
    nobody = Communities(usual=frequencies.communities.usual)
    return Frequencies(tuple(other), frequencies.common, communities=nobody)
