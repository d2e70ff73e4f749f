"""What intake says in clear about an incident."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.encoding import decode, encode
from tests.unit.processors.intake.example import incident, intake, message, person


def tenant(scheme: str, **changes: Any) -> dict[str, Any]:
    """A person with a tenancy."""
    return person(identifiers=[{"scheme": scheme, "value": "T-1"}], **changes)


def landlords(*persons: dict[str, Any]) -> list[str]:
    """What the hub's record says."""
    taken = intake().take(message(incident(persons=list(persons)))).incident
    assert taken is not None
    return taken["tenant_of"]


def test_a_victims_landlord_is_known_by_the_scheme_of_the_tenancy() -> None:
    """So that an agreement on a landlord's own tenants covers what others report."""
    assert landlords(tenant("tenancy:oak-homes"), tenant(" Tenancy:Elm-Homes")) == [
        "elm-homes",
        "oak-homes",
    ]


@pytest.mark.parametrize("role", ["suspect", "witness", "reporter"])
def test_nobody_elses_landlord_is_told(role: str) -> None:
    """An agreement on tenants is there to support victims."""
    assert landlords(tenant("tenancy:oak-homes", role=role)) == []


@pytest.mark.parametrize("scheme", ["tenancy", "tenancy:", "tenancy:not an agency", "rent:oak"])
def test_a_scheme_that_names_no_agency_says_nothing(scheme: str) -> None:
    """A number of the originator's own kind."""
    assert landlords(tenant(scheme)) == []


def test_a_withdrawn_incident_has_no_tenants() -> None:
    """It keeps ids alone."""
    taken = intake().take(message(incident(retracted=True, persons=[tenant("tenancy:oak")])))
    assert taken.incident is not None
    assert taken.incident["tenant_of"] == []


def test_a_tenancy_with_a_landlord_is_still_a_households_number() -> None:
    """A family shares it: it links nobody by itself."""
    written: Any = incident(persons=[tenant("tenancy:oak-homes")])["persons"][0]
    data = encode(written, b"k" * 32)
    assert data is not None
    assert any(decode(data).field("household"))
