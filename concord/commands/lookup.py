"""`concord lookup`: ask a running hub whether a person is known to the partnership."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from concord.linkage.asking import Agency, Json, Role, Type, Who, hub, show

PURPOSE = "pointer-lookup"
NOTHING = "No agency may be named to you. That does not mean that nobody knows this person."


def lookup(
    agency: Agency,
    justification: Annotated[
        str, typer.Option("--justification", help="Why you ask, without names; kept in the ledger.")
    ],
    full_name: Annotated[str | None, typer.Option("--full-name")] = None,
    given_names: Annotated[str | None, typer.Option("--given-names")] = None,
    family_name: Annotated[str | None, typer.Option("--family-name")] = None,
    date_of_birth: Annotated[
        str | None, typer.Option("--date-of-birth", help="As 1984-03-12.")
    ] = None,
    phone: Annotated[list[str] | None, typer.Option("--phone")] = None,
    email: Annotated[list[str] | None, typer.Option("--email")] = None,
    house: Annotated[
        str | None, typer.Option("--house", help="Number or name of the house.")
    ] = None,
    postcode: Annotated[str | None, typer.Option("--postcode")] = None,
    agency_type: Type = "council",
    role: Role = "cmarac-coordinator",
    json_: Json = False,
) -> None:
    """Say which agencies know a person, as far as agreements permit, and whom to reach there.

    State a name and one of date of birth, telephone, e-mail, house with postcode. The agencies
    concerned see that you asked. Exit code 1 if you may not ask, 2 if the hub cannot answer.
    """
    person = person_of(
        full_name=full_name,
        given_names=given_names,
        family_name=family_name,
        date_of_birth=date_of_birth,
        phones=phone,
        emails=email,
        address={"house": house, "postcode": postcode} if house or postcode else None,
    )
    with hub(Who(agency, agency_type, role, PURPOSE, justification)) as asked:
        found = asked.post("/v1/lookups", {"person": person})
    show(found, _lines(found["agencies"]), as_json=json_)


def person_of(**stated: Any) -> dict[str, Any]:
    """What was stated of a person, as the API takes it."""
    return {name: value for name, value in stated.items() if value}


def _lines(agencies: list[Mapping[str, Any]]) -> Iterator[str]:
    if not agencies:
        yield NOTHING
    for one in agencies:
        yield f"{one['agency']}: {one['contact'] or 'no contact is recorded'}"
        for duty in one["obligations"]:
            yield f"  {duty['code']}"
