"""Rules for persons: strict about form where something is given, nothing but a role required."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from schemas import codec
from schemas.validation.faults import Faults
from schemas.validation.persons import check_persons, earliest_birth
from tests.unit.processors.intake.example import incident, person

RECORDED = date(2026, 3, 1)


def faults(**changes: Any) -> set[tuple[str, str]]:
    """Codes and paths, below the person, of the faults of the example person with changes."""
    found = Faults()
    record: Any = codec.complete("incident.v1", dict(incident(persons=[person(**changes)])))
    check_persons(found, record["persons"], RECORDED)
    return {(one["code"], one["path"].removeprefix("persons[0].")) for one in found.listed()}


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"role": "bystander"}, "unknown-role", "role"),
        ({"category": "x"}, "unknown-category", "category"),
        ({"basis": "rumour"}, "unknown-basis", "basis"),
        ({"sex": "x"}, "unknown-sex", "sex"),
        ({"ethnicity": "Z9"}, "unknown-ethnicity", "ethnicity"),
        ({"given_names": "x" * 301}, "too-long", "given_names"),
        ({"also_known_as": ["x"] * 51}, "too-many", "also_known_as"),
        ({"date_of_birth": "12/03/1984"}, "birth-form", "date_of_birth"),
        ({"date_of_birth": "1984-02-30"}, "birth-form", "date_of_birth"),
        ({"date_of_birth": "unknown"}, "birth-form", "date_of_birth"),
        ({"date_of_birth": "٢٠٠١-01-01"}, "birth-form", "date_of_birth"),
        ({"date_of_birth": "2026-03-02"}, "birth-in-future", "date_of_birth"),
        ({"date_of_birth": "1900-01-01"}, "birth-too-early", "date_of_birth"),
        ({"age": -1}, "age-range", "age"),
        ({"age": 999}, "age-range", "age"),
        ({"phones": ["none"]}, "phone-form", "phones[0]"),
        ({"phones": ["12"]}, "phone-form", "phones[0]"),
        ({"emails": ["name at example"]}, "email-form", "emails[0]"),
        ({"identifiers": [{"scheme": "x", "value": ""}]}, "reference-form", "identifiers[0].value"),
        ({"identifiers": [{"scheme": "x", "value": "1"}] * 51}, "too-many", "identifiers"),
        ({"address": {"postcode": "nowhere"}}, "postcode-form", "address.postcode"),
        ({"address": {"uprn": "x"}}, "uprn-form", "address.uprn"),
    ],
)
def test_one_departure_is_one_fault(changes: dict[str, Any], code: str, path: str) -> None:
    """Each rule answers with its code and path, and nothing else complains."""
    assert faults(**changes) == {(code, path)}


@pytest.mark.parametrize(
    "changes",
    [
        {"date_of_birth": "1984"},
        {"date_of_birth": "1984-03"},
        {"date_of_birth": "2026"},
        {"date_of_birth": "2024-02-29"},
        {"date_of_birth": None, "age": 0},
        {"date_of_birth": None, "age": 120},
        {
            "phones": [
                "+44 (0)113 496 0123",
                "0113-496.0123 ext 12",
                "+48 22 123 45 67",
                "01134960123",
            ]
        },
        {"emails": ["o'brien+tag@mail.example.org"]},
        {"sex": "Female", "ethnicity": "ns"},
        {"address": {"locality": "Lyon", "street": "rue de la République"}},
    ],
)
def test_what_people_really_write_passes(changes: dict[str, Any]) -> None:
    """Partial dates, foreign numbers, extensions, any case, addresses abroad."""
    assert not faults(**changes)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1984-03-12", date(1984, 3, 12)),
        ("1984-03", date(1984, 3, 1)),
        ("1984", date(1984, 1, 1)),
        ("0000", None),
        ("84", None),
        ("1984-3-12", None),
        ("1984-13", None),
    ],
)
def test_the_first_day_of_a_partial_date(text: str, day: date | None) -> None:
    """Year and month stand for their first day; anything else is no date."""
    assert earliest_birth(text) == day
