"""`concord agreement matrix`, `who-can-see` and `why-refused`: who sees which field, or why not."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from concord.commands.agreement_sources import (
    File,
    Json,
    Live,
    draft,
    echo_json,
    in_force,
    stop,
)
from concord.linkage.asking import Agency, Justification, Role, Type, Who, hub
from policies.agreements.validity import EPOCH
from policies.decision_input import validate
from policies.examination.matrix import Matrix
from policies.examination.matrix import matrix as table_of
from policies.examination.questions import question_of
from policies.examination.tables import as_csv, as_html, cell_text
from policies.examination.visibility import who_can_see as looked_at
from policies.examination.words import TREATED, all_of, field_name, one_of

FORMATS = ("table", "json", "csv", "html")
ASKED = ("alert", "incident", "signal", "receipt", "link-review", "exclusion", "agreement")
"""Kinds of record of which the hub says why a request is refused."""
PAGE = 160
"""Columns of a table that is written to a file."""


def matrix(
    file: File,
    format_: Annotated[str, typer.Option("--format", help="table, json, csv or html.")] = "table",
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write (default: print it).")
    ] = None,
    json_: Json = False,
) -> None:
    """Show which class of askers sees which field, under which conditions."""
    chosen = "json" if json_ else format_
    if chosen not in FORMATS:
        stop(f"--format: {chosen!r} is none of {one_of(FORMATS)}")
    made = table_of([draft(file)])
    if out is None and chosen == "table":
        Console().print(_table(made))
        return
    text = _text(made, chosen)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, "utf-8", newline="")
    except OSError as error:
        stop(f"--out: {out} cannot be written ({error.strerror})")
    typer.echo(f"The matrix is in {out}.")


def _text(made: Matrix, chosen: str) -> str:
    if chosen == "csv":
        return as_csv(made)
    if chosen == "html":
        return as_html(made)
    if chosen == "json":
        return json.dumps(made.as_json(), indent=2, ensure_ascii=False) + "\n"
    page = io.StringIO()
    Console(file=page, width=PAGE).print(_table(made))
    return page.getvalue()


def _table(made: Matrix) -> Table:
    table = Table(title=made.title, show_lines=True)
    for heading in ("records", "field", *(one.said() for one in made.columns)):
        table.add_column(heading, overflow="fold")
    for row in made.rows:
        table.add_row(row.kind, field_name(row.field), *(cell_text(cell) for cell in row.cells))
    return table


def who_can_see(
    record: Annotated[
        str | None,
        typer.Argument(
            metavar="[RECORD]", help="Id of an alert or an incident of the running hub."
        ),
    ] = None,
    facts: Annotated[
        Path | None,
        typer.Option(
            "--facts", help="Instead: JSON file with facts of a record, named as in the policy."
        ),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="With --facts: the day (default: today).")
    ] = None,
    live: Live = None,
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = "hub-governance-officer",
    justification: Justification = "Who can see a record",
    json_: Json = False,
) -> None:
    """Say who could see a record, field by field, and which clause says so.

    By its id the running hub is asked, under the agreements that are in force there. With --facts
    nothing is asked: the facts are judged under agreements of this machine.
    """
    if (record is None) is (facts is None):
        stop("give either the id of a record or --facts FILE")
    if record is not None:
        if on is not None or live is not None:
            stop("--on and --live go with --facts; a record is looked at as of now")
        who = Who(agency, agency_type, role, "accountability", justification)
        _seen_there(record, who, as_json=json_)
        return
    assert facts is not None
    looked = _facts(facts)
    day = _day(on)
    sights = looked_at(in_force(live), looked, epoch_day=day)
    told = [one.as_json() for one in sights]
    if json_:
        echo_json({"record": looked, "askers": told})
    else:
        _tell(told)


_KINDS = {"alt": "alerts", "inc": "incidents"}
"""Where the hub tells of a record, by how its ids begin."""


def _seen_there(record: str, who: Who, *, as_json: bool) -> None:
    kind = _KINDS.get(record.partition("_")[0])
    if kind is None:
        stop(f"RECORD: {record!r} is no id of an alert (alt_…) or an incident (inc_…)")
    with hub(who) as there:
        answer = there.get(f"/v1/{kind}/{record}/who-can-see")
    fields = answer["fields"]
    told = fields.get("classes") or []
    if as_json:
        echo_json({**fields, "askers": told, "ledger_reference": answer["ledger_reference"]})
    else:
        _tell(told)


def why_refused(
    kind: Annotated[str, typer.Option("--kind", help=f"Kind of record: {one_of(ASKED)}.")],
    purpose: Annotated[str, typer.Option("--purpose", help="Purpose that you stated.")],
    agency: Agency,
    role: Role,
    agency_type: Type = "council",
    vetting: Annotated[
        str, typer.Option("--vetting", help="Vetting that you hold (development issuer).")
    ] = "none",
    justification: Annotated[
        str, typer.Option("--justification", help="Justification that you gave, if you did.")
    ] = "",
    json_: Json = False,
) -> None:
    """Say why such a request of yours is refused, and what a clause would need of you.

    It tells nothing of a record, nor whether there is one. Ends with 1 where it is refused.
    """
    who = Who(agency, agency_type, role, purpose, justification, vetting)
    with hub(who) as there:
        answer = there.get("/v1/why-refused", kind=kind)
    if json_:
        echo_json(answer)
    else:
        for line in _why(answer):
            typer.echo(line)
    raise typer.Exit(1 if answer["reasons"] else 0)


def _why(answer: Mapping[str, Any]) -> Iterator[str]:
    for reason in answer["reasons"]:
        yield reason["text"]
    for one in answer["lacks"]:
        yield f"{one['agreement']} ({one['title']}), clause {one['clause']}: {one['text']}"
        yield from (f"  {sentence}" for sentence in one["lacking"])
    yield f"This question is entry {answer['ledger_reference']} of the ledger."


def _facts(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        stop(f"--facts: {path} cannot be read ({type(error).__name__}); a JSON object is expected")
    if not isinstance(record, dict):
        stop(f"--facts: {path} holds no JSON object")
    known = question_of({}, {}, purpose="any", epoch_day=0)["record"]
    wrong = [name for name in record if name not in known or not _holds({name: record[name]})]
    if wrong or not _holds(record):
        named = all_of(f"“{name}”" for name in wrong) or "together, its facts"
        facts = ", ".join(sorted(known))
        stop(f"--facts: {path}: {named} cannot be so; the facts of a record are {facts}")
    return record


def _holds(record: dict[str, Any]) -> bool:
    return validate(question_of(record, {}, purpose="any", epoch_day=0))


def _day(said: str | None) -> int:
    try:
        day = date.fromisoformat(said) if said else datetime.now(UTC).date()
    except ValueError:
        stop(f"--on: {said!r} is no day; a day is written 2027-03-31")
    return (day - EPOCH).days


def _tell(told: Sequence[Mapping[str, Any]]) -> None:
    for one in told:
        _show(one)
    typer.echo("Nobody else sees anything of it." if told else "Nobody sees anything of it.")


def _show(one: Mapping[str, Any]) -> None:
    typer.echo(f"{one['askers']}:")
    by_offer: dict[str, list[str]] = {}
    for name, offers in one["fields"].items():
        for offer in offers:
            limits = f", if {'; '.join(offer['conditions'])}" if offer["conditions"] else ""
            clause = f"{offer['agreement']}, clause {offer['clause']}"
            key = f"{TREATED[offer['treatment']]} ({clause}){limits}"
            by_offer.setdefault(key, []).append(field_name(name))
    for how, names in by_offer.items():
        typer.echo(f"  {', '.join(names)}: {how}")
