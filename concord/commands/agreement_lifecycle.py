"""`concord agreement draft|submit|approve|…`: an officer acts on agreements of a running hub.

What the hub does not accept ends with exit code 1 and says where it stands and what would be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from concord.linkage.asking import Agency, Json, Reason, Type, Who, hub, show

PURPOSE = "governance"
NO_FILE = 2

app = typer.Typer(
    help="Sharing agreements of the running hub: draft, submit, approve, withdraw, look back.",
    no_args_is_help=True,
)

Id = Annotated[str, typer.Argument(help="Id of the agreement.")]
Number = Annotated[int, typer.Argument(min=1, help="Number of the version.")]
File = Annotated[Path, typer.Argument(help="File with the agreement's text.")]
Person = Annotated[
    str, typer.Option("--person", help="Who you are, where the development issuer gives tokens.")
]
Role = Annotated[str, typer.Option("--role", help="governance-officer or hub-governance-officer.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000)]
OFFICER = "governance-officer"
LOOKING = "Looking after sharing agreements"


def officer(agency: str, agency_type: str, role: str, person: str, why: str) -> Who:
    """Say who acts on agreements, for the purpose of governance."""
    return Who(agency, agency_type, role, PURPOSE, why, person=person)


@app.command()
def draft(
    file: File,
    reason: Reason,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = OFFICER,
    person: Person = "",
    json_: Json = False,
) -> None:
    """Hand in a text as the draft of an agreement's next version. It permits nothing yet."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        typer.echo(f"concord: {file}: cannot be read ({type(error).__name__})", err=True)
        raise typer.Exit(NO_FILE) from None
    with hub(officer(agency, agency_type, role, person, reason)) as asked:
        done = asked.post("/v1/agreements/drafts", {"text": text, "reason": reason})
    show(done, _drafted(done), as_json=json_)


@app.command()
def submit(
    agreement: Id,
    version: Number,
    reason: Reason,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = OFFICER,
    person: Person = "",
    json_: Json = False,
) -> None:
    """Have the hub test a draft: examples, what is missing, what opens. Exit code 1 if it fails."""
    with hub(officer(agency, agency_type, role, person, reason)) as asked:
        done = asked.post(f"/v1/agreements/{agreement}/versions/{version}/test", {"reason": reason})
    show(done, _tested(done), as_json=json_)
    if not done["report"]["passed"]:
        raise typer.Exit(1)


@app.command()
def approve(
    agreement: Id,
    version: Number,
    digest: Annotated[str, typer.Option("--digest", help="Digest of the text that you read.")],
    reason: Reason,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = OFFICER,
    person: Person = "",
    json_: Json = False,
) -> None:
    """Approve a version that somebody else wrote and that has passed its tests."""
    body = {"digest": digest, "reason": reason}
    with hub(officer(agency, agency_type, role, person, reason)) as asked:
        done = asked.post(f"/v1/agreements/{agreement}/versions/{version}/approve", body)
    show(done, _done(done), as_json=json_)


@app.command()
def withdraw(
    agreement: Id,
    version: Number,
    reason: Reason,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = OFFICER,
    person: Person = "",
    json_: Json = False,
) -> None:
    """Withdraw a version, for good: what it alone permits is refused from now on."""
    path = f"/v1/agreements/{agreement}/versions/{version}/withdraw"
    with hub(officer(agency, agency_type, role, person, reason)) as asked:
        done = asked.post(path, {"reason": reason})
    show(done, _done(done), as_json=json_)


@app.command("list")
def list_(
    agency: Agency,
    agency_type: Type = "council",
    role: Role = OFFICER,
    limit: Limit = 200,
    json_: Json = False,
) -> None:
    """List the agreements that stand, with their states. Every participant may."""
    with hub(Who(agency, agency_type, role, "participation", LOOKING)) as asked:
        found = list(asked.items("/v1/agreements", limit))
    show({"agreements": found}, _listed(found), as_json=json_)


@app.command("show")
def show_(
    agreement: Id,
    version: Number,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = OFFICER,
    json_: Json = False,
) -> None:
    """Show a version: its state, its digest, and the text as it is kept."""
    with hub(officer(agency, agency_type, role, "", LOOKING)) as asked:
        fields = asked.get(f"/v1/agreements/{agreement}/versions/{version}")["fields"]
    show(fields, _sheet(fields), as_json=json_)


