"""`concord recall …`: what was called back, from whom, and what they did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import typer

from concord.linkage.asking import Agency, Json, Justification, Type, Who, hub, show

app = typer.Typer(
    help="Notices to past recipients: list, inbox, show, outstanding, remind, acknowledge.",
    no_args_is_help=True,
)

Id = Annotated[str, typer.Argument(help="Id of the notice (ntc_…).")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000)]
Officer = Annotated[str, typer.Option("--role", help="Your role, as agreements name it.")]
Status = Annotated[
    Literal["open", "acknowledged"] | None, typer.Option("--status", help="Which ones.")
]
_HUB = "hub-governance-officer"
_WHY = "Follow-up of recall"


def _officer(agency: str, agency_type: str, role: str, why: str) -> Who:
    return Who(agency, agency_type, role, "accountability", why)


@app.command("list")
def list_(
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Officer = _HUB,
    justification: Justification = _WHY,
    status: Status = None,
    limit: Limit = 200,
    json_: Json = False,
) -> None:
    """List notices, oldest first: as the hub's governance officer to all, else to your agency."""
    with hub(_officer(agency, agency_type, role, justification)) as asked:
        found = list(asked.items("/v1/notices", limit, status=status))
    show({"notices": found}, _table(found), as_json=json_)


@app.command()
def outstanding(
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Officer = _HUB,
    justification: Justification = _WHY,
    limit: Limit = 1000,
    json_: Json = False,
) -> None:
    """List notices that nobody has acknowledged yet; exit code 1 while there are any."""
    with hub(_officer(agency, agency_type, role, justification)) as asked:
        found = list(asked.items("/v1/notices", limit, status="open"))
    show({"notices": found}, _table(found), as_json=json_)
    if found:
        raise typer.Exit(1)


@app.command("show")
def show_(
    notice: Id,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Officer = _HUB,
    justification: Justification = _WHY,
    json_: Json = False,
) -> None:
    """Show one notice: what it asks, and everything that happened to it."""
    with hub(_officer(agency, agency_type, role, justification)) as asked:
        fields = asked.get(f"/v1/notices/{notice}")["fields"]
    show(fields, _sheet(fields), as_json=json_)


@app.command()
def remind(
    notice: Id,
    agency: Agency = "hub",
    agency_type: Type = "operator",
    role: Officer = _HUB,
    justification: Justification = _WHY,
    json_: Json = False,
) -> None:
    """Send an open notice again, with the next reminder number."""
    with hub(_officer(agency, agency_type, role, justification)) as asked:
        fields = asked.post(f"/v1/notices/{notice}/reminder", {})["fields"]
    lines = iter([f"{notice}: reminder {fields['reminders']} to {fields['recipient']}"])
    show(fields, lines, as_json=json_)


@app.command()
def acknowledge(
    notice: Id,
    agency: Agency,
    done: Annotated[
        Literal["deleted", "corrected", "stopped", "held-nothing", "disputed"],
        typer.Option("--done", help="What was done with what was received."),
    ],
    note: Annotated[
        str, typer.Option("--note", help="More about it, in a sentence without names.")
    ] = "",
    agency_type: Type = "council",
    role: Officer = "partner",
    json_: Json = False,
) -> None:
    """Say what your agency did about a notice to it; the recall is then complete."""
    who = Who(agency, agency_type, role, "participation", note or "Answer to a notice")
    with hub(who) as asked:
        body = {"done": done, "note": note}
        fields = asked.post(f"/v1/notices/{notice}/acknowledgement", body)["fields"]
    show(fields, iter([f"{notice}: {done}"]), as_json=json_)


@app.command()
def inbox(
    agency: Agency,
    agency_type: Type = "council",
    role: Officer = "partner",
    status: Status = None,
    limit: Limit = 1000,
    json_: Json = False,
) -> None:
    """List the notices to your agency from its inbox at the hub, which keeps them for ever.

    `concord notices` reads your agency's topic instead.
    """
    who = Who(agency, agency_type, role, "participation", "Reading the inbox")
    with hub(who) as asked:
        found = list(asked.items("/v1/notices", limit, status=status))
    show({"notices": found}, _inbox(found), as_json=json_)


def _table(found: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in found:
        yield (
            f"{one['notice_id']}  {one['status']:<12}  {one.get('recipient', '-'):<20}  "
            f"{one['action']:<8}  {one['fact']:<22}  by {one['acknowledge_by'][:10]}  "
            f"reminders {one['reminders']}"
        )
    yield f"{len(found)} notices"


def _inbox(found: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in found:
        yield f"{one['notice_id']}  {one['status']}  by {one['acknowledge_by'][:10]}"
        yield f"  {one['instruction']}"
        yield f"  record: {one['known_as'] or 'in the answers named below'}"
        yield f"  fields: {', '.join(one['fields'])}"
        names = ", ".join(one["ledger_references"])
        yield f"  answers with ledger reference: {names}"
    yield f"{len(found)} notices"


def _sheet(fields: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(fields.keys() - {"history"}):
        value = fields[name]
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        yield f"{name.replace('_', ' '):<18} {shown}"
    for each in fields.get("history") or ():
        yield f"  {each['at']}  {each['event']}  {each['by']}  {each['detail']}"
