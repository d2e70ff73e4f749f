"""Persons in canonical form: cleaned text, known codes, a category where the role tells it."""

from __future__ import annotations

from datetime import date
from typing import Final

from processors.intake import wording
from processors.intake.regimes import Regime
from schemas.records import Address, Person
from schemas.vocabulary import resolve

ADULT: Final = 18

_CATEGORY_OF: Final = {
    "victim": "victim",
    "complainant": "victim",
    "suspect": "suspect",
    "perpetrator": "suspect",
    "witness": "witness",
    "reporter": "witness",
}


def canonical(person: Person, regime: Regime) -> Person:
    """The person as the hub keeps it under a regime, which may rename the role."""
    reported = resolve("role", person["role"]) or "other"
    role = regime.roles.get(reported, reported)
    category = resolve("category", person["category"]) or "other"
    if category == "other":
        category = _CATEGORY_OF.get(role, "other")
    address = person["address"]
    return {
        "role": role,
        "category": regime.categories.get(category, category),
        "basis": resolve("basis", person["basis"]) or "assessment",
        "given_names": wording.clean(person["given_names"]),
        "family_name": wording.clean(person["family_name"]),
        "full_name": wording.clean(person["full_name"]),
        "also_known_as": wording.cleaned(person["also_known_as"]),
        "date_of_birth": person["date_of_birth"],
        "age": person["age"],
        "sex": _code("sex", person["sex"]),
        "ethnicity": _code("ethnicity", person["ethnicity"]),
        "religion": wording.clean(person["religion"]),
        "occupation": wording.clean(person["occupation"]),
        "place_of_birth": wording.clean(person["place_of_birth"]),
        "address": _address(address) if address is not None else None,
        "phones": wording.phones(person["phones"]),
        "emails": wording.emails(person["emails"]),
        "identifiers": [
            {"scheme": one["scheme"].strip().lower(), "value": one["value"].strip()}
            for one in person["identifiers"]
        ],
        "vulnerabilities": wording.cleaned(person["vulnerabilities"]),
        "wants_contact": person["wants_contact"],
    }


def stripped(person: Person) -> Person:
    """A canonical person of whom only role, category and basis are kept."""
    return {
        "role": person["role"],
        "category": person["category"],
        "basis": person["basis"],
        "given_names": None,
        "family_name": None,
        "full_name": None,
        "also_known_as": [],
        "date_of_birth": None,
        "age": None,
        "sex": None,
        "ethnicity": None,
        "religion": None,
        "occupation": None,
        "place_of_birth": None,
        "address": None,
        "phones": [],
        "emails": [],
        "identifiers": [],
        "vulnerabilities": [],
        "wants_contact": None,
    }


def is_child(person: Person, recorded: date) -> bool | None:
    """Whether the person was under 18 on the day of recording; None if that cannot be told."""
    born = person["date_of_birth"]
    if born is None:
        return None if person["age"] is None else person["age"] < ADULT
    year, month, day = (*map(int, born.split("-")), 0, 0)[:3]
    coming_of_age = (year + ADULT, month, day)
    today = (recorded.year, recorded.month if month else 0, recorded.day if day else 0)
    if today != coming_of_age or day:
        return today < coming_of_age
    return None


def _code(name: str, text: str | None) -> str | None:
    return resolve(name, text) if text is not None else None


def _address(address: Address) -> Address:
    return {
        "house": wording.clean(address["house"]),
        "street": wording.clean(address["street"]),
        "locality": wording.clean(address["locality"]),
        "region": wording.clean(address["region"]),
        "postcode": wording.postcode(address["postcode"]),
        "uprn": wording.uprn(address["uprn"]),
    }
