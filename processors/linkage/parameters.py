"""The parameters of one epoch: what each level of agreement is worth, and where they come from.

A parameter file is JSON: version, provenance (data, date, EM trace), and for each field the
probabilities m (same person), u (strangers) and h (one household) of its levels, and e, the chance
that two household members share the source of an individual value. All weights follow from these.
Frozen while an epoch lasts: new parameters mean linking everything again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from . import frequencies
from . import levels as at
from .frequencies import Frequencies

LINK: Final = math.log(9.0)
"""Log-odds above which two mentions are linked: posterior 0.9. Fixed in the product."""
REVIEW: Final = 0.0
"""Log-odds above which a person should look: posterior 0.5."""
CEILING: Final = LINK - 1e-3
"""The most that a pair with contradicting dates of birth can score."""

FAMILIES: Final = 0.02
"""Pairs of one household for each pair of one person, above which there are families."""

Floats = NDArray[np.float64]


class ParametersError(ValueError):
    """A parameter file that does not fit the fields of this version, or contradicts itself."""


@dataclass(frozen=True)
class Parameters:
    """One epoch's parameters; tables are fields by levels (levels.py)."""

    version: str
    provenance: Mapping[str, Any]
    m: Floats
    u: Floats
    h: Floats
    e: Floats
    persons: float
    """Share of all pairs that are one person."""
    households: float
    """Share of all pairs that are two persons of one household."""
    moved: float = 0.1
    """Chance that one person's two addresses have nothing to do with each other."""
    frequencies: Frequencies = field(default_factory=Frequencies)
    """How common values are."""

    @cached_property
    def person(self) -> Floats:
        """Natural log of the likelihood ratio of one person against strangers."""
        return np.asarray(np.log(self.m / self.u))

    @cached_property
    def household(self) -> Floats:
        """Natural log of the likelihood ratio of one household against strangers."""
        shared = np.array([field.shared for field in at.FIELDS])[:, None]
        own = self.e[:, None] * self.m / self.u + 1.0 - self.e[:, None]
        return np.asarray(np.log(np.where(shared, self.h / self.u, own)))

    @cached_property
    def agreement(self) -> tuple[float, ...]:
        """The chance that two strangers agree exactly, for each field of `levels.RARE`."""
        return tuple(float(self.u[each, 0]) for each in at.RARE)

    @property
    def families(self) -> bool:
        """Whether the data held households, so that relatives could be taken for one person."""
        return self.households > FAMILIES * self.persons

    @cached_property
    def rest(self) -> Floats:
        """Prior log-odds of a person and of a household, ceiling of contradictions, moved."""
        strangers = 1.0 - self.persons - self.households
        priors = math.log(self.persons / strangers), math.log(self.households / strangers)
        return np.array([*priors, CEILING, self.moved])

    def as_json(self) -> str:
        """The parameter file's text."""
        table = {
            each.name: {
                "shared": each.shared,
                "e": round(float(self.e[number]), 8),
                "levels": {
                    level: {
                        key: round(float(values[number, place]), 9)
                        for key, values in (("m", self.m), ("u", self.u), ("h", self.h))
                    }
                    for place, level in enumerate(each.levels)
                },
            }
            for number, each in enumerate(at.FIELDS)
        }
        return json.dumps(
            {
                "version": self.version,
                "provenance": dict(self.provenance),
                "persons": self.persons,
                "households": self.households,
                "moved": self.moved,
                "fields": table,
                "frequencies": self.frequencies.as_json(),
            },
            indent=1,
        )


def parse(text: str) -> Parameters:
    """Read a parameter file's text. Raises ParametersError."""
    try:
        data = json.loads(text)
        tables = {key: np.ones((at.COUNT, at.DEPTH)) for key in ("m", "u", "h")}
        e = np.zeros(at.COUNT)
        for number, each in enumerate(at.FIELDS):
            entry = data["fields"][each.name]
            e[number] = entry["e"]
            for place, level in enumerate(each.levels):
                for key, table in tables.items():
                    table[number, place] = entry["levels"][level][key]
        parameters = Parameters(
            version=data["version"],
            provenance=data["provenance"],
            e=e,
            persons=data["persons"],
            households=data["households"],
            moved=data["moved"],
            frequencies=frequencies.parse(data["frequencies"]),
            **tables,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ParametersError(f"unusable linkage parameters: {error!r}") from error
    check(parameters)
    return parameters


def check(parameters: Parameters) -> None:
    """Refuse parameters whose matches disagree on what belongs to one person.

    A mixture trained on households can turn its class of persons into one of households: then
    agreement on a given name or date of birth no longer speaks for one person. Raises
    ParametersError.
    """
    tables = (parameters.m, parameters.u, parameters.h)
    if any((table <= 0.0).any() for table in tables):
        raise ParametersError("a level has probability 0")
    for number in (at.GIVEN, at.BIRTH):
        same, different = at.FIELDS[number].levels.index("same"), _different(number)
        if parameters.person[number, same] <= 0.0 or parameters.person[number, different] >= 0.0:
            raise ParametersError(f"matches disagree on {at.FIELDS[number].name}")


def _different(field: int) -> int:
    return at.FIELDS[field].levels.index("different")


def load(path: Path | None = None) -> Parameters:
    """Read a parameter file, by default the one shipped. Raises ParametersError, OSError."""
    if path is not None:
        return parse(path.read_text("utf-8"))
    return parse(files(__package__).joinpath("parameters/default.json").read_text("utf-8"))
