"""`concord agreement replay` and `decisions`: what a draft would have changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from concord.commands.agreement_sources import (
    Json,
    Live,
    Store,
    draft,
    echo_json,
    in_force,
    past,
    stop,
    stored,
    written,
)
from concord.progress import counting
from policies.agreements import Agreement
from policies.examination.replay import EFFECTS, Replay
from policies.examination.replay import replay as put_again
from policies.examination.versions import with_draft, without
from policies.examination.words import field_name, one_of

SHOWN = 5
"""Lines of a breakdown that are printed."""


def replay(
    file: Annotated[
        Path | None, typer.Argument(metavar="[DRAFT]", help="File of the draft.")
    ] = None,
    decisions: Annotated[
        Path | None,
        typer.Option("--decisions", help="Past decisions, as `agreement decisions` writes them."),
    ] = None,
    store: Store = False,
    remove: Annotated[
        str | None, typer.Option("--without", help="Instead of a draft: withdraw this agreement.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            help="Ask as on this day, or `then`: each on its own day. "
            "Default: today, or the first day of a draft that begins later.",
        ),
    ] = None,
    live: Live = None,
    json_: Json = False,
) -> None:
    """Put past decisions again under a draft: what would stop, start, be lost and gained."""
    if (file is None) is (remove is None):
        stop("give either the file of a draft or --without AGREEMENT")
    before = in_force(live)
    agreement = draft(file) if file is not None else None
    after = with_draft(before, agreement) if agreement else _withdrawn(before, remove or "")
    with counting("decisions") as told:
        result = put_again(
            past(decisions, store=store), before, after, on=_day(on, agreement), progress=told
        )
    if json_:
        echo_json(result.as_json())
    else:
        _show(result)


def _withdrawn(before: tuple[Agreement, ...], name: str) -> tuple[Agreement, ...]:
    after = without(before, name)
    if len(after) == len(before):
        known = one_of(one["id"] for one in before)
        stop(f"--without: no agreement in force is called {name!r}; there are {known}")
    return after


def _day(said: str | None, agreement: Agreement | None) -> date | None:
    if said == "then":
        return None
    if said is None:
        today = datetime.now(UTC).date()
        starts = date.fromisoformat(agreement["starts"]) if agreement else today
        return max(today, starts)
    try:
        return date.fromisoformat(said)
    except ValueError:
        stop(f"--on: {said!r} is no day; a day is written 2027-03-31, or `then`")


def _show(result: Replay) -> None:
    typer.echo(result.summary())
    if result.unaskable:
        typer.echo(f"{result.unaskable:,} inputs are malformed: both versions refuse them.")
    for effect in EFFECTS:
        if not result.effects[effect]:
            continue
        typer.echo(f"\n{effect}: {result.effects[effect]:,}")
        for name, counted in result.by[effect].items():
            parts = [f"{what} {count:,}" for what, count in counted.most_common(SHOWN)]
            typer.echo(f"  by {name.replace('_', ' ')}: {', '.join(parts)}")
        for one in result.samples[effect]:
            fields = one_of((field_name(name) for name in one.fields), "and")
            asker = f"a {one.role} of {one.agency}"
            typer.echo(f"  entry {one.sequence}: {one.kind} {one.record_id}, {asker}: {fields}")
            typer.echo(f"    {' '.join(one.why)}")


def decisions(
    out: Annotated[Path, typer.Option("--out", help="File to write, one JSON object to a line.")],
    json_: Json = False,
) -> None:
    """Write the past decisions of this hub's ledger to a file: facts of records, never contents."""
    from concord.commands.agency import write_private  # noqa: PLC0415

    lines = list(written(stored()))
    try:
        write_private(out, "".join(lines))
    except OSError as error:
        stop(f"--out: {out} cannot be written ({error.strerror})")
    if json_:
        echo_json({"file": str(out), "decisions": len(lines)})
    else:
        typer.echo(f"{len(lines):,} decisions are in {out}, which you alone can read.")
