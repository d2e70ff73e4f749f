"""Who is asked about: identifiers in the shape of an event's person, enough to tell one person.

They become a linkage encoding, sealed to the linkage key, and are forgotten; nothing here keeps or
repeats a value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from schemas import shape
from schemas.encoding import encode
from schemas.records import Person
from schemas.sealing import Sealer, encoding_aad
from schemas.validation.faults import Faults
from schemas.validation.persons import check_persons
from sharing_api.problems import not_accepted

FIELDS: Final = (
    *("given_names", "family_name", "full_name", "also_known_as", "date_of_birth", "age", "sex"),
    *("place_of_birth", "address", "phones", "emails", "identifiers", "occupation"),
)
"""Fields of a person that a lookup may state."""
ENOUGH: Final = (
    "a name and one of: a whole date of birth, a telephone, an e-mail, an identifier, an address "
    "with house and postcode"
)
_WHERE: Final = "persons[0]"
_AROUND: Final = {
    **dict.fromkeys(("event_id", "agency", "reference", "kind"), "lookup"),
    "recorded_at": "2000-01-01T00:00:00Z",
    "occurred": {"from": "2000-01-01T00:00:00Z"},
}
"""What an event has around its persons; nothing of it is used."""


@dataclass(frozen=True, slots=True)
class SealedEncoding:
    """A person as linkage compares persons, for the matcher's eyes alone."""

    encoding: bytes
    key_id: str
    wrapped_key: bytes


Sealing = Callable[[Person, str, datetime], SealedEncoding]
"""Encodes and seals a person under the id of a lookup."""


def sealing(sealer: Sealer, secret: bytes) -> Sealing:
    """Encode under the encoding secret, seal to the linkage key."""

    def seal(person: Person, lookup_id: str, moment: datetime) -> SealedEncoding:
        encoded = encode(person, secret, moment)
        assert encoded is not None  # a victim is correlated
        session = sealer.session()
        sealed = session.seal(encoded, encoding_aad(lookup_id, 0))
        return SealedEncoding(sealed, session.key_id, session.wrapped_key)

    return seal


def person_of(stated: Mapping[str, Any], moment: datetime) -> Person:
    """Read what an asker states. Raises Problem 422 with every fault, naming fields, no value."""
    strangers = [name for name in stated if name not in FIELDS]
    if strangers:
        known = ", ".join(FIELDS)
        raise not_accepted([{"field": "body.person", "rule": f"nothing but {known}"}])
    event = {**_AROUND, "persons": [{**stated, "role": "victim"}]}
    read, departures = shape.from_json("incident.v1", event)
    if read is None:
        raise not_accepted(_named(departures))
    person = cast("Person", read["persons"][0])
    faults = Faults()
    check_persons(faults, [person], moment.date())
    if faults.listed():
        raise not_accepted(_named(faults.listed()))
    if not _enough(person):
        raise not_accepted([{"field": "body.person", "rule": ENOUGH}])
    return person


def _enough(person: Person) -> bool:
    named = person["full_name"] or person["family_name"]
    address = person["address"]
    found = (
        len(person["date_of_birth"] or "") == len("1984-03-12"),
        person["phones"],
        person["emails"],
        person["identifiers"],
        address is not None and address["house"] and address["postcode"],
    )
    return bool(named and any(found))


def _named(faults: Any) -> list[dict[str, str]]:
    return [
        {"field": str(fault["path"]).replace(_WHERE, "body.person"), "rule": str(fault["rule"])}
        for fault in faults
    ]
