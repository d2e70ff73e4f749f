"""Rules for the persons of an incident. Only the role is required: reports may be anonymous."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from schemas.records import Person
from schemas.validation import codes, places, text
from schemas.validation.faults import Faults

MANY: Final = 50
"""Persons in one incident at most."""
OLDEST: Final = 120
"""Years that a person can be old."""

_BIRTH: Final = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_BIRTH_RULE: Final = (
    "an ISO date or its known part, such as 1984-03-12, 1984-03 or 1984; "
    "leave it out where it is not known"
)
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
_PHONE: Final = re.compile(
    r"[+0-9][0-9 ().\-/]{4,29}(?:(?:x|ext\.?|#) ?[0-9]{1,6})?", re.IGNORECASE
)
_LINES: Final = (
    *("given_names", "family_name", "full_name", "religion", "occupation", "place_of_birth"),
)


def check_persons(faults: Faults, persons: list[Person], recorded: date) -> None:
    """Faults of all persons. `recorded` is the day on which the incident was recorded."""
    if len(persons) > MANY:
        faults.add("too-many", "persons", f"at most {MANY} persons; split the incident")
        return
    for index, person in enumerate(persons):
        _check_person(faults, f"persons[{index}]", person, recorded)


def _check_person(faults: Faults, path: str, person: Person, recorded: date) -> None:
    codes.check_code(faults, f"{path}.role", "role", person["role"])
    codes.check_code(faults, f"{path}.category", "category", person["category"])
    codes.check_code(faults, f"{path}.basis", "basis", person["basis"])
    codes.check_code(faults, f"{path}.sex", "sex", person["sex"])
    codes.check_code(faults, f"{path}.ethnicity", "ethnicity", person["ethnicity"])
    for name in _LINES:
        text.check_length(faults, f"{path}.{name}", person[name])
    text.check_lengths(faults, f"{path}.also_known_as", person["also_known_as"])
    text.check_lengths(faults, f"{path}.vulnerabilities", person["vulnerabilities"])
    _check_birth(faults, path, person, recorded)
    if person["address"] is not None:
        places.check_address(faults, f"{path}.address", person["address"])
    _check_contacts(faults, path, person)


def _check_contacts(faults: Faults, path: str, person: Person) -> None:
    text.check_lengths(faults, f"{path}.phones", person["phones"])
    for index, phone in enumerate(person["phones"][: text.ENTRIES]):
        if not _PHONE.fullmatch(phone.strip()):
            rule = (
                "a telephone number: digits, spaces and + ( ) . - /, with country code if foreign"
            )
            faults.add("phone-form", f"{path}.phones[{index}]", rule)
    text.check_lengths(faults, f"{path}.emails", person["emails"])
    for index, email in enumerate(person["emails"][: text.ENTRIES]):
        if not _EMAIL.fullmatch(email.strip()):
            faults.add(
                "email-form", f"{path}.emails[{index}]", "an address such as name@example.org"
            )
    if len(person["identifiers"]) > text.ENTRIES:
        faults.add("too-many", f"{path}.identifiers", f"at most {text.ENTRIES} entries")
        return
    for index, identifier in enumerate(person["identifiers"]):
        for name in ("scheme", "value"):
            where = f"{path}.identifiers[{index}].{name}"
            text.check_reference(faults, where, identifier[name])


def _check_birth(faults: Faults, path: str, person: Person, recorded: date) -> None:
    age, born = person["age"], person["date_of_birth"]
    if age is not None and not 0 <= age <= OLDEST:
        faults.add("age-range", f"{path}.age", f"0 to {OLDEST}; leave it out where it is not known")
    if born is None:
        return
    first = earliest_birth(born)
    where = f"{path}.date_of_birth"
    if first is None:
        faults.add("birth-form", where, _BIRTH_RULE)
    elif first > recorded:
        faults.add("birth-in-future", where, "not after the incident was recorded")
    elif recorded.year - first.year > OLDEST + 1:
        rule = f"an age of at most {OLDEST} years; leave it out where it is not known"
        faults.add("birth-too-early", where, rule)


def earliest_birth(text_: str) -> date | None:
    """First day on which someone with this whole or partial date can be born; None if no date."""
    match = _BIRTH.fullmatch(text_)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None
