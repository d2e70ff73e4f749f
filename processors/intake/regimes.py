"""Recording regimes: rows that say what may be kept about whom. The rows are in regimes.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

from schemas.records import Agency, Fault, Incident


@dataclass(frozen=True, slots=True)
class Regime:
    """One recording regime; the meaning of each field is told in regimes.toml."""

    id: str
    label: str
    only_for: frozenset[str]
    not_for: frozenset[str]
    when_incident: str | None
    roles: Mapping[str, str]
    categories: Mapping[str, str]
    strip: frozenset[str]
    correlate: frozenset[str]
    strip_rule: str

    @property
    def linkable(self) -> bool:
        """Whether anybody in an incident of this regime may be correlated."""
        return bool(self.correlate)

    def open_to(self, agency_type: str) -> bool:
        """Whether an agency of this type may record under the regime."""
        return agency_type not in self.not_for and (
            not self.only_for or agency_type in self.only_for
        )

    def strips(self, role: str) -> bool:
        """Whether the personal data of someone in this role, in the regime's words, goes."""
        return role in self.strip or "all" in self.strip


class RegimeError(ValueError):
    """The table of regimes names a regime that it does not hold."""


class Regimes:
    """The table of regimes."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """`data` has the tables `regimes` and `defaults`. Raises RegimeError."""
        self._regimes = {key: _regime(key, row) for key, row in data["regimes"].items()}
        self._defaults: dict[str, str] = dict(data["defaults"])
        named = set(self._defaults.values()) | {
            row.when_incident for row in self._regimes.values() if row.when_incident
        }
        missing = sorted(named - set(self._regimes))
        if missing or "other" not in self._defaults:
            raise RegimeError(f"not in the table of regimes: {', '.join(missing) or 'other'}")

    @classmethod
    def shipped(cls) -> Regimes:
        """The table that comes with the hub."""
        text = resources.files("processors.intake").joinpath("regimes.toml").read_text("utf-8")
        return cls(tomllib.loads(text))

    def __getitem__(self, key: str) -> Regime:
        return self._regimes[key]

    def ids(self) -> tuple[str, ...]:
        """Ids of all regimes in the order of the file."""
        return tuple(self._regimes)

    def usual(self, agency: Agency) -> Regime:
        """The regime of an agency's row; where the row names none that is known, its type's."""
        named = self._regimes.get(agency["recording_regime"])
        if named is not None:
            return named
        default = self._defaults.get(agency["type"], self._defaults["other"])
        return self._regimes[default]

    def applied(self, record: Incident, agency: Agency) -> tuple[Regime, Fault | None]:
        """The regime under which an event is recorded, and the fault of one that may not be.

        An event may name a regime that is open to its agency's type; otherwise the agency's
        usual one applies. Where it is no crime, the regime's counterpart for incidents applies.
        """
        regime, fault = self.usual(agency), None
        named = record["recording_regime"]
        if named is not None:
            regime, fault = self._named(named, agency, regime)
        if record["kind"].strip().lower() == "incident" and regime.when_incident is not None:
            regime = self._regimes[regime.when_incident]
        return regime, fault

    def _named(self, named: str, agency: Agency, usual: Regime) -> tuple[Regime, Fault | None]:
        regime = self._regimes.get(named.strip().lower())
        if regime is not None and (regime.open_to(agency["type"]) or regime is usual):
            return regime, None
        allowed = [key for key, row in self._regimes.items() if row.open_to(agency["type"])]
        fault: Fault = {
            "code": "unknown-regime" if regime is None else "regime-not-allowed",
            "path": "recording_regime",
            "rule": f"absent, or one of {', '.join(allowed)}",
        }
        return usual, fault


def _regime(key: str, row: Mapping[str, Any]) -> Regime:
    return Regime(
        id=key,
        label=row["label"],
        only_for=frozenset(row.get("only_for", ())),
        not_for=frozenset(row.get("not_for", ())),
        when_incident=row.get("when_incident"),
        roles=MappingProxyType(dict(row.get("roles", {}))),
        categories=MappingProxyType(dict(row.get("categories", {}))),
        strip=frozenset(row.get("strip", ())),
        correlate=frozenset(row["correlate"]),
        strip_rule=row.get("strip_rule", ""),
    )
