"""Made-up encodings by the million: a population in households, and mentions of it with slips.

The scenario tells a county's story; this is only numbers. Vocabularies (names by Zipf's law,
streets, years, days) are encoded by the real encoder, a person is drawn from them by hashing the
person's number, and a mention copies a person with omissions, spellings, moves and wrong digits.
All is vectorised and a function of the seed and the record's number.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from schemas.encoding import decode, encode, layout
from schemas.records import Person

Rows = NDArray[np.uint32]
Ints = NDArray[np.int64]

KEY: Final = b"a key for measuring, not for use"
MENTIONS: Final = 1.8
"""Mentions of a person on average."""
HOUSEHOLD: Final = 2.4
"""Persons of a household on average."""
_FAMILIES, _GIVENS, _STREETS, _LOCALITIES = 40_000, 3_000, 6_000, 1_500
_SPELLINGS: Final = 3
_TAIL: Final = slice(layout.WORDS, None)
_ONSETS: Final = [*"bcdfghjklmnprstvwy", "br", "ch", "cl", "gr", "sh", "st", "th", "tr"]
_VOWELS: Final = ["a", "e", "i", "o", "u", "ai", "ee", "ou", "ar", "er", "on", "an"]
_CODAS: Final = ["", "", "n", "s", "ll", "ton", "man", "ley", "ski", "son", "wood", "rd", "m", "th"]
_BLANK: Final[dict[str, Any]] = {
    **dict.fromkeys(Person.__annotations__),
    "role": "victim",
    "category": "victim",
    "basis": "fact",
    **{many: [] for many in ("also_known_as", "phones", "emails", "identifiers")},
}


Complete = Callable[[Sequence[int]], list[int]]
"""Makes a row of an encoding's words: Scorer.row."""


def _encoded(complete: Complete, known: Iterable[dict[str, Any]]) -> Rows:
    """One row for each set of known facts about a person."""
    rows = []
    for facts in known:
        data = encode(_BLANK | facts, KEY)  # type: ignore[arg-type]  # a person in all its fields
        rows.append(complete(decode(data).words if data else [0] * layout.WORDS))
    return np.array(rows, np.uint32)


def _address(**known: str) -> dict[str, Any]:
    parts: dict[str, Any] = dict.fromkeys(
        ("uprn", "house", "street", "locality", "region", "postcode")
    )
    return {"address": parts | known}


def _words_made(chance: random.Random, count: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        parts = [chance.choice(_ONSETS) + chance.choice(_VOWELS) for _ in range(2)]
        found["".join(parts[: chance.randint(1, 2)]) + chance.choice(_CODAS)] = None
        if chance.random() < 0.5:
            found["".join(parts) + chance.choice(_ONSETS) + chance.choice(_CODAS)] = None
    return list(found)[:count]


def _misspelt(chance: random.Random, name: str) -> str:
    at = chance.randrange(len(name))
    kind = chance.randrange(3)
    if kind == 0 and len(name) > 3:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at] + name[at:]
    return name[:at] + chance.choice("aeinrst") + name[at + 1 :]


def _spellings(chance: random.Random, names: list[str]) -> list[str]:
    """Each name as it is, then each misspelt, then each misspelt in another way."""
    return names + [_misspelt(chance, name) for _ in range(_SPELLINGS - 1) for name in names]


def _zipf(count: int, shift: float) -> NDArray[np.float64]:
    """Cumulated shares of values of which few are frequent."""
    shares = np.cumsum(1.0 / (np.arange(count) + shift))
    return np.asarray(shares / shares[-1])


@dataclass(frozen=True)
class _Vocabulary:
    """Rows that each hold one fact."""

    families: Rows
    givens: Rows
    initials: Rows
    years: Rows
    days: Rows
    streets: Rows
    localities: Rows
    houses: Rows
    outwards: Rows
    inwards: Rows
    sexes: Rows


