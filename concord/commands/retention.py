"""`concord retention …` and `concord erase …`: whose time is up, and what is removed, by two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from concord.linkage.asking import Agency, Json, Reason, Type, Who, hub, show

app = typer.Typer(
    help="The queue before deletion: due, review, keep, delete, undo.", no_args_is_help=True
)
erase = typer.Typer(
    help="Erasures: request, approve, cancel, list, show. One asks, another approves.",
    no_args_is_help=True,
)

Role = Annotated[str, typer.Option("--role", help="Your role, as agreements name it.")]
Incident = Annotated[str, typer.Argument(help="Id of the incident (inc_…).")]
Erasure = Annotated[str, typer.Argument(help="Id of the erasure (era_…).")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000)]
Wait = Annotated[
    int, typer.Option("--wait-hours", min=0, help="How long it can be called off once approved.")
]
_HUB = "hub-governance-officer"
_WHY = "Review of what is kept"


@app.command()
def due(
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
    by: Annotated[
        str | None, typer.Option("--by", help="Up by this day (YYYY-MM-DD); default today.")
    ] = None,
    limit: Limit = 200,
    json_: Json = False,
) -> None:
    """List incidents whose time is up, with the rule; exit code 1 while any is undecided."""
    with hub(Who(agency, agency_type, role, "retention", _WHY)) as asked:
        found = list(asked.items("/v1/retention", limit, by=by))
    show({"due": found}, _queue(found), as_json=json_)
    if any(one["status"] == "due" for one in found):
        raise typer.Exit(1)


@app.command()
def review(
    incident: Incident,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
    json_: Json = False,
) -> None:
    """Show when an incident's time is up, under which rule, and what was decided about it."""
    with hub(Who(agency, agency_type, role, "retention", _WHY)) as asked:
        fields = asked.get(f"/v1/retention/{incident}")["fields"]
    show(fields, _sheet(fields, "decisions"), as_json=json_)


@app.command()
def keep(
    incident: Incident,
    until: Annotated[str, typer.Option("--until", help="Day of the next review (YYYY-MM-DD).")],
    reason: Reason,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
    json_: Json = False,
) -> None:
    """Keep an incident until a day."""
    _decide(
        incident,
        {"decision": "keep", "until": until, "reason": reason},
        Who(agency, agency_type, role, "retention", reason),
        json_=json_,
    )


@app.command()
def delete(
    incident: Incident,
    reason: Reason,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
    wait_hours: Wait = 24,
    json_: Json = False,
) -> None:
    """Ask for the erasure of an incident whose time is up; another officer approves it."""
    _decide(
        incident,
        {"decision": "delete", "reason": reason, "wait_hours": wait_hours},
        Who(agency, agency_type, role, "retention", reason),
        json_=json_,
    )


@app.command()
def undo(
    incident: Incident,
    reason: Reason,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
    json_: Json = False,
) -> None:
    """Take the last decision back, as long as it has not been carried out."""
    _decide(
        incident,
        {"decision": "undo", "reason": reason},
        Who(agency, agency_type, role, "retention", reason),
        json_=json_,
    )


@erase.command()
def request(
    incidents: Annotated[list[str], typer.Argument(help="Incidents (inc_…); a person is all.")],
    reason: Reason,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
    wait_hours: Wait = 24,
    json_: Json = False,
) -> None:
    """Ask for the erasure of incidents."""
    body = {"incident_ids": incidents, "reason": reason, "wait_hours": wait_hours}
    with hub(Who(agency, agency_type, role, "erasure", reason)) as asked:
        fields = asked.post("/v1/erasures", body)["fields"]
    show(fields, iter([f"{fields['erasure_id']}: requested"]), as_json=json_)


@erase.command()
def approve(
    erasure: Erasure,
    reason: Reason,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
    json_: Json = False,
) -> None:
    """Approve an erasure that another person asked for."""
    _move(erasure, "approval", Who(agency, agency_type, role, "erasure", reason), json_=json_)


@erase.command()
def cancel(
    erasure: Erasure,
    reason: Reason,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
    json_: Json = False,
) -> None:
    """Call an erasure off before it is carried out."""
    _move(erasure, "cancellation", Who(agency, agency_type, role, "erasure", reason), json_=json_)


@erase.command("list")
def list_(
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
    limit: Limit = 200,
    json_: Json = False,
) -> None:
    """List erasures and how far each is."""
    with hub(Who(agency, agency_type, role, "erasure", _WHY)) as asked:
        found = list(asked.items("/v1/erasures", limit))
    lines = (f"{one['erasure_id']}  {one['status']:<10}  {one['reason']}" for one in found)
    show({"erasures": found}, lines, as_json=json_)


@erase.command("show")
def show_(
    erasure: Erasure,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Role = _HUB,
    json_: Json = False,
) -> None:
    """Show one erasure: its history, and what may still hold something of it."""
    with hub(Who(agency, agency_type, role, "erasure", _WHY)) as asked:
        fields = asked.get(f"/v1/erasures/{erasure}")["fields"]
    show(fields, _sheet(fields, "history"), as_json=json_)


def _decide(incident: str, body: Mapping[str, Any], who: Who, *, json_: bool) -> None:
    with hub(who) as asked:
        fields = asked.post(f"/v1/retention/{incident}/decision", body)["fields"]
    show(fields, iter([f"{incident}: {fields['status']}"]), as_json=json_)


def _move(erasure: str, step: str, who: Who, *, json_: bool) -> None:
    with hub(who) as asked:
        fields = asked.post(f"/v1/erasures/{erasure}/{step}", {})["fields"]
    show(fields, iter([f"{erasure}: {fields['status']}"]), as_json=json_)


def _queue(found: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in found:
        yield (
            f"{one['incident_id']}  {one['status']:<9}  {one['agency']:<20}  "
            f"due {one['due']}  {one['rule']}"
        )
    yield f"{len(found)} incidents"


def _sheet(fields: Mapping[str, Any], last: str) -> Iterator[str]:
    for name in sorted(fields.keys() - {last}):
        value = fields[name]
        shown = "; ".join(map(str, value)) if isinstance(value, list) else value
        yield f"{name.replace('_', ' '):<14} {shown}"
    for each in fields.get(last) or ():
        yield "  " + "  ".join(str(value) for value in each.values())
