"""`concord agreement matrix` and `who-can-see`: who sees which field."""

from __future__ import annotations

import io
import json
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
from policies.agreements import EPOCH
from policies.decision_input import validate
from policies.examination.matrix import Matrix
from policies.examination.matrix import matrix as table_of
from policies.examination.questions import question_of
from policies.examination.tables import as_csv, as_html, cell_text
from policies.examination.visibility import Sight
from policies.examination.visibility import who_can_see as looked_at
from policies.examination.words import TREATED, field_name, one_of

FORMATS = ("table", "json", "csv", "html")
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
    facts: Annotated[
        Path,
        typer.Option("--facts", help="JSON file with facts of a record, named as in the policy."),
    ],
    on: Annotated[str | None, typer.Option("--on", help="Day (default: today).")] = None,
    live: Live = None,
    json_: Json = False,
) -> None:
    """Say who could see a record with these facts, field by field, and which clause says so."""
    record = _facts(facts)
    day = _day(on)
    sights = looked_at(in_force(live), record, epoch_day=day)
    if json_:
        echo_json({"record": record, "askers": [one.as_json() for one in sights]})
        return
    for one in sights:
        _show(one)
    typer.echo("Nobody else sees anything of it." if sights else "Nobody sees anything of it.")


def _facts(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        stop(f"--facts: {path} cannot be read ({type(error).__name__}); a JSON object is expected")
    if not isinstance(record, dict):
        stop(f"--facts: {path} holds no JSON object")
    question = question_of(record, {}, purpose="any", epoch_day=0)
    if not validate(question):
        known = one_of(sorted(question_of({}, {}, purpose="any", epoch_day=0)["record"]), "and")
        stop(f"--facts: {path} is not as the policy's facts are; they are {known}")
    return record


def _day(said: str | None) -> int:
    try:
        day = date.fromisoformat(said) if said else datetime.now(UTC).date()
    except ValueError:
        stop(f"--on: {said!r} is no day; a day is written 2027-03-31")
    return (day - EPOCH).days


def _show(one: Sight) -> None:
    typer.echo(f"{one.askers.said()}:")
    by_offer: dict[str, list[str]] = {}
    for name, offers in one.fields.items():
        for offer in offers:
            limits = f", if {'; '.join(offer.conditions)}" if offer.conditions else ""
            key = f"{TREATED[offer.treatment]} ({offer.agreement}, clause {offer.clause}){limits}"
            by_offer.setdefault(key, []).append(field_name(name))
    for how, names in by_offer.items():
        typer.echo(f"  {', '.join(names)}: {how}")
