"""The scenario's agencies and their clerks' habits: agencies.toml, read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from concord.scenario.chance import Urn


@dataclass(frozen=True, slots=True, eq=False)
class Agency:
    """An agency: what it is and what it usually knows."""

    id: str
    name: str
    type: str
    recording_regime: str
    share: float
    crime: float
    anonymous: float
    names: str
    suspect: float
    identifier: str | None
    knows: Mapping[str, float]
    places: Urn[str]

    @property
    def identifier_scheme(self) -> str | None:
        """Scheme under which the agency numbers people; its own numbers bear its id."""
        if self.identifier in {None, "nhs_number"}:
            return self.identifier
        return f"{self.identifier}:{self.id}"


@dataclass(frozen=True, slots=True)
class Agencies:
    """All agencies, and how often clerks slip."""

    rows: tuple[Agency, ...]
    slips: Mapping[str, float]

    def of_type(self, kind: str) -> Agency:
        """The agency of this type. StopIteration if there is none."""
        return next(row for row in self.rows if row.type == kind)


@cache
def agencies() -> Agencies:
    """Read agencies.toml, once."""
    data = tomllib.loads(
        resources.files("concord.scenario").joinpath("agencies.toml").read_text("utf-8")
    )
    rows = tuple(
        Agency(
            row["id"],
            row["name"],
            row["type"],
            row["recording_regime"],
            row["share"],
            row["crime"],
            row["anonymous"],
            row["names"],
            row["suspect"],
            row.get("identifier"),
            row["knows"],
            Urn(list(row["places"]), list(row["places"].values())),
        )
        for row in data["agency"]
    )
    return Agencies(rows, data["slips"])
