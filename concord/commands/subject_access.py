"""`concord subject-access …`: what is held about a person, as JSON, Markdown or a page to print."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from concord.commands.agency import write_private
from concord.commands.lookup import (
    BirthDate,
    Emails,
    FamilyName,
    FullName,
    GivenNames,
    House,
    Phones,
    Postcode,
    person_of,
)
from concord.linkage.asking import Agency, Json, Reason, Type, Who, hub, show

app = typer.Typer(
    help="Find a person by identifiers or a reference, hold items back, make the report.",
    no_args_is_help=True,
)

Role = Annotated[str, typer.Option("--role", help="Your role, as agreements name it.")]
Entity = Annotated[str, typer.Argument(help="Id of the person (ent_…), as `find` gives it.")]
_HUB = "hub-governance-officer"
_NOT_THEIRS = frozenset({"withheld", "entity_id", "mentions"})


def _who(agency: str, agency_type: str, role: str, why: str) -> Who:
    return Who(agency, agency_type, role, "subject-access", why)


@app.command()
def find(
    recorded_by: Annotated[str, typer.Option("--recorded-by", help="Agency of the incident.")],
    reference: Annotated[str, typer.Option("--reference", help="That agency's own reference.")],
    position: Annotated[int, typer.Option("--position", min=0, help="Place of the person.")] = 0,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
    json_: Json = False,
) -> None:
    """Find the person at a place of an incident; confirm before making a report."""
    given = {"agency": recorded_by, "reference": reference, "position": position}
    with hub(_who(agency, agency_type, role, "Request of the person")) as asked:
        fields = asked.get("/v1/subject-access", **given)["fields"]
    line = f"{fields['entity_id']}: {fields['mentions']} mentions"
    show(fields, iter([line]), as_json=json_)


@app.command()
def search(
    full_name: FullName = None,
    given_names: GivenNames = None,
    family_name: FamilyName = None,
    date_of_birth: BirthDate = None,
    phone: Phones = None,
    email: Emails = None,
    house: House = None,
    postcode: Postcode = None,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
    json_: Json = False,
) -> None:
    """Find the person by what they say of themselves; confirm before making a report.

    State a name and one of date of birth, telephone, e-mail, house with postcode. Only whom linkage
    is certain of is found.
    """
    person = person_of(
        full_name, given_names, family_name, date_of_birth, phone, email, house, postcode
    )
    with hub(_who(agency, agency_type, role, "Request of the person")) as asked:
        answer = asked.post("/v1/subject-access-searches", {"person": person})
    found = [one["fields"] for one in answer["items"]]
    show({"persons": found}, _candidates(found), as_json=json_)


def _candidates(found: list[Mapping[str, Any]]) -> Iterator[str]:
    if not found:
        yield "Nobody of whom linkage is certain. Ask for an agency's reference and use `find`."
    for one in found:
        yield f"{one['entity_id']}: {one['mentions']} mentions"
        for each in one.get("incidents") or ():
            day = str(each["occurred_from"])[:10]
            yield f"  {each['incident_id']}  {each['agency']}  {day}  as {each['your_role']}"


@app.command()
def restrict(
    entity: Entity,
    item: Annotated[str, typer.Option("--item", help="incident:<id> or disclosure:<number>.")],
    section: Annotated[
        str, typer.Option("--section", help="Ground: s45-4-a … s45-4-e, sch2-2, sch2-16, sch3-5.")
    ],
    reason: Reason,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
    json_: Json = False,
) -> None:
    """Hold one item of a person's report back; the decision is recorded."""
    body = {"item": item, "section": section, "reason": reason}
    with hub(_who(agency, agency_type, role, reason)) as asked:
        fields = asked.post(f"/v1/subject-access/{entity}/restrictions", body)["fields"]
    lines = (f"{one['item']}: {one['ground']}" for one in fields["withheld"])
    show({"withheld": fields["withheld"]}, lines, as_json=json_)


@app.command()
def report(
    entity: Entity,
    out: Annotated[Path, typer.Option("--out", help="File to write, readable by you alone.")],
    format_: Annotated[
        Literal["markdown", "html", "json"], typer.Option("--as", help="What to write.")
    ] = "markdown",
    mentions: Annotated[
        int | None,
        typer.Option("--mentions", help="How many you have confirmed; no report if it changed."),
    ] = None,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
) -> None:
    """Write the report for the person: what is restricted is not in it."""
    with hub(_who(agency, agency_type, role, "Request of the person")) as asked:
        fields = asked.get(f"/v1/subject-access/{entity}", mentions=mentions)["fields"]
    theirs = {name: value for name, value in fields.items() if name not in _NOT_THEIRS}
    lines = list(_lines(theirs))
    text = {
        "json": lambda: json.dumps(theirs, indent=2, ensure_ascii=False) + "\n",
        "markdown": lambda: "\n".join(lines) + "\n",
        "html": lambda: page(lines),
    }[format_]()
    write_private(out, text)
    typer.echo(f"written to {out}, readable by you alone; {len(fields['withheld'])} items withheld")


def _lines(fields: Mapping[str, Any]) -> Iterator[str]:
    """The report as Markdown."""
    yield "# What is held about you"
    yield ""
    yield "Other persons in the same incidents are counted, not named."
    for title, name in (
        ("Your details, as agencies recorded them", "identities"),
        ("Incidents", "incidents"),
        ("Why these are held to be about one person", "linked"),
        ("Who received it", "disclosures"),
    ):
        yield ""
        yield f"## {title}"
        for each in fields.get(name) or ():
            yield ""
            for key, value in each.items():
                if value not in (None, [], ""):
                    yield f"- {key.replace('_', ' ')}: {_told(value)}"
    yield ""
    yield "## Your rights"
    yield ""
    yield "You can ask for a correction or for erasure at the agency that recorded an incident or"
    yield "at the hub, and complain to the Information Commissioner (ico.org.uk)."


def page(lines: list[str]) -> str:
    """The report as a page to print; whatever an agency wrote stays text."""
    body = []
    for line in lines:
        level = len(line) - len(line.lstrip("#"))
        text = html.escape(line.lstrip("#- "))
        body.append(f"<h{level}>{text}</h{level}>" if level else f"<p>{text}</p>" if text else "")
    inner = "\n".join(body)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>What is held about you</title></head>\n<body>\n{inner}\n</body></html>\n"
    )


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_told(item)}" for key, item in value.items() if item)
    if isinstance(value, list):
        return ", ".join(map(_told, value))
    return str(value).replace("\n", " ")
