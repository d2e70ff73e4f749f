"""What is stolen, the truth that it is checked against, and what everybody knows."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from concord.linkage.county import UNTIL, sealed_county
from concord.scenario import generate
from concord.scenario.county import county
from schemas.encoding import ENCODED_ROLES, birth, decode, layout, names, place
from schemas.sealing import encoding_aad

_OTHER_PEOPLE: Final = 1_000_003
"""Added to the seed of the county that the thief knows: the same ways, other persons."""


class Traits(NamedTuple):
    """What there is to recover of a person, as encodings see it; empty where it is unknown."""

    family: str
    given: str
    born: str
    postcode: str
    sex: str


@dataclass(frozen=True, slots=True)
class Loot:
    """Encodings of persons: as they lie on a topic, and as they are in the matcher's memory."""

    sealed: list[bytes]
    rows: NDArray[np.uint32]
    truth: list[Traits]
    key: bytes

    def words(self, field: str) -> NDArray[np.uint32]:
        """The words of one field, a row for each person."""
        first, width = layout.FIELDS[field]
        return self.rows[:, first : first + width]

    def tokens(self, field: str) -> list[int]:
        """The first word of one field for each person; 0 where it is unknown."""
        tokens: list[int] = self.words(field)[:, 0].tolist()
        return tokens

    def places(self, field: str, count: int) -> NDArray[np.uint8]:
        """The keyed bytes of one field, a row for each person."""
        words = np.ascontiguousarray(self.words(field).astype("<u4"))
        return words.view(np.uint8).reshape(len(words), -1)[:, :count]


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the thief knows: persons of such a population, and the list of postcodes."""

    persons: list[Traits]
    postcodes: list[str]

    def count(self, trait: str) -> Counter[str]:
        """How often each value of a trait occurs."""
        return Counter(value for each in self.persons if (value := getattr(each, trait)))

    def rough(self, seed: int) -> Knowledge:
        """What a thief with poorer lists knows: a third of the names not at all, others wrongly.

        Frequencies of names are off by factors of one to four.
        """
        chance = random.Random(seed)
        held = sorted({name for each in self.persons for name in (each.family, each.given)})
        times = {name: chance.choice((0, 0, 1, 1, 2, 4)) for name in held}
        persons = [
            each for each in self.persons for _ in range(min(times[each.family], times[each.given]))
        ]
        return Knowledge(persons, self.postcodes)


def traits(person: Mapping[str, Any]) -> Traits:
    """A person's traits in the form in which they are encoded."""
    name = names.take_apart(person["given_names"], person["family_name"], person["full_name"])
    address = person["address"] or {}
    return Traits(
        name.family,
        name.given[0] if name.given else "",
        birth.digits(person["date_of_birth"]),
        place.postcode(address.get("postcode")),
        person["sex"] if person["sex"] in {"female", "male"} else "",
    )


def steal(incidents: int, seed: int) -> Loot:
    """Every encoding of a made-up county, with the truth beside it."""
    hub = sealed_county(incidents, seed)
    said = {
        (hub.pseudonyms.incident_id(one["agency"], one["reference"]), one["version"]): one
        for one in hub.scenario.incidents()
    }
    loot = Loot([], np.empty((0, layout.WORDS), np.uint32), [], hub.encoding_secret)
    rows = []
    for incident in {one["incident_id"]: one for one in hub.incidents}.values():
        for person in incident["persons"]:
            if person["encoding"] is None:
                continue
            place_ = encoding_aad(incident["incident_id"], person["position"])
            wrapped = incident["linkage_key_id"], incident["linkage_wrapped_key"]
            rows.append(decode(hub.linkage.open(*wrapped, person["encoding"], place_)).words)
            loot.sealed.append(person["encoding"])
            told = said[incident["incident_id"], incident["version"]]["persons"]
            loot.truth.append(traits(told[person["position"]]))
    return Loot(loot.sealed, np.array(rows, np.uint32), loot.truth, loot.key)


def learn(incidents: int, seed: int) -> Knowledge:
    """The persons of another made-up county, and the postcodes that exist."""
    told = generate(incidents, seed + _OTHER_PEOPLE, UNTIL).incidents()
    persons = [
        traits(person)
        for one in told
        for person in one["persons"]
        if person["role"] in ENCODED_ROLES
    ]
    streets = (
        street for area in county().districts for ward in area.wards for street in ward.streets
    )
    return Knowledge(persons, sorted({place.postcode(street.postcode) for street in streets}))


def share(guesses: Iterable[str | None], values: Iterable[str]) -> float:
    """The part of the known values that were guessed; a guess of None is none."""
    hits = [guess == value for guess, value in zip(guesses, values, strict=True) if value]
    return sum(hits) / len(hits) if hits else 0.0
