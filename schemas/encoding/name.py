"""A name taken apart, as all that reads names hands it on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from .layout import FIELDS

GIVEN: Final = FIELDS["given"][1]
"""As many given names of a person are encoded."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart: plain text without spaces in each part; empty where unknown."""

    given: tuple[str, ...] = ()
    family: str = ""
    family_parts: tuple[str, ...] = ()
    lone: bool = False
    """One word of a whole name: stands as given name, may be the family name."""
    syllable: str = field(default="", compare=False)
    """The first of two syllables that were brought together: Jun of Jun Ming."""
