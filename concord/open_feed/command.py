"""`concord open-feed …`: audit the promise of the open feed, and show what it costs."""

from __future__ import annotations

import json
import secrets
import time
from typing import Annotated, Any

import typer

app = typer.Typer(help="The open feed: its promise attacked, its cost.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep `audit` a command of its own."""


@app.command()
def audit(
    trials: Annotated[
        int, typer.Option("--trials", min=1000, help="Worlds of each kind; 20000 and more to tell.")
    ] = 40_000,
    seed: Annotated[
        int, typer.Option("--seed", help="Seed of the attacker, not of the noise.")
    ] = 7,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Attack the real publisher and nine broken ones; exit 1 unless the promise is kept.

    Prints the officer's sentence and, beside it, what the noise costs.
    """
    told = audited(trials, seed)
    if json_:
        typer.echo(json.dumps(told))
    else:
        _print(told)
    raise typer.Exit(0 if told["kept"] else 1)


def audited(trials: int, seed: int) -> dict[str, Any]:
    """Do it all; `kept` is the verdict."""
    from concord.open_feed.attack import RealPublisher, attack  # noqa: PLC0415
    from concord.open_feed.broken import BROKEN  # noqa: PLC0415
    from concord.open_feed.usefulness import usefulness  # noqa: PLC0415
    from sharing_api.open_feed.periods import FIRST_MONDAY  # noqa: PLC0415
    from sharing_api.open_feed.sentence import statement  # noqa: PLC0415
    from sharing_api.open_feed.tables import Entry, load  # noqa: PLC0415

    began = time.monotonic()
    real = attack(RealPublisher(secrets.randbelow), trials, seed, (9,))
    caught = {name: attack(each, trials, seed).ratio for name, each in BROKEN.items()}
    said = statement([Entry(t.id, t.epsilon, FIRST_MONDAY) for t in load()])
    allowed = 3.0
    return {
        **said,
        "trials": 2 * trials,
        "found_on_real": round(real.ratio, 3),
        "found_on_broken": {name: round(ratio, 1) for name, ratio in caught.items()},
        "kept": real.ratio <= allowed and all(ratio > allowed for ratio in caught.values()),
        "usefulness": usefulness(),
        "seconds": round(time.monotonic() - began, 1),
    }


def _print(told: dict[str, Any]) -> None:
    typer.echo(f"{told['sentence']}\n")
    for limit in told["limits"]:
        typer.echo(f"  - {limit}")
    typer.echo(f"\nAttack of {told['trials']} trials: odds ratio that is sure, at most 3 allowed")
    typer.echo(f"  {'the real publisher':<28} {told['found_on_real']:.2f}")
    for name, ratio in told["found_on_broken"].items():
        typer.echo(f"  {name:<28} {ratio:,.1f}  {'caught' if ratio > 3 else 'NOT CAUGHT'}")
    typer.echo("\nWhat it costs (threefold rise at 1 % false alarms, seen in one period)")
    for row in told["usefulness"]:
        typer.echo(
            f"  {row['table']:<14} {row['cell']:<18} usual {row['usual']:>5}, mean error "
            f"{row['mean_error']}, 95 % noise ±{row['noise_95']}, power {row['power']:.2f} "
            f"(exact counts {row['power_exact']:.2f})"
        )
    typer.echo(f"\n{'The promise is kept.' if told['kept'] else 'THE PROMISE IS NOT KEPT.'}")