def _vocabulary(seed: int, complete: Complete) -> _Vocabulary:
    encoded = partial(_encoded, complete)
    chance = random.Random(seed)
    names = _words_made(chance, _FAMILIES + _GIVENS + _STREETS + _LOCALITIES)
    givens = names[:_GIVENS]
    families = names[_GIVENS : _GIVENS + _FAMILIES]
    streets, localities = names[-_STREETS - _LOCALITIES : -_LOCALITIES], names[-_LOCALITIES:]
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return _Vocabulary(
        families=encoded({"family_name": name} for name in _spellings(chance, families)),
        givens=encoded({"given_names": name} for name in _spellings(chance, givens)),
        initials=encoded({"given_names": name[0]} for name in givens),
        years=encoded({"date_of_birth": f"{year}-06-15"} for year in range(1930, 2016)),
        days=encoded(
            {"date_of_birth": f"1984-{month:02}-{day:02}"}
            for month in range(1, 13)
            for day in range(1, 29)
        ),
        streets=encoded(_address(street=f"{name} Road") for name in streets),
        localities=encoded(_address(locality=name) for name in localities),
        houses=encoded(_address(house=str(number)) for number in range(1, 200)),
        outwards=encoded(
            _address(postcode=f"{one}{two}{number} 1AA")
            for one in letters
            for two in letters[:8]
            for number in range(1, 20)
        ),
        inwards=encoded(
            _address(postcode=f"LS1 {number}{one}{two}")
            for number in range(1, 10)
            for one in letters
            for two in letters
        ),
        sexes=encoded({"sex": sex} for sex in ("female", "male")),
    )


