"""`concord emergency …`: one asks, another confirms, an officer reviews what it was used for.

What the hub refuses ends with exit code 1, as does `uses` while a review is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from concord.commands.ledger_named import entry_named
from concord.linkage.asking import Agency, Json, Reason, Role, Type, Who, hub, show

app = typer.Typer(
    help="Emergencies: ask, list, confirm, and review what they were used for.",
    no_args_is_help=True,
)
Request = Annotated[str, typer.Argument(help="Id of the request (emr_…).")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="How many at most.")]
Person = Annotated[
    str, typer.Option("--person", help="Who you are, where the development issuer gives tokens.")
]
EMERGENCY = "emergency"
_HUB = "hub-governance-officer"
_LOOKING = "Looking after emergencies"


class Verdict(StrEnum):
    """What an officer finds."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not-justified"
    NEEDS_FOLLOW_UP = "needs-follow-up"


class Status(StrEnum):
    """Whether a use has been reviewed."""

    OPEN = "open"
    REVIEWED = "reviewed"


@app.command()
def ask(
    purpose: Annotated[
        str, typer.Option("--purpose", help="Purpose for which records will be asked for.")
    ],
    reason: Reason,
    agency: Agency,
    role: Role,
    agency_type: Type = "council",
    person: Person = "",
    json_: Json = False,
) -> None:
    """Ask that an emergency be taken for one. Another person confirms it."""
    with hub(Who(agency, agency_type, role, EMERGENCY, reason, person=person)) as there:
        fields = there.post("/v1/emergency-requests", {"purpose": purpose, "reason": reason})[
            "fields"
        ]
    show(fields, _requests([fields]), as_json=json_)


@app.command("list")
def list_(
    agency: Agency,
    role: Role = "governance-officer",
    agency_type: Type = "council",
    limit: Limit = 200,
    json_: Json = False,
) -> None:
    """List requests of your agency, or those that you may confirm."""
    with hub(Who(agency, agency_type, role, EMERGENCY, _LOOKING)) as there:
        found = list(there.items("/v1/emergency-requests", limit))
    show({"requests": found}, _requests(found), as_json=json_)


@app.command()
def confirm(
    request: Request,
    reason: Reason,
    agency: Agency,
    role: Role = "governance-officer",
    agency_type: Type = "council",
    person: Person = "",
    json_: Json = False,
) -> None:
    """Confirm another person's emergency: you answer for it beside them."""
    with hub(Who(agency, agency_type, role, EMERGENCY, reason, person=person)) as there:
        path = f"/v1/emergency-requests/{request}/confirm"
        fields = there.post(path, {"reason": reason})["fields"]
    said = f"{request} is confirmed until {fields.get('expires_at')}"
    show(fields, iter([said]), as_json=json_)


@app.command()
def uses(
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = _HUB,
    status: Annotated[Status | None, typer.Option("--status", help="Only those.")] = None,
    limit: Limit = 200,
    json_: Json = False,
) -> None:
    """List releases that rest on an emergency; exit code 1 while any waits for its review."""
    with hub(Who(agency, agency_type, role, "accountability", _LOOKING)) as there:
        found = list(there.items("/v1/emergency-reviews", limit, status=status))
    show({"uses": found}, _uses(found), as_json=json_)
    if any(one.get("status") == Status.OPEN for one in found):
        raise typer.Exit(1)


@app.command()
def review(
    use: Annotated[
        str,
        typer.Argument(callback=entry_named, help="Number of the use, or the answer's reference."),
    ],
    verdict: Annotated[Verdict, typer.Option("--verdict", help="What you find.")],
    reason: Reason,
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = _HUB,
    person: Person = "",
    json_: Json = False,
) -> None:
    """Give a verdict, which stands. Who asked or confirmed gives none."""
    body = {"verdict": verdict, "reason": reason}
    with hub(Who(agency, agency_type, role, "accountability", reason, person=person)) as there:
        fields = there.post(f"/v1/emergency-reviews/{use}", body)["fields"]
    show(fields, iter([f"use {use}: {verdict}"]), as_json=json_)


def _requests(found: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in found:
        by = f", confirmed by {one['confirmed_by']}" if one.get("confirmed_by") else ""
        until = f" until {one['expires_at']}" if one.get("expires_at") else ""
        yield (
            f"{one.get('request_id')}  {one.get('status')}{until}  {one.get('asker')} of "
            f"{one.get('agency')} for {one.get('purpose')}{by}: {one.get('reason')}"
        )
    if not found:
        yield "No emergency requests."


def _uses(found: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in found:
        yield (
            f"{one.get('review_id')}  {one.get('status')}  {one.get('used_at')}  "
            f"{one.get('asker')} of {one.get('agency')} for {one.get('purpose')}, confirmed by "
            f"{one.get('confirmed_by')}"
        )
        yield f"  records {', '.join(one.get('record_ids') or ())}: {one.get('justification')}"
        yield f"  set aside {', '.join(one.get('set_aside') or ())}"
        if one.get("verdict"):
            yield f"  {one['verdict']}: {one.get('verdict_reason')}"
    if not found:
        yield "No emergency was used."
