"""Persons in canonical form."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from processors.intake import persons
from processors.intake.regimes import Regimes
from schemas import codec
from tests.unit.processors.intake.example import incident, person

RECORDED = date(2026, 3, 1)


def reported(**changes: Any) -> Any:
    """The example person with changes, complete."""
    whole: Any = codec.complete("incident.v1", dict(incident(persons=[person(**changes)])))
    return whole["persons"][0]


def canonical(**changes: Any) -> Any:
    """The same under the widest regime."""
    return persons.canonical(reported(**changes), Regimes.shipped()["partner-report"])


def test_everything_has_one_form() -> None:
    """Names trimmed, codes known, contacts canonical, identifiers without case in the scheme."""
    known = canonical(identifiers=[{"scheme": " NHS_number", "value": " 485777 "}])
    assert known["given_names"] == "Zaharenka"
    assert (known["sex"], known["ethnicity"]) == ("female", "A2")
    assert known["phones"] == ["+447700900123"]
    assert known["emails"] == ["zq.mark@example.org"]
    assert known["address"]["postcode"] == "LS9 8QQ"
    assert known["identifiers"] == [{"scheme": "nhs_number", "value": "485777"}]


def test_canonical_form_stays_as_it_is() -> None:
    """A second pass changes nothing."""
    known = canonical()
    assert persons.canonical(known, Regimes.shipped()["partner-report"]) == known


@pytest.mark.parametrize(
    ("role", "category"),
    [
        ("victim", "victim"),
        ("complainant", "victim"),
        ("perpetrator", "suspect"),
        ("reporter", "witness"),
        ("other", "other"),
    ],
)
def test_a_category_that_is_not_told_follows_from_the_role(role: str, category: str) -> None:
    """DPA 2018 s.38 asks to tell them apart."""
    assert canonical(role=role, category="other")["category"] == category


def test_a_category_that_is_told_stays() -> None:
    """The originator knows better."""
    assert canonical(role="suspect", category="convicted")["category"] == "convicted"


def test_stripping_leaves_role_category_and_basis() -> None:
    """And the shape of a person, so that nothing else has to know."""
    bare = persons.stripped(canonical())
    assert set(bare) == set(canonical())
    assert {name for name, value in bare.items() if value} == {"role", "category", "basis"}


@pytest.mark.parametrize(
    ("born", "age", "child"),
    [
        ("2008-03-01", None, False),
        ("2008-03-02", None, True),
        ("2008-03", None, None),
        ("2008-02", None, False),
        ("2008-04", None, True),
        ("2008", None, None),
        ("2007", None, False),
        ("2009", None, True),
        ("2008-03-02", 40, True),
        (None, 17, True),
        (None, 18, False),
        (None, None, None),
    ],
)
def test_a_child_is_under_eighteen_when_recorded(
    born: str | None, age: int | None, *, child: bool | None
) -> None:
    """From the date of birth, else from the age; None where either could be."""
    assert persons.is_child(reported(date_of_birth=born, age=age), RECORDED) is child
