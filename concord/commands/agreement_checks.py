"""`concord agreement check`, `test` and `compare`: what a draft says, does and opens."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from concord.commands import agreement_opa
from concord.commands.agreement_sources import (
    File,
    Json,
    Live,
    draft,
    echo_json,
    in_force,
    problems,
    stop,
)
from policies.agreements import Agreement
from policies.engine import EngineUnavailable
from policies.examination.examples import Answering, Outcome, embedded, run
from policies.examination.findings import findings, term_sentences, verdict
from policies.examination.versions import with_draft
from policies.examination.warnings import Warned, warnings
from policies.examination.widening import Comparison, widening

_COMPLETENESS = "policies.agreements.completeness"


def check(file: File, live: Live = None, json_: Json = False) -> None:
    """Say what is wrong with an agreement, what it lacks, and what in it cannot be meant.

    Ends with 1 where it cannot be used or lacks something; warnings alone end with 0.
    """
    agreement, wrong = problems(file)
    lacking = _missing(agreement) if agreement else ()
    warned = warnings(agreement, in_force(live)) if agreement else ()
    if json_:
        echo_json(
            {
                "file": str(file),
                "usable": agreement is not None,
                "problems": list(wrong),
                "missing": list(lacking),
                "warnings": [one.as_json() for one in warned],
            }
        )
    else:
        _show_check(file, wrong, lacking, warned)
    raise typer.Exit(1 if wrong or lacking else 0)


def _show_check(
    file: Path, wrong: Iterable[str], lacking: Iterable[str], warned: Iterable[Warned]
) -> None:
    for problem in wrong:
        typer.echo(f"wrong: {problem}")
    for item in lacking:
        typer.echo(f"missing: {item}")
    for one in warned:
        typer.echo(f"warning: {one.said()}")
    if not wrong and not lacking:
        typer.echo(f"{file.name} can be used.")


def _missing(agreement: Agreement) -> tuple[str, ...]:
    """List what of the ICO's contents is missing."""
    if find_spec(_COMPLETENESS) is None:
        return ()
    missing: Callable[[Agreement], Iterable[Any]] = import_module(_COMPLETENESS).missing
    return tuple(str(item) for item in missing(agreement))


def examples(
    file: File,
    engine: Annotated[
        str, typer.Option("--engine", help="embedded, opa, or all that are there.")
    ] = "all",
    json_: Json = False,
) -> None:
    """Run the examples inside an agreement, alone, on the embedded engine and on OPA.

    Ends with 1 where one fails, where the engines differ, or where there is none.
    """
    agreement = draft(file)
    try:
        ran = {name: run(agreement, answering=ask) for name, ask in _engines(engine).items()}
    except EngineUnavailable as error:
        stop(str(error))
    outcomes = next(iter(ran.values()))
    agree = all(other == outcomes for other in ran.values())
    passed = bool(outcomes) and agree and all(one.passed for one in outcomes)
    if json_:
        listed = [one.as_json() for one in outcomes]
        echo_json({"engines": list(ran), "agree": agree, "passed": passed, "examples": listed})
    else:
        _show_test(outcomes, list(ran), agree=agree)
    raise typer.Exit(0 if passed else 1)


def _engines(chosen: str) -> dict[str, Answering]:
    opa = agreement_opa.program()
    if chosen == "embedded" or (chosen == "all" and opa is None):
        return {"embedded": embedded}
    if chosen not in {"all", "opa"}:
        stop(f"--engine: no engine is called {chosen!r}; embedded, opa or all")
    if opa is None:
        stop("--engine: the opa program is not there; put it on the path or name it in CONCORD_OPA")
    asked = {"opa": agreement_opa.answering(opa)}
    return asked if chosen == "opa" else {"embedded": embedded, **asked}


def _show_test(outcomes: Iterable[Outcome], engines: list[str], *, agree: bool) -> None:
    listed = list(outcomes)
    for one in listed:
        typer.echo(f"{'passed' if one.passed else 'FAILED'}: {one.name}")
        if not one.passed:
            typer.echo(f"  expected {one.expected}")
            typer.echo(f"  came     {one.came}")
            for reason in one.why:
                typer.echo(f"  because  {reason}")
    if not listed:
        typer.echo("The agreement has no examples: nothing was tested.")
    if not agree:
        typer.echo("The engines differ: this is a fault of the hub, not of the agreement.")
    count = sum(one.passed for one in listed)
    typer.echo(f"{count} of {len(listed)} examples pass on {' and '.join(engines)}.")


def compare(
    file: Annotated[Path, typer.Argument(metavar="DRAFT", help="File of the draft.")],
    with_: Annotated[
        Path | None,
        typer.Argument(
            metavar="[LIVE]",
            help="File or folder of what is in force (default: the hub's folder).",
        ),
    ] = None,
    json_: Json = False,
) -> None:
    """Say who could see more than now, cell by cell, or prove that nobody could.

    Ends with 1 where the draft is wider.
    """
    agreement = draft(file)
    before = in_force(with_)
    after = with_draft(before, agreement)
    if with_ is not None and with_.is_file():
        after = with_draft((), agreement)
    opened, closed = widening(before, after), widening(after, before)
    if json_:
        echo_json({**_told(opened), "closes": _told(closed)})
    else:
        typer.echo(verdict(opened))
        for one in findings(opened):
            typer.echo(f"- {one.sentence}")
        for sentence in term_sentences(opened):
            typer.echo(f"- {sentence}")
        if closed.openings:
            typer.echo(f"It closes {closed.opened_cells:,} cells that are open now.")
    raise typer.Exit(1 if opened.wider else 0)


def _told(comparison: Comparison) -> dict[str, Any]:
    return {
        "wider": comparison.wider,
        "verdict": verdict(comparison),
        "cells_compared": comparison.cells,
        "cells_opened": comparison.opened_cells,
        "findings": [one.as_json() for one in findings(comparison)],
        "terms": list(term_sentences(comparison)),
    }