class Population:
    """Mentions of `persons` persons; the record of a number is always the same."""

    def __init__(self, seed: int, persons: int, complete: Complete) -> None:
        """Encodes the vocabularies, which takes some seconds."""
        self._seed = np.uint64(seed * 0x632BE59BD9B4E019 % 2**64)
        self._words = _vocabulary(seed, complete)
        self._persons = persons
        self._homes = max(1, round(persons / HOUSEHOLD))
        self._family_shares = _zipf(_FAMILIES, 12.0)
        self._given_shares = _zipf(_GIVENS, 10.0)
        self._place_shares = _zipf(_LOCALITIES, 20.0)

    def records(self, first: int, last: int) -> tuple[Rows, Ints]:
        """Rows of the records from number `first` up to `last`, and the person behind each."""
        number = np.arange(first, last, dtype=np.int64)
        person = self._draw(number, 1, self._persons)
        rows = np.zeros((len(number), self._words.sexes.shape[1]), np.uint32)
        self._name(rows, number, person)
        whole = self._share(number, 20) > 0.03  # of the rest nothing but the name is known
        self._birth(rows, number, person, whole)
        self._home(rows, number, person, whole)
        self._contacts(rows, number, person, whole)
        return rows, person

    # -- chance ---------------------------------------------------------------------------------

    def _bits(self, number: Ints, purpose: int) -> NDArray[np.uint64]:
        """Sixty-four bits for a number and a purpose (splitmix64)."""
        bits = number.astype(np.uint64) * np.uint64(64) + np.uint64(purpose)
        bits = (bits + self._seed) * np.uint64(0x9E3779B97F4A7C15)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            bits = (bits ^ (bits >> np.uint64(shift))) * np.uint64(factor)
        return bits ^ (bits >> np.uint64(31))

    def _share(self, number: Ints, purpose: int) -> NDArray[np.float64]:
        return np.asarray((self._bits(number, purpose) >> np.uint64(11)) / 2.0**53)

    def _draw(self, number: Ints, purpose: int, below: int) -> Ints:
        return (self._share(number, purpose) * below).astype(np.int64)

    def _frequent(self, number: Ints, purpose: int, shares: NDArray[np.float64]) -> Ints:
        return np.searchsorted(shares, self._share(number, purpose)).astype(np.int64)

    # -- facts ----------------------------------------------------------------------------------

    def _name(self, rows: Rows, number: Ints, person: Ints) -> None:
        home = self._draw(person, 2, self._homes)
        own = self._share(person, 3) < 0.15
        family = self._frequent(np.where(own, person + self._homes, home), 4, self._family_shares)
        given = self._frequent(person, 5, self._given_shares)
        family += _FAMILIES * self._spelling(number, 21)
        rows |= self._words.families[family]
        spelt = self._words.givens[given + _GIVENS * self._spelling(number, 22)]
        initial = self._share(number, 23) < 0.04
        rows |= np.where(initial[:, None], self._words.initials[given], spelt)
        second = self._share(person, 6) < 0.3
        said = second & (self._share(number, 24) < 0.4) & ~initial
        self._second_name(rows, said, self._frequent(person, 7, self._given_shares))
        rows |= np.where(
            (self._share(number, 25) < 0.7)[:, None],
            self._words.sexes[self._draw(person, 8, 2)],
            np.uint32(0),
        )

    def _spelling(self, number: Ints, purpose: int) -> Ints:
        share = self._share(number, purpose)
        return np.where(share < 0.05, np.where(share < 0.025, 1, 2), 0)

    def _second_name(self, rows: Rows, said: NDArray[np.bool_], given: Ints) -> None:
        for field in ("given", "given_canonical"):
            at = layout.FIELDS[field][0]
            rows[said, at + 1] = self._words.givens[given[said], at]
        at = layout.FIELDS["initials"][0]
        rows[said, at] |= (self._words.givens[given[said], at] & np.uint32(255)) << np.uint32(8)

    def _birth(self, rows: Rows, number: Ints, person: Ints, whole: NDArray[np.bool_]) -> None:
        at = layout.FIELDS["birth"][0]
        years, days = self._words.years, self._words.days
        slip = self._share(number, 26) < 0.03
        source = np.where(slip, number, person)
        known = self._share(number, 27)
        year = self._draw(person, 9, len(years))
        day = self._draw(source, 10, len(days))
        dated = whole & (known < 0.7)
        aged = dated & (known < 0.66)
        rows[dated, at] = years[year[dated], at]
        rows[aged, at + 1] = days[day[aged], at + 1]
        rows[aged, _TAIL] |= days[day[aged], _TAIL]
        span = layout.FIELDS["birth_years"][0]
        rows[dated, span] = years[year[dated], span]

    def _home(self, rows: Rows, number: Ints, person: Ints, whole: NDArray[np.bool_]) -> None:
        moved = self._share(number, 28) < 0.1
        home = np.where(
            moved, self._draw(number, 11, self._homes), self._draw(person, 2, self._homes)
        )
        place = self._frequent(home // 200, 12, self._place_shares)
        words = self._words
        for share, purpose, vocabulary, which in (
            (0.75, 29, words.localities, place),
            (0.60, 30, words.streets, self._draw(home // 40, 13, _STREETS)),
            (0.55, 31, words.houses, self._draw(home, 14, len(words.houses))),
            (0.65, 32, words.outwards, self._draw(place, 15, len(words.outwards))),
        ):
            said = whole & (self._share(number, purpose) < share)
            if vocabulary is words.outwards:
                self._postcode(rows, said, which, self._draw(home // 15, 16, len(words.inwards)))
            else:
                rows[said] |= vocabulary[which[said]]

    def _postcode(self, rows: Rows, said: NDArray[np.bool_], outward: Ints, inward: Ints) -> None:
        at = layout.FIELDS["postcode"][0]
        rows[said, at] = self._words.outwards[outward[said], at]
        rows[said, at + 1] = self._words.inwards[inward[said], at + 1]
        rows[said, _TAIL] |= self._words.inwards[inward[said], _TAIL]

    def _contacts(self, rows: Rows, number: Ints, person: Ints, whole: NDArray[np.bool_]) -> None:
        wide: Callable[[int], Any] = lambda purpose: self._bits(person, purpose)  # noqa: E731
        for field, has, purpose in (
            ("mobile", 0.4, 17),
            ("email", 0.15, 18),
            ("landline", 0.08, 19),
        ):
            said = whole & (self._share(number, 32 + purpose) < has)
            at, bits = layout.FIELDS[field][0], wide(purpose)
            rows[said, at] = (bits[said] & np.uint64(0xFFFFFFFF)) | np.uint64(1)
            rows[said, at + 1] = bits[said] >> np.uint64(32)
            if field == "email":
                rows[said, layout.FIELDS["email_local"][0]] = rows[said, at]
                bloom = layout.FIELDS["email_bloom"][0]
                for k in range(4):
                    few = wide(54 + k)[said] & wide(58 + k)[said]
                    rows[said, bloom + k] = (few & np.uint64(0xFFFFFFFF)).astype(np.uint32)


def namesakes(complete: Complete, count: int) -> Rows:
    """People of whom nothing is known but one common name."""
    return np.repeat(
        _encoded(complete, [{"given_names": "John", "family_name": "Smith"}]), count, axis=0
    )


def residents(complete: Complete, count: int) -> Rows:
    """People under one roof, each with a name and a birthday of their own."""
    chance = random.Random(count)
    names = _words_made(chance, 2 * count)
    home = _address(house="1", street="Harbour Road", locality="Dunmoor", postcode="CX5 9ZZ")
    return _encoded(
        complete,
        (
            home
            | {
                "given_names": names[number],
                "family_name": names[count + number],
                "date_of_birth": f"{chance.randint(1940, 2005)}-{chance.randint(1, 12):02}-17",
            }
            for number in range(count)
        ),
    )
