"""What is asked on the command line about methods, and how the answers read."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from concord.settings import Settings
from concord.tension import items as sources
from concord.tension import labelled, world
from concord.tension.backtest import Course
from concord.tension.backtest import backtest as run_backtest
from concord.tension.calibration import SEEDS, simulated
from concord.tension.comparison import compare as run_comparison
from concord.tension.constants_file import text_of
from concord.tension.estimation import estimated
from concord.tension.evaluation import evaluate as run_evaluation
from concord.tension.nulls import own_history
from concord.tension.page import backtest_page, comparison_page, evaluation_page
from processors.tension.rules import Rules, RulesError, load
from producers.formats import formats
from schemas.records import TensionItem

_console = Console(stderr=True)
_FAILED = 2
ConstantsFile = Annotated[
    Path | None,
    typer.Option("--constants", exists=True, dir_okay=False, help="Instead of those of the hub."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Budget = Annotated[
    float, typer.Option("--budget", min=0.01, help="False signals a week to put up with.")
]
HistoryFile = Annotated[
    Path | None,
    typer.Option("--file", exists=True, dir_okay=False, help="A partner's file, not the hub."),
]
FormatName = Annotated[str, typer.Option("--format", help="Format of --file.")]


def evaluate(
    series: Annotated[
        Path,
        typer.Option(
            "--series", exists=True, dir_okay=False, help="CSV: series, date, count, outbreak."
        ),
    ],
    constants: ConstantsFile = None,
    json_: Json = False,
) -> None:
    """Run all methods on labelled series: delay, sensitivity, false alarms, timeliness."""
    try:
        answer = run_evaluation(labelled.read(series), _rules(constants).constants)
    except labelled.SeriesError as error:
        raise _refused(error) from None
    typer.echo(json.dumps(answer) if json_ else evaluation_page(answer))


def simulate(
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="CSV to write.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another county each.")] = 1,
    build_ups: Annotated[bool, typer.Option(help="With build-ups, or the same without.")] = True,
) -> None:
    """Write a simulated county as labelled series: 882 of them, four years, build-ups flagged."""
    made = world.world(seed, build_ups=build_ups)
    labelled.write(out, world.rows_of(made))
    _say(f"{len(made.day)} reports, {len(made.built)} build-ups: {out}")


def compare(
    seeds: Annotated[str, typer.Option("--seeds", help="Counties to test on.")] = "411,412,413",
    budget: Budget = 5.0,
    constants: ConstantsFile = None,
    json_: Json = False,
) -> None:
    """The default beside each method at an equal false-alarm rate, on simulated counties."""
    try:
        chosen = [int(each) for each in seeds.split(",")]
    except ValueError:
        raise _refused(ValueError("--seeds: whole numbers with commas, as 411,412,413")) from None
    answer = run_comparison(chosen, _rules(constants).constants, budget, _say)
    typer.echo(json.dumps(answer) if json_ else comparison_page(answer))


def thresholds(
    budget: Budget = 5.0,
    out: Annotated[Path | None, typer.Option("--out", help="Constants file to write.")] = None,
    file: HistoryFile = None,
    format_: FormatName = "hub-json",
    county: Annotated[bool, typer.Option(help="Of the simulated county, not the hub.")] = False,
    constants: ConstantsFile = None,
    json_: Json = False,
) -> None:
    """Thresholds by simulation that keep a budget of false signals, on the hub's own history."""
    held = _rules(constants)
    if county:
        section = simulated(held.constants, budget, _say, SEEDS)
    else:
        section = own_history(_items(file, format_), held, budget, _say)
    found = held.constants.with_parts(thresholds=section)
    _write(out, text_of(found, f"Thresholds by simulation, {datetime.now(UTC):%Y-%m-%d}."))
    typer.echo(json.dumps(section) if json_ else json.dumps(section, indent=2))


def estimate(
    until: Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"])] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Constants file to write.")] = None,
    file: HistoryFile = None,
    format_: FormatName = "hub-json",
    constants: ConstantsFile = None,
    json_: Json = False,
) -> None:
    """Estimate reporting delay and variation from the hub's history, up to a day."""
    held, found = _rules(constants), _items(file, format_)
    day = (until or datetime.now(UTC)).date()
    made = estimated(found, held, day)
    text = text_of(made, f"Estimated from {len(found)} items up to {day}.")
    _write(out, text)
    typer.echo(json.dumps(made.model_dump()) if json_ else text)


def backtest(
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    until: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")],
    file: HistoryFile = None,
    format_: FormatName = "hub-json",
    constants: ConstantsFile = None,
    json_: Json = False,
) -> None:
    """What the hub's rule would have said on each past day, knowing what was known then."""
    first, last = since.date(), until.date()
    if last < first:
        raise _refused(ValueError("--to: a day not before --from"))
    course, _ = run_backtest(_items(file, format_), _rules(constants), first, last)
    answer = _course(course, first, last)
    typer.echo(json.dumps(answer) if json_ else backtest_page(answer))


def _course(course: Course, first: date, last: date) -> dict[str, Any]:
    new = [
        {"level": key[0], "area": key[1], "strand": key[2], "from": day.isoformat(),
         "days_raised": sum(day <= each <= day + timedelta(days=90) for each in days),
         "colour": course.first[key, day]["colour"],
         "observed": course.first[key, day]["observed"],
         "expected": course.first[key, day]["expected"]}
        for key, days in sorted(course.raised.items())
        for day in course.onsets(key)
    ]  # fmt: skip
    years = len(course.series) * course.days / 365.25
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "series": len(course.series),
        "signals": new,
        "signals_per_series_year": round(len(new) / years, 4) if years else 0.0,
        "signals_per_week": round(len(new) / (course.days / 7), 3),
    }


def _rules(constants: Path | None) -> Rules:
    settings = Settings()
    chosen = constants or settings.tension_constants_file
    try:
        return load(
            _text(settings.tension_rules_file), _text(chosen), _text(settings.tension_triggers_file)
        )
    except (RulesError, OSError) as error:
        raise _refused(error) from None


def _items(file: Path | None, format_: str) -> list[TensionItem]:
    if file is None:
        return asyncio.run(sources.of_hub(Settings.found()))
    known = formats()
    if format_ not in known:
        raise _refused(ValueError(f"--format: no {format_}; there are {', '.join(known)}"))
    type_ = "public-data" if format_ == "nypd-hate-crimes" else "other"
    try:
        return sources.of_file(file, known[format_], type_=type_)
    except sources.NothingAccepted as error:
        raise _refused(error) from None


def _text(path: Path | None) -> str | None:
    return None if path is None else path.read_text("utf-8")


def _write(out: Path | None, text: str) -> None:
    if out is not None:
        out.write_text(text, "utf-8")
        _say(f"written: {out}")


def _say(text: str) -> None:
    _console.print(f"  {text}", highlight=False)


def _refused(error: Exception) -> typer.Exit:
    _console.print(f"concord: {error}", style="red", highlight=False)
    return typer.Exit(_FAILED)