@app.command()
def history(
    agreement: Id,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = OFFICER,
    limit: Limit = 200,
    json_: Json = False,
) -> None:
    """Tell what happened to an agreement: who did what, when and why."""
    with hub(officer(agency, agency_type, role, "", LOOKING)) as asked:
        found = list(asked.items(f"/v1/agreements/{agreement}/history", limit))
    events = [event for version in found for event in version.get("history") or ()]
    show({"versions": found}, _events(events), as_json=json_)


@app.command()
def reminders(
    agency: Agency,
    days: Annotated[int, typer.Option("--days", min=0, max=3650, help="Days ahead.")] = 60,
    agency_type: Type = "council",
    role: Role = OFFICER,
    limit: Limit = 200,
    json_: Json = False,
) -> None:
    """List agreements that are due for review, or about to end. Exit code 1 if there are any."""
    with hub(officer(agency, agency_type, role, "", LOOKING)) as asked:
        found = list(asked.items("/v1/agreements/reminders", limit, days=days))
    show({"reminders": found}, _due(found), as_json=json_)
    if found:
        raise typer.Exit(1)


def _done(done: Mapping[str, Any]) -> Iterator[str]:
    effect = done["effect"]
    name = f"{done['fields'].get('agreement_id')} version {done['version']}"
    yield f"{name} is {done['state']} (ledger {done['ledger_reference']})"
    yield f"digest {done['digest']}"
    yield f"policy {effect['policy_revision']}, everywhere by {effect['in_force_everywhere_by']}"


def _drafted(done: Mapping[str, Any]) -> Iterator[str]:
    """A draft is in force nowhere, so there is no day to tell."""
    name, number = done["agreement_id"], done["version"]
    yield f"{name} version {number} is a draft (ledger {done['ledger_reference']})"
    yield f"digest {done['digest']}"
    yield f"next: concord agreement submit {name} {number} --agency … --reason …"


def _tested(done: Mapping[str, Any]) -> Iterator[str]:
    report = done["report"]
    yield from _done(done)
    ran = " and ".join(report.get("engines", ()))
    on = f" on {ran}" if ran else ""
    yield f"{report.get('examples', 0)} examples{on}, {len(report['failed'])} of them fail"
    for one in report["failed"]:
        yield f"  {one}" if isinstance(one, str) else f"  {one['name']}: {one['came']}"
    lacking = report.get("missing", ())
    if not lacking:
        yield "Nothing of the Commissioner's contents list is missing."
    yield from (f"missing: {line}" for line in lacking)
    yield str(report.get("widening", ""))
    for name in ("openings", "terms", "warnings"):
        for sentence in report.get(name, ()):
            yield f"  {sentence}"


def _listed(found: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in found:
        days = f"{one.get('starts')} to {one.get('ends')}, review {one.get('review')}"
        yield f"{one.get('id')} version {one.get('version')}  {one.get('status')}  {days}"
    yield f"{len(found)} agreements"


def _sheet(fields: Mapping[str, Any]) -> Iterator[str]:
    yield f"{fields.get('agreement_id')} version {fields.get('version')}: {fields.get('state')}"
    yield f"digest {fields.get('digest')}"
    yield f"written {fields.get('written_at')} by {fields.get('author') or 'the folder'}"
    yield ""
    yield str(fields.get("text") or "")


def _events(events: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in sorted(events, key=lambda each: int(each["sequence"])):
        by = f"{one['by']} of {one['agency']}" if one["by"] else "the hub"
        why = f": {one['reason']}" if one["reason"] else ""
        yield f"{one['at']}  version {one['version']}  {one['event']}  {by}{why}"
    yield f"{len(events)} events"


def _due(found: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in found:
        due = one["due"]
        when = f"in {due['days']} days" if due["days"] >= 0 else f"{-due['days']} days ago"
        yield f"{due['date']}  {one['agreement_id']} version {one['version']}: {due['what']} {when}"
    yield f"{len(found)} reminders"
