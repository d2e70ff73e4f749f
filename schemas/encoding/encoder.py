"""A person becomes an encoding: tokens, digit bytes and Bloom filters under the encoding key.

Who is encoded is limited to those whom correlation concerns (data minimisation): victims and
suspects under any of their names, never witnesses or reporters.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

from schemas.records import Person

from . import addressed, birth, contact, layout, listed, names, place
from .keyed import Keyed
from .name import GIVEN
from .text import plain, usable

ENCODED_ROLES: Final = frozenset({"victim", "complainant", "suspect", "subject", "perpetrator"})
"""Roles of the persons who are correlated; all others are not encoded at all."""

HOUSEHOLD_SCHEMES: Final = frozenset({"tenancy", "household", "rent", "case", "family", "uprn"})
"""First words of identifier schemes whose number a whole household has in common."""

_AT: Final = {name: at for name, (at, _) in layout.FIELDS.items()}
_WIDTH: Final = {name: width for name, (_, width) in layout.FIELDS.items()}
_BIRTH: Final = ("year1", "year2", "year3", "year4", "part1", "part2", "part1", "part2")
_POSTCODE: Final = tuple(f"postcode{at}" for at in range(7))


@lru_cache(maxsize=8)
def _keyed(key: bytes) -> Keyed:
    return Keyed(key)


class _Words:
    """The words of one encoding while it is written."""

    __slots__ = ("keyed", "words")

    def __init__(self, keyed: Keyed) -> None:
        self.keyed = keyed
        self.words = [0] * layout.WORDS

    def put(self, field: str, values: Sequence[int]) -> None:
        at = _AT[field]
        for offset, value in enumerate(values[: _WIDTH[field]]):
            self.words[at + offset] = value


@lru_cache(maxsize=32_768)
def _family(keyed: Keyed, family: str) -> tuple[int, int, int]:
    canonical = names.canonical_family(family)
    return (
        keyed.token("name", family),
        keyed.token("family", canonical),
        keyed.token("sound", names.phonetic(canonical)),
    )


@lru_cache(maxsize=32_768)
def _given(keyed: Keyed, given: str) -> tuple[int, int, int]:
    canonical = names.canonical_given(given)
    return (
        keyed.token("name", given),
        keyed.token("given", canonical),
        keyed.token("sound", names.sound_of_given(given)),
    )


@lru_cache(maxsize=32_768)
def _spelling(keyed: Keyed, given: str) -> int:
    """Flags of a first given name: a letter, listed or strange; and a byte of its letters."""
    if len(given) == 1:
        return layout.SINGLE_LETTER
    known = layout.LISTED_GIVEN if listed.is_listed(given) else layout.STRANGE_GIVEN
    return known | keyed.byte("letters", "".join(sorted(given))) << layout.LETTERS_SHIFT


def _write_name(out: _Words, name: names.Name) -> int:
    keyed, flags = out.keyed, 0
    if name.family:
        token, canonical, sound = _family(keyed, name.family)
        out.put("family", (token, canonical, sound)[:1])
        out.put("family_canonical", (canonical,))
        out.put("family_phonetic", (sound,))
        out.put("family_bloom", keyed.bloom("name", name.family))
        flags |= layout.COMMON_FAMILY if names.is_common("family", name.family) else 0
    out.put("family_other", [keyed.token("name", part) for part in name.family_parts])
    if name.given:
        forms = [_given(keyed, given) for given in name.given[:GIVEN]]
        out.put("given", [form[0] for form in forms])
        alone = names.further_forms(name) if len(forms) == 1 else ()
        others = [keyed.token("given", form) for form in alone]
        out.put("given_canonical", [*(form[1] for form in forms), *others])
        out.put("given_phonetic", (forms[0][2],))
        out.put("given_bloom", keyed.bloom("name", name.given[0]))
        initials = [keyed.byte("initial", given[0]) for given in name.given[:GIVEN]]
        out.put("initials", (int.from_bytes(bytes(initials), "little"),))
        flags |= _spelling(keyed, name.given[0])
        common = names.is_common("given", name.given[0])
        lone = not name.family and names.is_common("family", name.given[0])
        flags |= layout.COMMON_GIVEN if common or lone else 0
        flags |= layout.LONE if name.lone else 0
    return flags


def _write_birth(out: _Words, person: Person, recorded_at: datetime | None) -> int:
    written = birth.digits(person["date_of_birth"])
    years: tuple[str, ...]
    if written:
        out.put("birth", out.keyed.positions(_BIRTH, written))
        years = (written[:4], birth.ten_years_on(written))
    else:
        years = birth.years_of_age(person["age"], recorded_at)
    shorts = [out.keyed.short("year", year) for year in years]
    out.put("birth_years", (sum(short << (16 * at) for at, short in enumerate(shorts)),))
    return layout.CONVENTION if written and birth.by_convention(written) else 0


def _write_address(out: _Words, person: Person) -> None:
    address, keyed = person["address"], out.keyed
    if address is None:
        return
    out.put("postcode", keyed.positions(_POSTCODE, place.postcode(address["postcode"])))
    house = place.house(address["house"])
    out.put("house", (keyed.token("house", house),))
    for field, text in (
        ("street", place.street(address["street"])),
        ("locality", usable(address["locality"])),
    ):
        # Lines of an address come in any order: equality is of words, likeness of the text.
        out.put(field, (keyed.token(field, " ".join(sorted(text.split()))),))
        out.put(f"{field}_bloom", keyed.bloom(field, text))


def _region(out: _Words, person: Person) -> int:
    address = person["address"]
    return out.keyed.byte("region", usable(address["region"])) if address else 0


def _write_origin(out: _Words, person: Person) -> None:
    born_in = usable(person["place_of_birth"])
    out.put("place_of_birth", (out.keyed.token("birthplace", born_in),))
    sound = names.phonetic(born_in.replace(" ", ""))
    out.put("place_of_birth_phonetic", (out.keyed.token("sound", sound),))


def _write_contacts(out: _Words, person: Person, name: names.Name) -> None:
    keyed = out.keyed
    address, local = contact.first_email(person["emails"])
    if address:
        out.put("email", keyed.wide_token("email", address))
        own, numbered = contact.of_name(local, (*name.given, name.family, *name.family_parts))
        out.put("email_local", (keyed.token("emaillocal", local),) if numbered else ())
        out.put("email_bloom", () if own else keyed.bloom("email", address))
    mobiles: list[int] = []
    landlines: list[int] = []
    for text in person["phones"]:
        number, mobile = contact.phone(text)
        tokens = keyed.wide_token("phone", number)
        kept = mobiles if mobile else landlines
        if number and tokens[0] not in kept[::2]:
            kept.extend(tokens)
    out.put("mobile", mobiles)
    out.put("landline", landlines)


def _write_identifiers(out: _Words, person: Person) -> None:
    keyed, words = out.keyed, []
    for scheme, value in sorted(
        (plain(each["scheme"]), usable(each["value"]).replace(" ", ""))
        for each in person["identifiers"]
    ):
        if not scheme or not value:
            continue
        token = keyed.wide_token("id", f"{scheme}|{value}")
        if scheme.split()[0] in HOUSEHOLD_SCHEMES:
            out.put("household", token)
        else:
            words += [keyed.token("scheme", scheme), *token]
    out.put("identifier", words)


def encode(person: Person, key: bytes, recorded_at: datetime | None = None) -> bytes | None:
    """Encode a person under the encoding key (16 to 64 bytes); 50 to 250 bytes, no value in clear.

    None for a role that is not correlated. `recorded_at` turns an age into years of birth; without
    it an age is not used. Values that say nothing leave their field empty.
    """
    if person["role"] not in ENCODED_ROLES:
        return None
    out = _Words(_keyed(key))
    name = names.take_apart(person["given_names"], person["family_name"], person["full_name"])
    if person["also_known_as"]:
        name = names.with_aliases(name, person["also_known_as"])
    name = addressed.with_address(name, contact.first_email(person["emails"])[0].partition("@")[0])
    flags = _write_name(out, name) | _write_birth(out, person, recorded_at)
    sex = person["sex"] if person["sex"] in {"female", "male", "other"} else ""
    flags |= out.keyed.byte("sex", sex or "") | _region(out, person) << layout.REGION_SHIFT
    out.put("flags", (flags,))
    _write_address(out, person)
    _write_contacts(out, person, name)
    _write_identifiers(out, person)
    _write_origin(out, person)
    out.put("occupation", (out.keyed.token("occupation", usable(person["occupation"])),))
    return layout.pack(out.words)
