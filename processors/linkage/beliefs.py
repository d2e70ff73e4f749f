"""What is believed before any data: how often each level occurs, for one person and for strangers.

These are pseudo-counts' proportions, not results: training starts from them and they decide only
for levels that the data never shows. Order follows levels.py.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from . import levels as at

Floats = NDArray[np.float64]

_PERSON: Final = {
    "family_name": (0.78, 0.05, 0.05, 0.02, 0.02, 0.03, 0.01, 0.03, 0.01),
    "given_name": (0.75, 0.03, 0.08, 0.06, 0.03, 0.02, 0.01, 0.02),
    "middle_name": (0.90, 0.10),
    "date_of_birth": (
        0.70, 0.05, 0.02, 0.03, 0.01, 0.003, 0.004, 0.003, 0.05, 0.05, 0.03, 0.04, 0.01,
    ),
    "postcode": (0.70, 0.04, 0.02, 0.01, 0.05, 0.10, 0.08),
    "locality": (0.60, 0.05, 0.05, 0.30),
    "street": (0.75, 0.08, 0.02, 0.15),
    "house": (0.80, 0.20),
    "email": (0.75, 0.05, 0.05, 0.15),
    "mobile_phone": (0.75, 0.25),
    "landline": (0.80, 0.20),
    "identifier": (0.97, 0.03),
    "household_number": (0.85, 0.15),
    "sex": (0.98, 0.02),
    "occupation": (0.60, 0.40),
    "place_of_birth": (0.75, 0.10, 0.15),
    "region": (0.90, 0.10),
}  # fmt: skip
_STRANGERS: Final = {
    "family_name": (0.012, 0.001, 0.002, 0.002, 0.003, 0.02, 0.04, 0.92, 0.002),
    "given_name": (0.009, 0.005, 0.002, 0.005, 0.05, 0.02, 0.06, 0.86),
    "middle_name": (0.06, 0.94),
    "date_of_birth": (
        0.00004, 0.0008, 0.0003, 0.004, 0.006, 0.01, 0.08, 0.80, 0.002, 0.01, 0.0003, 0.03, 0.06,
    ),
    "postcode": (0.001, 0.004, 0.005, 0.01, 0.02, 0.36, 0.60),
    "locality": (0.03, 0.01, 0.03, 0.93),
    "street": (0.002, 0.005, 0.03, 0.963),
    "house": (0.01, 0.99),
    "email": (0.0001, 0.001, 0.005, 0.9939),
    "mobile_phone": (0.0001, 0.9999),
    "landline": (0.0001, 0.9999),
    "identifier": (0.00001, 0.99999),
    "household_number": (0.0001, 0.9999),
    "sex": (0.5, 0.5),
    "occupation": (0.06, 0.94),
    "place_of_birth": (0.03, 0.005, 0.965),
    "region": (0.2, 0.8),
}  # fmt: skip


def _table(source: dict[str, tuple[float, ...]]) -> Floats:
    table = np.zeros((at.COUNT, at.DEPTH))
    for number, field in enumerate(at.FIELDS):
        table[number, : len(field.levels)] = source[field.name]
    return table


PERSON: Final = _table(_PERSON)
"""Proportions for one person; 0 where a field has no such level."""
STRANGERS: Final = _table(_STRANGERS)
"""Proportions for strangers."""

DIFFERENT: Final = {
    at.GIVEN: ([at.GIVEN_DIFFERENT, at.GIVEN_FAINT], 0.15),
    at.MIDDLE: ([1], 0.4),
    at.BIRTH: ([at.BIRTH_DIFFERENT, at.BIRTH_THREE_DIGITS, at.BIRTH_PART_DIFFERS], 0.15),
    at.EMAIL: ([3], 0.6),
    at.MOBILE: ([1], 0.6),
    at.IDENTIFIER: ([1], 0.1),
    at.SEX: ([1], 0.1),
    at.OCCUPATION: ([1], 0.7),
    at.BORN_IN: ([2], 0.4),
}
"""Individual field -> its levels of plain difference and the most mass they have in one person."""

_CHANCE: Final = {
    at.GIVEN: (0.01, 0.04),
    at.MIDDLE: (0.03, 0.15),
    at.BIRTH: (0.01, 0.03),
    at.EMAIL: (0.02, 0.25),
    at.MOBILE: (0.05, 0.30),
    at.IDENTIFIER: (0.001, 0.01),
    at.OCCUPATION: (0.1, 0.4),
    at.BORN_IN: (0.2, 0.7),
}


def _chances() -> tuple[Floats, Floats]:
    least, most = np.zeros(at.COUNT), np.zeros(at.COUNT)
    for field, (low, high) in _CHANCE.items():
        least[field], most[field] = low, high
    return least, most


HOUSEHOLD_CHANCE: Final = _chances()
"""Least and greatest e by field: that two of a household share an individual value's source."""

MOVED: Final = 0.1
"""Chance that a person has moved between two mentions."""
MOST_MOVED: Final = 0.5
"""The most of it that is credible."""
