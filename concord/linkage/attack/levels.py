"""The levels at which the same encodings are attacked, from a topic's bytes to a stolen key."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from concord.linkage.attack import FRIENDS, digits, filters, names
from concord.linkage.attack.loot import Knowledge, Loot, share
from schemas.encoding.keyed import Keyed

_TRAITS: Final = {"family": 0, "given": 0, "born": 8, "postcode": 7}
"""What is recovered, and the length of a value that is whole."""
_TITLES: Final = {
    "family": "family_names",
    "given": "given_names",
    "born": "dates_of_birth",
    "postcode": "postcodes",
}
_HEADS: Final = {"born": "years_of_birth", "postcode": "postcode_districts"}
_HEAD: Final = 4  # characters of a year, and of an outward code
_DATE: Final = ("year1", "year2", "year3", "year4", "part1", "part2", "part1", "part2")
_POSTCODE: Final = tuple(f"postcode{at}" for at in range(7))
_FIRST_DAY: Final = date(1880, 1, 1)
_DAYS: Final = 54_000

Recovered = dict[str, float]
Guesses = Sequence[str | None]


class Thief:
    """Attacks one loot with what is known of such a population."""

    def __init__(self, loot: Loot, known: Knowledge, seed: int) -> None:
        """Nothing is attacked yet."""
        self._loot = loot
        self._known = known
        self._seed = seed
        self._truth = {trait: list(self._wholes(trait)) for trait in _TRAITS}

    def levels(self) -> dict[str, Callable[[], Recovered]]:
        """Each level's name, and what attacks it: the part of values recovered, by field."""
        return {
            "guessing": self._guess,
            "sealed": lambda: self._rank(dict.fromkeys(_TRAITS, self._loot.sealed)),
            "ranks": lambda: self._rank(self._stand_ins()),
            "memory": self._memory,
            "memory_and_friends": self._friends,
            "memory_and_rough_lists": lambda: self._named(
                names.guess(self._loot, self._known.rough(self._seed))
            ),
            "without_filters": lambda: self._named(
                names.guess(self._loot, self._known, filters=False)
            ),
            "noisy_filters": lambda: self._remade(filters.noisy),
            "unfolded_filters": lambda: self._remade(filters.unfolded),
            "double_hashing": lambda: self._remade(filters.double_hashed),
            "key": self._dictionary,
        }

    def _wholes(self, trait: str) -> Iterator[str]:
        """Each person's value; nothing where it is not whole."""
        length = _TRAITS[trait]
        for person in self._loot.truth:
            text: str = getattr(person, trait)
            part = length and (len(text) != length or " " in text[4:])
            yield "" if part else text

    def _judged(self, trait: str, guesses: Guesses) -> Recovered:
        truth = self._truth[trait]
        found = {_TITLES[trait]: share(guesses, truth)}
        if trait in _HEADS:
            heads = [guess[:_HEAD] if guess else None for guess in guesses]
            found[_HEADS[trait]] = share(heads, [text[:_HEAD] for text in truth])
        return found

    def _guess(self) -> Recovered:
        """Say the most frequent value of everybody."""
        found: Recovered = {}
        for trait in _TRAITS:
            top = self._known.count(trait).most_common(1)[0][0]
            found |= self._judged(trait, [top] * len(self._loot.truth))
        for trait, title in _HEADS.items():
            heads = [getattr(each, trait)[:_HEAD] for each in self._known.persons]
            top = max(sorted(set(filter(None, heads))), key=heads.count)
            truth = [text[:_HEAD] for text in self._truth[trait]]
            found[title] = share([top] * len(truth), truth)
        return found

    def _stand_ins(self) -> dict[str, Sequence[Hashable]]:
        """What stands for each value in memory; None where there is none."""
        found: dict[str, Sequence[Hashable]] = {
            kind: self._loot.tokens(kind) for kind in names.KINDS
        }
        for trait, field in (("born", "birth"), ("postcode", "postcode")):
            words = map(tuple, self._loot.words(field).tolist())
            found[trait] = [word if any(word) else None for word in words]
        return found

    def _rank(self, stand_ins: Mapping[str, Sequence[Hashable]]) -> Recovered:
        """Match what repeats to what is frequent, rank by rank."""
        found: Recovered = {}
        for trait, held in stand_ins.items():
            meaning = names.by_rank(held, self._known.count(trait))
            found |= self._judged(trait, [meaning.get(each) for each in held])
        return found

    def _named(self, meanings: names.Guesses) -> Recovered:
        found: Recovered = {}
        for kind in names.KINDS:
            meaning: Mapping[Hashable, str] = getattr(meanings, kind)
            found |= self._judged(kind, [meaning.get(token) for token in self._loot.tokens(kind)])
        return found

    def _memory(self) -> Recovered:
        """Everything that the matcher holds."""
        found = self._named(names.guess(self._loot, self._known))
        for trait, guesses in self._read.items():
            found |= self._judged(trait, guesses)
        return found

    def _friends(self) -> Recovered:
        """The same with a few persons who are known anyway."""
        found: Recovered = {}
        for trait, read in self._read.items():
            guesses = digits.given_away(self._loot, trait, read, FRIENDS, self._seed)
            found |= self._judged(trait, guesses)
        return found

    @cached_property
    def _read(self) -> dict[str, digits.Guesses]:
        return {
            "born": digits.dates(self._loot, self._known, self._seed),
            "postcode": digits.postcodes(self._loot, self._known, self._seed),
        }

    def _remade(self, make: filters.Make) -> Recovered:
        return self._named(names.guess(self._loot, self._known, make))

    def _dictionary(self) -> Recovered:
        """With the key: encode every name with its slips, every day, every postcode."""
        keyed = Keyed(self._loot.key)
        spellings = sorted(names.known_names(self._known.persons))
        tried = {name for known in spellings for name in names.misspelled(known)}
        meaning: dict[Hashable, str] = {keyed.token("name", name): name for name in sorted(tried)}
        found = self._named(names.Guesses(meaning, meaning))
        texts = {
            "born": (_DATE, [_day(number) for number in range(_DAYS)]),
            "postcode": (_POSTCODE, self._known.postcodes),
        }
        held = self._stand_ins()
        for trait, (domains, values) in texts.items():
            meaning = {keyed.positions(domains, value): value for value in values}
            found |= self._judged(trait, [meaning.get(each) for each in held[trait]])
        return found


def _day(number: int) -> str:
    return (_FIRST_DAY + timedelta(days=number)).strftime("%Y%m%d")
