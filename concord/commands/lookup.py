"""`concord lookup`: ask a running hub whether a person is known to the partnership."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from concord.linkage.asking import Agency, Json, Role, Type, Who, hub, show

PURPOSE = "pointer-lookup"
NOTHING = "No agency may be named to you. That does not mean that nobody knows this person."

FullName = Annotated[str | None, typer.Option("--full-name")]
GivenNames = Annotated[str | None, typer.Option("--given-names")]
FamilyName = Annotated[str | None, typer.Option("--family-name")]
BirthDate = Annotated[str | None, typer.Option("--date-of-birth", help="As 1984-03-12.")]
Phones = Annotated[list[str] | None, typer.Option("--phone")]
Emails = Annotated[list[str] | None, typer.Option("--email")]
House = Annotated[str | None, typer.Option("--house", help="Number or name of the house.")]
Postcode = Annotated[str | None, typer.Option("--postcode")]


def lookup(
    agency: Agency,
    justification: Annotated[
        str, typer.Option("--justification", help="Why you ask, without names; kept in the ledger.")
    ],
    full_name: FullName = None,
    given_names: GivenNames = None,
    family_name: FamilyName = None,
    date_of_birth: BirthDate = None,
    phone: Phones = None,
    email: Emails = None,
    house: House = None,
    postcode: Postcode = None,
    agency_type: Type = "council",
    role: Role = "cmarac-coordinator",
    json_: Json = False,
) -> None:
    """Say which agencies know a person, as far as agreements permit, and whom to reach there.

    State a name and one of date of birth, telephone, e-mail, house with postcode. The agencies
    concerned see that you asked. Exit code 1 if you may not ask, 2 if the hub cannot answer.
    """
    person = person_of(
        full_name, given_names, family_name, date_of_birth, phone, email, house, postcode
    )
    with hub(Who(agency, agency_type, role, PURPOSE, justification)) as asked:
        found = asked.post("/v1/lookups", {"person": person})
    show(found, _lines(found["agencies"]), as_json=json_)


def person_of(
    full_name: str | None,
    given_names: str | None,
    family_name: str | None,
    date_of_birth: str | None,
    phones: list[str] | None,
    emails: list[str] | None,
    house: str | None,
    postcode: str | None,
) -> dict[str, Any]:
    """What was stated of a person, as the API takes it."""
    stated = {
        "full_name": full_name,
        "given_names": given_names,
        "family_name": family_name,
        "date_of_birth": date_of_birth,
        "phones": phones,
        "emails": emails,
        "address": {"house": house, "postcode": postcode} if house or postcode else None,
    }
    return {name: value for name, value in stated.items() if value}


def _lines(agencies: list[Mapping[str, Any]]) -> Iterator[str]:
    if not agencies:
        yield NOTHING
    for one in agencies:
        yield f"{one['agency']}: {one['contact'] or 'no contact is recorded'}"
        for duty in one["obligations"]:
            yield f"  {duty['code']}"
