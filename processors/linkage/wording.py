"""A coordinator's words for evidence: one clause for each field and level. No value can get in.

What comes from outside this file, such as a level that is not known here, is never repeated.
"""

from __future__ import annotations

from typing import Final

from schemas.records import FieldEvidence

from .evidence import RARITY

NEGLIGIBLE: Final = 0.05
"""Weights that read as nothing."""

NAMES: Final = {
    "family_name": "family name",
    "given_name": "given name",
    "middle_name": "further given name",
    "date_of_birth": "date of birth",
    "postcode": "postcode",
    "locality": "locality",
    "street": "street",
    "house": "house number",
    "email": "e-mail address",
    "mobile_phone": "mobile number",
    "landline": "landline",
    "identifier": "personal number",
    "household_number": "tenancy or case number",
    "sex": "sex",
    "occupation": "occupation",
    "place_of_birth": "place of birth",
    "region": "region",
}
"""What each field is called."""
_HELD: Final = frozenset({"house", "email", "mobile_phone", "landline", "identifier"}) | {
    "postcode",
    "street",
    "household_number",
}
"""Fields whose value is not borne but shared."""
WORDS: Final = {
    ("family_name", "same"): "same family name",
    ("family_name", "same_canonical"): "family names are spellings of one name",
    ("family_name", "close"): "family names nearly the same",
    ("family_name", "one_part_same"): "family names share a part or an earlier name",
    ("family_name", "swapped"): "family and given names stand the other way round",
    ("family_name", "similar"): "family names sound or look alike",
    ("family_name", "faint"): "family names faintly alike",
    ("family_name", "different"): "different family names",
    ("family_name", "lone_name_same"): "the only name of one is the family name of the other",
    ("given_name", "same"): "same given name",
    ("given_name", "names_go_together"): "these names often stand together",
    ("given_name", "among_given_names"): "the given name of one is among those of the other",
    ("given_name", "short_form"): "given names are forms of one name",
    ("given_name", "close"): "given names nearly the same",
    ("given_name", "same_initial"): "same initial",
    ("given_name", "similar"): "given names look alike",
    ("given_name", "faint"): "given names faintly alike",
    ("given_name", "different"): "different given names",
    ("middle_name", "shared"): "a further given name in common",
    ("middle_name", "different"): "different further given names",
    ("date_of_birth", "same"): "same date of birth",
    ("date_of_birth", "one_digit"): "dates of birth one digit apart",
    ("date_of_birth", "day_month_swapped"): "day and month of birth exchanged",
    ("date_of_birth", "one_part"): "two of day, month and year of birth the same",
    ("date_of_birth", "two_digits"): "dates of birth two digits apart",
    ("date_of_birth", "same_year"): "same year of birth, another day and month",
    ("date_of_birth", "three_digits"): "dates of birth three digits apart",
    ("date_of_birth", "different"): "different dates of birth",
    ("date_of_birth", "known_part_same"): "same year and month of birth",
    ("date_of_birth", "year_same"): "same year of birth, as far as it is known",
    ("date_of_birth", "both_first_of_january"): (
        "both born on 1 January of one year, which often stands for an unknown day"
    ),
    ("date_of_birth", "age_fits"): "the age given fits",
    ("date_of_birth", "known_part_differs"): "age or known part of the date of birth does not fit",
    ("postcode", "same"): "same postcode",
    ("postcode", "one_character"): "postcodes one character apart",
    ("postcode", "sector"): "neighbouring postcodes",
    ("postcode", "two_characters"): "postcodes two characters apart",
    ("postcode", "outward"): "same postcode district",
    ("postcode", "area"): "same postcode area",
    ("postcode", "different"): "postcodes far apart",
    ("locality", "same"): "same locality",
    ("locality", "close"): "localities nearly the same",
    ("locality", "similar"): "localities look alike",
    ("locality", "different"): "different localities",
    ("street", "same"): "same street",
    ("street", "close"): "streets nearly the same",
    ("street", "similar"): "streets look alike",
    ("street", "different"): "different streets",
    ("house", "same"): "same house",
    ("house", "different"): "different houses",
    ("email", "same"): "same e-mail address",
    ("email", "same_local_part"): "same e-mail name with another provider",
    ("email", "close"): "e-mail addresses nearly the same",
    ("email", "different"): "different e-mail addresses",
    ("mobile_phone", "same"): "same mobile number",
    ("mobile_phone", "different"): "different mobile numbers",
    ("landline", "same"): "same landline, which a household shares",
    ("landline", "different"): "different landlines",
    ("identifier", "same"): "same personal number",
    ("identifier", "different"): "different personal numbers of one kind",
    ("household_number", "same"): "same tenancy or case number, which a household shares",
    ("household_number", "different"): "different tenancy or case numbers",
    ("sex", "same"): "same sex",
    ("sex", "different"): "sex recorded differently",
    ("occupation", "same"): "same occupation",
    ("occupation", "different"): "different occupations",
    ("place_of_birth", "same"): "same place of birth",
    ("place_of_birth", "sounds_alike"): "places of birth sound alike",
    ("place_of_birth", "different"): "different places of birth",
    ("region", "same"): "same region",
    ("region", "different"): "different regions",
    ("address", "may_have_moved"): "who moves changes the whole address at once",
    ("prior", "rarity_of_matches"): "two mentions picked at random are rarely one person",
    ("prior", "none"): "no prior",
    ("household", "could_be_relatives"): "two members of one household would agree on much of this",
    ("caution", "known_dates_differ"): (
        "held back for review: the known dates of birth contradict each other"
    ),
    ("caution", "given_names_differ"): "held back for review: the given names differ",
    ("caution", "given_name_alone"): (
        "held back for review: family names differ and of the person's own only a given name agrees"
    ),
    ("caution", "unnamed"): (
        "held back for review: no names to compare, and nothing of the person's own agrees"
    ),
    ("caution", "names_alone"): "held back for review: nothing but names agrees",
    ("place", "same"): "same place",
}


def clause(evidence: FieldEvidence) -> str:
    """One piece of evidence in words."""
    field, level = evidence["field"], evidence["level"]
    if level == RARITY:
        return f"{NAMES.get(field, 'a field')} {rarity(field, evidence['weight'])}"
    return WORDS.get((field, level)) or f"{NAMES.get(field, 'a field')} compared"


def rarity(field: str, weight: float) -> str:
    """How common a value is, after the noun; nothing if it is neither rare nor common."""
    if abs(weight) <= NEGLIGIBLE:
        return ""
    if field in _HELD:
        return "which few have here" if weight > 0 else "which many share here"
    return "rare here" if weight > 0 else "common here"


def with_rarity(text: str, field: str, weight: float) -> str:
    """A clause with the rarity of its value: "same family name, rare here"."""
    said = rarity(field, weight)
    if not said:
        return text
    bare = text.removesuffix(", which a household shares")
    return f"{bare}, {said}"
