"""The fields that are compared and the levels at which each can agree: names and numbers only.

The numbers index the parameter tables; the kernel and its plain reference both take them from
here. A field is *shared* if members of one household tend to have it in common, and *individual*
if it belongs to one person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NULL: Final = -1
"""One side has no value: never evidence."""


@dataclass(frozen=True, slots=True)
class Field:
    """A compared field: name, whether households share it, and its levels."""

    name: str
    shared: bool
    levels: tuple[str, ...]


FIELDS: Final = (
    Field(
        "family_name",
        True,
        (
            "same", "same_canonical", "close", "one_part_same", "swapped",
            "similar", "faint", "different", "lone_name_same",
        ),
    ),
    Field(
        "given_name",
        False,
        (
            "same", "among_given_names", "short_form", "close", "same_initial",
            "similar", "faint", "different",
        ),
    ),
    Field("middle_name", False, ("shared", "different")),
    Field(
        "date_of_birth",
        False,
        (
            "same", "one_digit", "day_month_swapped", "one_part", "two_digits", "same_year",
            "three_digits", "different", "known_part_same", "year_same", "both_first_of_january",
            "age_fits", "known_part_differs",
        ),
    ),
    Field(
        "postcode",
        True,
        ("same", "one_character", "sector", "two_characters", "outward", "area", "different"),
    ),
    Field("locality", True, ("same", "close", "similar", "different")),
    Field("street", True, ("same", "close", "similar", "different")),
    Field("house", True, ("same", "different")),
    Field("email", False, ("same", "same_local_part", "close", "different")),
    Field("mobile_phone", False, ("same", "different")),
    Field("landline", True, ("same", "different")),
    Field("identifier", False, ("same", "different")),
    Field("household_number", True, ("same", "different")),
    Field("sex", False, ("same", "different")),
    Field("occupation", False, ("same", "different")),
    Field("place_of_birth", False, ("same", "sounds_alike", "different")),
    Field("region", True, ("same", "different")),
)  # fmt: skip

(
    FAMILY,
    GIVEN,
    MIDDLE,
    BIRTH,
    POSTCODE,
    LOCALITY,
    STREET,
    HOUSE,
    EMAIL,
    MOBILE,
    LANDLINE,
    IDENTIFIER,
    HOUSEHOLD,
    SEX,
    OCCUPATION,
    BORN_IN,
    REGION,
) = range(len(FIELDS))

COUNT: Final = len(FIELDS)
"""Number of fields."""
DEPTH: Final = max(len(field.levels) for field in FIELDS)
"""Most levels of any field."""

(
    FAMILY_SAME,
    FAMILY_CANONICAL,
    FAMILY_CLOSE,
    FAMILY_PART,
    FAMILY_SWAPPED,
    FAMILY_SIMILAR,
    FAMILY_FAINT,
    FAMILY_DIFFERENT,
    FAMILY_LONE,
) = range(9)

(
    GIVEN_SAME,
    GIVEN_AMONG,
    GIVEN_SHORT,
    GIVEN_CLOSE,
    GIVEN_INITIAL,
    GIVEN_SIMILAR,
    GIVEN_FAINT,
    GIVEN_DIFFERENT,
) = range(8)

(
    BIRTH_SAME,
    BIRTH_DIGIT,
    BIRTH_SWAPPED,
    BIRTH_PART,
    BIRTH_TWO_DIGITS,
    BIRTH_YEAR,
    BIRTH_THREE_DIGITS,
    BIRTH_DIFFERENT,
    BIRTH_KNOWN_PART,
    BIRTH_YEAR_ONLY,
    BIRTH_CONVENTION,
    BIRTH_AGE,
    BIRTH_PART_DIFFERS,
) = range(13)

RARE: Final = (
    *(FAMILY, GIVEN, BIRTH, POSTCODE, LOCALITY, STREET, HOUSE),
    *(EMAIL, MOBILE, LANDLINE, OCCUPATION, BORN_IN),
)
"""Fields whose values are common or rare: equality of a rare one says more (frequencies.py)."""

ADDRESS: Final = (POSTCODE, LOCALITY, STREET, HOUSE, REGION)
"""Fields that change together when a person moves."""

POSTCODE_CLOSE: Final = 3
LOCALITY_CLOSE: Final = 1
STREET_CLOSE: Final = 1
EMAIL_CLOSE: Final = 2
