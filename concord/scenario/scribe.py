"""How an agency's clerk writes a person down: what is known, how it is spelled, what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from concord.scenario import slips
from concord.scenario.agencies import Agency
from concord.scenario.chance import Chance
from concord.scenario.namebook import NameBook, plain
from concord.scenario.numbers import DRAMA_PREFIXES
from concord.scenario.people import Home, Person

MARKERS = ("zzq", *(prefix.removeprefix("0") for prefix in DRAMA_PREFIXES))
"""Texts of which at least one stands in every identifying value when markers are asked for."""

BLANK: dict[str, Any] = {
    "basis": "fact",
    "given_names": None,
    "family_name": None,
    "full_name": None,
    "date_of_birth": None,
    "age": None,
    "sex": None,
    "ethnicity": None,
    "religion": None,
    "occupation": None,
    "place_of_birth": None,
    "address": None,
    "wants_contact": None,
}

_CATEGORY = {
    "victim": "victim",
    "complainant": "other",
    "suspect": "suspect",
    "subject": "other",
    "perpetrator": "convicted",
    "witness": "witness",
    "reporter": "witness",
}


class Scribe:
    """Writes people down for one story."""

    def __init__(
        self, chance: Chance, names: NameBook, rates: Mapping[str, float], *, markers: bool
    ) -> None:
        """`rates` are the slips of agencies.toml."""
        self._chance = chance
        self._names = names
        self._rates = rates
        self._markers = markers

    def nobody(self, role: str) -> dict[str, Any]:
        """A person of whom nothing is known but the part played."""
        lists: dict[str, Any] = {
            key: []
            for key in ("also_known_as", "phones", "emails", "identifiers", "vulnerabilities")
        }
        return {"role": role, "category": _CATEGORY[role], **BLANK, **lists}

    def write(self, person: Person, role: str, agency: Agency, day: date) -> dict[str, Any]:
        """Write a person as this agency's clerk does on this day."""
        scale = 1.0 if role in {"victim", "complainant"} else agency.suspect
        known = {key: self._chance.yes(rate * scale) for key, rate in agency.knows.items()}
        out = self.nobody(role)
        if role in {"suspect", "subject"} and not known["birth"]:
            out["basis"] = "assessment"
        self._name(out, person, agency, known)
        self._born(out, person, known, day)
        self._contact(out, person, known, day)
        self._about(out, person, agency, known, role)
        return out

    def marked(self, text: str) -> str:
        """Mark a text that names a place, where markers are asked for."""
        return self._mark(text)

    def _slips(self, kind: str) -> bool:
        return self._chance.yes(self._rates[kind])

    def _mark(self, text: str) -> str:
        if not self._markers:
            return text
        return " ".join(f"Zzq{word}" for word in text.split())

    def _spelled(self, name: str) -> str:
        others = self._names.spellings.get(name)
        if others and self._slips("name_variant"):
            name = self._chance.pick(others)
        if not name.isascii() and not self._slips("accents_kept"):
            name = plain(name)
        return slips.typo(self._chance, name) if self._slips("name_typo") else name

    def _given(self, person: Person, with_middle: bool) -> str:
        short = self._names.nicknames.get(person.given)
        if short and self._slips("nickname"):
            return self._chance.pick(short)
        if self._slips("initial"):
            return person.given[0]
        given = self._spelled(person.given)
        if with_middle and person.middle:
            middle = self._spelled(person.middle)
            given += f" {middle[0] if self._chance.yes(0.25) else middle}"
        return given

    def _family(self, person: Person) -> str:
        family = person.family
        if person.former_family and self._slips("former_name_given"):
            family = person.former_family
        if self._slips("masculine_form"):
            family = person.origin.masculine(family)
        return self._spelled(family)

    def _name(
        self, out: dict[str, Any], person: Person, agency: Agency, known: Mapping[str, bool]
    ) -> None:
        given = self._given(person, known["middle"]) if known["given"] else None
        family = self._family(person) if known["family"] else None
        swap = "name_swap_family_first" if person.origin.family_first else "name_swap"
        if self._slips(swap):
            given, family = family, given
        if self._slips("upper_case"):
            given, family = (part.upper() if part else None for part in (given, family))
        given, family = (self._mark(part) if part else None for part in (given, family))
        if agency.names == "whole" or self._slips("whole_name"):
            out["full_name"] = self._whole(given, family, person)
        else:
            out["given_names"] = given
            out["family_name"] = (
                family.upper() if family and agency.names == "surname_first" else family
            )
        script = self._names.scripts.get(person.given)
        if script and self._slips("script"):
            out["also_known_as"] = [self._mark(script)]

    def _whole(self, given: str | None, family: str | None, person: Person) -> str | None:
        if not (given and family):
            return given or family
        if self._slips("surname_first_whole"):
            return f"{family}, {given}"
        if person.origin.family_first and self._chance.yes(0.5):
            return f"{family} {given}"
        if self._slips("title") and not self._markers:
            return f"{'Mrs' if person.sex == 'female' else 'Mr'} {given} {family}"
        return f"{given} {family}"

    def _born(
        self, out: dict[str, Any], person: Person, known: Mapping[str, bool], day: date
    ) -> None:
        if not known["birth"]:
            if known["age"]:
                age = person.age_on(day)
                wrong = self._chance.pick((-2, -1, 1, 2)) if self._slips("age_wrong") else 0
                out["age"] = max(0, age + wrong)
            return
        born = person.born
        if self._slips("birth_new_year_migrant" if person.migrant else "birth_new_year"):
            born = born.replace(month=1, day=1)
        elif self._slips("birth_swap"):
            born = slips.swapped_birth(born)
        elif self._slips("birth_digit"):
            born = slips.mistaken_birth(self._chance, born, day)
        text = born.isoformat()
        out["date_of_birth"] = (
            text[: self._chance.pick((4, 7))] if self._slips("birth_partial") else text
        )

    def _contact(
        self, out: dict[str, Any], person: Person, known: Mapping[str, bool], day: date
    ) -> None:
        home = person.household
        lives = home.earlier_home if home.earlier_home and self._chance.yes(0.3) else home.home
        if known["address"] or known["postcode"]:
            out["address"] = self._address(lives, known["address"], known["postcode"])
        if known["phone"]:
            number = self._number(person, day)
            if number is not None:
                out["phones"] = [number]
        if known["email"] and person.email:
            address = person.second_email if self._slips("email_other") else person.email
            out["emails"] = [f"zzq.{address}" if self._markers else address]

    def _number(self, person: Person, day: date) -> str | None:
        home, chance = person.household, self._chance
        number = person.phone
        if number is None and person.age_on(day) < 18:
            adults = [one.phone for one in home.members if one.phone and one.age_on(day) >= 18]
            number = adults[0] if adults else None
        if home.shared_phone and chance.yes(0.35):
            number = home.shared_phone
        elif home.landline and chance.yes(0.2):
            number = home.landline
        elif self._slips("phone_other"):
            number = person.second_phone
        if number is None:
            return None
        digits = number.digits
        if self._markers:
            return digits
        if self._slips("phone_digit"):
            digits = digits[:-3] + slips.other_digit(chance, digits[-3:])
        return slips.phone_form(chance, digits)

    def _address(self, home: Home, full: bool, coded: bool) -> dict[str, Any]:
        street = home.street
        name = street.name
        if self._slips("street_short"):
            name = slips.short_street(name)
        if self._slips("street_typo"):
            name = slips.typo(self._chance, name)
        postcode = street.postcode
        if self._slips("postcode_typo"):
            postcode = slips.other_digit(self._chance, postcode)
        return {
            "house": home.house if full else None,
            "street": self._mark(name) if full else None,
            "locality": street.ward.name if self._chance.yes(0.5) else street.ward.district.name,
            "postcode": slips.postcode_form(self._chance, postcode) if coded else None,
            "region": None,
            "uprn": None,
        }

    def _about(
        self,
        out: dict[str, Any],
        person: Person,
        agency: Agency,
        known: Mapping[str, bool],
        role: str,
    ) -> None:
        out["sex"] = person.sex if known["sex"] else "unknown"
        out["ethnicity"] = person.origin.ethnicity if known["ethnicity"] else "NS"
        out["religion"] = person.religion if known["religion"] else None
        out["occupation"] = person.occupation if known["occupation"] else None
        if role in {"victim", "complainant"}:
            out["vulnerabilities"] = list(person.vulnerable)
            out["wants_contact"] = self._chance.yes(0.8)
        out["identifiers"] = self._identifiers(person, agency, known, role)

    def _identifiers(
        self, person: Person, agency: Agency, known: Mapping[str, bool], role: str
    ) -> list[dict[str, str]]:
        found: dict[str, str] = {}
        scheme = agency.identifier_scheme
        if scheme is not None and known["identifier"]:
            value = {
                "tenancy": person.household.tenancy if person.household.tenant else "",
                "nhs_number": person.nhs_number,
                "school": person.school,
            }[agency.identifier or ""]
            found[scheme] = value
        if role == "suspect" and agency.type == "police" and self._chance.yes(0.4):
            found["pnc_id"] = person.pnc
        return [
            {"scheme": key, "value": value if key == "nhs_number" else self._mark(value)}
            for key, value in found.items()
            if value
        ]
