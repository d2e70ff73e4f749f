"""Commands that show and measure: demo, replay, scenario, bench; and the partners' commands."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of everything that chance decides.")]


class Yardstick(StrEnum):
    """What linkage is measured beside."""

    splink = "splink"


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    from concord.scenario.cli import app as scenario  # noqa: PLC0415
    from producers.cli import register as partners  # noqa: PLC0415

    partners(app)
    app.add_typer(scenario, name="scenario")
    app.command()(demo)
    app.command()(replay)
    bench = typer.Typer(help="Measure beside a baseline in the same run.", no_args_is_help=True)
    bench.command()(pipeline)
    bench.command()(release)
    bench.command()(ledger)
    bench.command()(linkage)
    bench.command()(feeds)
    bench.command("replay")(bench_replay)
    bench.command()(tension)
    app.add_typer(bench, name="bench")


def demo(
    incidents: Annotated[int, typer.Option("--incidents", min=50)] = 600,
    seed: Seed = 7,
    once: Annotated[
        bool, typer.Option("--once/--stay", help="End after the story, or leave the hub running.")
    ] = True,
    json_: Json = False,
) -> None:
    """Run a made-up county on an embedded hub, and tell what happened; ends with 1 if a step fails.

    Below 450 incidents the hub is still learning what is usual, and no tension is shown.
    """
    from concord.demo import run  # noqa: PLC0415

    raise typer.Exit(run(incidents=incidents, seed=seed, once=once, as_json=json_))


def replay(
    file: Annotated[Path, typer.Argument(help="File to replay.")],
    format_: Annotated[str, typer.Option("--format", help="Its format: see `concord check`.")],
    agency: Annotated[str, typer.Option("--agency", help="Agency to publish as.")] = "nypd",
    once: Annotated[
        bool, typer.Option("--once/--stay", help="End afterwards, or leave the hub running.")
    ] = True,
    again: Annotated[
        bool, typer.Option("--again", help="Publish it twice: the second time changes nothing.")
    ] = False,
    json_: Json = False,
) -> None:
    """Publish a whole file through an embedded hub's front door, and count what came of it."""
    from concord.replay import run  # noqa: PLC0415

    raise typer.Exit(run(file, format_, agency, once=once, again=again, as_json=json_))


def pipeline(
    events: Annotated[int, typer.Option("--events", min=100)] = 10_000,
    seed: Seed = 7,
    json_: Json = False,
) -> None:
    """Events a second through the whole pipeline, beside a bare Faust agent; publish to alert."""
    from concord.bench.pipeline import run  # noqa: PLC0415

    _show(run(events, seed), as_json=json_)


def release(
    requests: Annotated[
        int,
        typer.Option("--requests", min=10, help="Of each kind; a 99th percentile needs thousands."),
    ] = 10_000,
    clients: Annotated[
        list[int] | None, typer.Option("--clients", min=1, help="Clients at once; repeatable.")
    ] = None,
    agreements: Annotated[
        list[int] | None, typer.Option("--agreements", min=1, help="In force; repeatable.")
    ] = None,
    opa: Annotated[
        str | None, typer.Option("--opa", help="The program opa, if it is not on the path.")
    ] = None,
    json_: Json = False,
) -> None:
    """Time of the release gate, beside a bare call of the policy engine in the same run."""
    from concord.bench.release import run, show  # noqa: PLC0415

    typer.echo("concord: measuring in turns, which takes minutes …", err=True)
    figures = run(requests, clients or [1, 8, 32], agreements or [10, 1_000], opa)
    if json_:
        typer.echo(json.dumps(figures))
    else:
        show(figures)


def ledger(
    entries: Annotated[
        list[int] | None, typer.Option("--entries", min=100, help="Sizes; repeatable.")
    ] = None,
    json_: Json = False,
) -> None:
    """Appends and proofs a second as the ledger grows, beside bare inserts of the same rows."""
    from concord.bench.ledger import run, show  # noqa: PLC0415

    figures = run(entries or [1_000, 10_000, 100_000, 1_000_000])
    if json_:
        typer.echo(json.dumps(figures))
    else:
        show(figures)


def feeds(
    subscribers: Annotated[int, typer.Option("--subscribers", min=1)] = 1_000,
    changes: Annotated[int, typer.Option("--changes", min=1)] = 10,
    councils: Annotated[int, typer.Option("--councils", min=1, help="They ask alike.")] = 1,
    json_: Json = False,
) -> None:
    """From a change to every subscriber, beside a bare broadcast loop; all on one core."""
    from concord.bench.feeds import run  # noqa: PLC0415

    _show(run(subscribers, changes, councils), as_json=json_)


def linkage(
    known: Annotated[
        list[int] | None, typer.Option("--known", min=1, help="Records known; can be repeated.")
    ] = None,
    more: Annotated[
        list[int] | None, typer.Argument(min=1, help="Further numbers of records known.")
    ] = None,
    versus: Annotated[
        Yardstick | None,
        typer.Option("--versus", help="Install this to stand beside, if it is not here."),
    ] = None,
    seed: Seed = 7,
    json_: Json = False,
) -> None:
    """Records a second, latencies and bytes of the linkage engine, and how fast it recovers."""
    from concord.bench.linkage import run  # noqa: PLC0415

    numbers = [*(known or [100_000]), *(more or [])]
    _show(run(numbers, seed, install=versus is not None), as_json=json_)


def bench_replay(
    decisions: Annotated[int, typer.Option("--decisions", min=100)] = 100_000,
    seed: Seed = 7,
    json_: Json = False,
) -> None:
    """Past decisions a second under a draft, beside a bare loop of the same policy engine."""
    from concord.bench.replay import run  # noqa: PLC0415

    _show(run(decisions, seed), as_json=json_)


def _show(figures: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures))
        return
    for name, value in figures.items():
        shown = f"{value:,.3f}" if isinstance(value, float) else str(value)
        typer.echo(f"{name.replace('_', ' '):<32} {shown}")


def tension(
    reports: Annotated[int, typer.Option("--reports", min=1000, help="How many.")] = 1_000_000,
    seed: Annotated[int, typer.Option("--seed")] = 7,
) -> None:
    """Tension rules on one core: reports a second, memory, sweeps, beside a bare counting loop."""
    from concord.bench.tension import run  # noqa: PLC0415

    typer.echo(json.dumps(run(reports, seed), indent=2))
