"""The fields that can ever leave, by kind of record, and the treatments that suit each.

The table is fields.toml. A field that is not in it is withheld, whatever an agreement says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final, Literal

Source = Literal["clear", "identity", "details"]

TREATMENTS: Final = (
    "withhold",
    "mask",
    "pseudonymise",
    "generalise:initials",
    "generalise:age_band",
    "generalise:year",
    "generalise:district",
    "generalise:month",
    "generalise:ward",
    "generalise:week",
    "release",
)
"""All treatments, from the most closed to the most open; their numbers in the bundle."""

_ALWAYS: Final = frozenset({"withhold", "mask", "release"})
_PERIODS: Final = frozenset({"generalise:week", "generalise:month", "generalise:year"})
SUITABLE: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "address": _ALWAYS,
        "birth": _ALWAYS | {"generalise:year", "generalise:age_band"},
        "code": _ALWAYS,
        "count": _ALWAYS,
        "date": _ALWAYS | _PERIODS,
        "district": _ALWAYS,
        "evidence": _ALWAYS,
        "id": _ALWAYS | {"pseudonymise"},
        "name": _ALWAYS | {"pseudonymise", "generalise:initials"},
        "place": _ALWAYS | {"generalise:ward", "generalise:district"},
        "text": _ALWAYS,
        "ward": _ALWAYS | {"generalise:district"},
    }
)
"""Treatments that a value of each shape can have."""


@dataclass(frozen=True, slots=True)
class Field:
    """What the table says of one field. `about`: victim, suspect, anyone, or None."""

    name: str
    data_class: str
    shape: str
    source: Source
    about: str | None


def _field(name: str, row: Mapping[str, str]) -> Field:
    source: Source = row.get("source", "clear")  # type: ignore[assignment]
    return Field(name, row["class"], row["shape"], source, row.get("about"))


def _load() -> Mapping[str, Mapping[str, Field]]:
    raw = tomllib.loads(resources.files("policies").joinpath("fields.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            kind: MappingProxyType({name: _field(name, row) for name, row in table.items()})
            for kind, table in raw.items()
        }
    )


FIELDS: Final[Mapping[str, Mapping[str, Field]]] = _load()
"""Fields by kind of record, then by name."""


def policy_data() -> dict[str, dict[str, list[str]]]:
    """Give what the rules must know of fields: which tell who a victim or a suspect is."""
    return {
        kind: {
            "victim_identity": sorted(
                n for n, f in table.items() if f.about in {"victim", "anyone"}
            ),
            "subject": sorted(n for n, f in table.items() if f.about in {"suspect", "anyone"}),
        }
        for kind, table in FIELDS.items()
    }
