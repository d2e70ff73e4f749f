"""`concord tension …`: measure how tension is seen, and keep its constants. A list of commands."""

from __future__ import annotations

import typer

from concord.later import group_of

PLACES = {
    "backtest": "concord.tension.asking:backtest",
    "compare": "concord.tension.asking:compare",
    "estimate": "concord.tension.asking:estimate",
    "evaluate": "concord.tension.asking:evaluate",
    "level": "concord.commands.tension_levels:app",
    "return": "concord.tension.returning:return_",
    "simulate": "concord.tension.asking:simulate",
    "thresholds": "concord.tension.asking:thresholds",
}

app = typer.Typer(
    cls=group_of(PLACES),
    help="Tension: returns, evaluation, simulation, thresholds.",
    no_args_is_help=True,
)
