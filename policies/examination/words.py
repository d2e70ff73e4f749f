"""How fields, treatments, askers and lists are said in the findings of an examination."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from policies.agreements.language.words import (
    AGENCY_TYPES,
    CATEGORIES,
    CONSENT_SCOPES,
    STRANDS,
    WISHES,
    Phrases,
    said,
)
from policies.agreements.validity import EPOCH

OWNERS: Final = ("victim", "suspect")
TREATED: Final = {
    "withhold": "withheld",
    "mask": "masked",
    "pseudonymise": "as a pseudonym",
    "generalise:initials": "as initials",
    "generalise:age_band": "as an age band",
    "generalise:year": "to the year",
    "generalise:district": "to the district",
    "generalise:month": "to the month",
    "generalise:ward": "to the ward",
    "generalise:week": "to the week",
    "release": "in full",
}
"""Treatments as they follow a field."""
_ASKING: Final = ("who ", "whether ")
"""What a field's phrase begins with that takes no article."""
FEW: Final = 12
"""Names listed in a sentence at most."""


def field_name(name: str) -> str:
    """Say a field: `victim_date_of_birth` is "the victim's date of birth"."""
    for owner in OWNERS:
        if name.startswith(f"{owner}_"):
            return f"the {owner}'s {said(name.removeprefix(f'{owner}_'))}"
    phrase = said(name)
    return phrase if phrase.startswith(_ASKING) else f"the {phrase}"


def kind_name(kind: str) -> str:
    """Say what records of a kind are called, several of them."""
    plain = _spaced(kind)
    if plain == "ledger":
        return "ledger entries"
    return f"{plain}s"


def one_of(words: Iterable[str], last: str = "or") -> str:
    """Say a list: "a, b or c"; a long one is cut short."""
    listed = list(words)
    if len(listed) > FEW:
        listed = [*listed[: FEW - 1], f"{len(listed) - FEW + 1} more"]
    if len(listed) < 2:
        return "".join(listed)
    return f"{', '.join(listed[:-1])} {last} {listed[-1]}"


def all_of(words: Iterable[str]) -> str:
    """Say a list: "a, b and c"."""
    return one_of(words, "and")


def a(noun: str) -> str:
    """Put the article before a noun."""
    return f"{'an' if noun[:1].casefold() in 'aeiou' else 'a'} {noun}"


def type_name(code: str) -> str:
    """Say a type of agency as agreements do: `nhs` is "an NHS body"."""
    return AGENCY_TYPES.said.get(code) or f"an agency of type {code}"


_TABLES: Final[Mapping[str, Phrases]] = {
    "scope": CONSENT_SCOPES,
    "category": CATEGORIES,
    "strand": STRANDS,
    "wish": WISHES,
}


def code_name(table: str, code: str) -> str:
    """Say a code as agreements do: the scope `any` is "any partner agency"."""
    return _TABLES[table].said.get(code, code) if table in _TABLES else code


def who(types: Sequence[str], roles: Sequence[str], agencies: Sequence[str] = ()) -> str:
    """Say an asker: "a housing-officer of a housing association"; an empty list stands for any.

    `types` are said already.
    """
    role = one_of(a(name) for name in roles) if roles else "anyone"
    agency = one_of(types) if types else "any agency"
    if agencies:
        named = one_of(agencies)
        agency = f"{named} ({agency})" if types else named
    return f"{role} of {agency}"


def day_name(epoch_day: int) -> str:
    """Say a day: 17 February 2026."""
    day = EPOCH + timedelta(days=epoch_day)
    return f"{day.day} {day:%B %Y}"


def span(days: Sequence[int], all_days: Sequence[int]) -> str:
    """Say in which of the periods that begin on `all_days` something holds."""
    parts: list[str] = []
    places = [all_days.index(day) for day in days]
    for start in (place for place in places if place - 1 not in places):
        end = start
        while end + 1 in places:
            end += 1
        begins = f"from {day_name(all_days[start])}" if start else ""
        ends = f"until {day_name(all_days[end + 1] - 1)}" if end + 1 < len(all_days) else ""
        parts.append(" ".join(part for part in (begins, ends) if part))
    return all_of(parts)


def today_or(on: date | None, other: int) -> int:
    """Give a day as the number that the rules compare."""
    return other if on is None else (on - EPOCH).days


def _spaced(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")
