"""`concord tension …`: measure how tension is seen, and keep its constants. A list of commands."""

from __future__ import annotations

import typer

from concord.tension import asking, returning

app = typer.Typer(
    help="Tension: returns, evaluation, simulation, thresholds.", no_args_is_help=True
)
app.command("evaluate")(asking.evaluate)
app.command("simulate")(asking.simulate)
app.command("compare")(asking.compare)
app.command("thresholds")(asking.thresholds)
app.command("estimate")(asking.estimate)
app.command("backtest")(asking.backtest)
app.command("return")(returning.return_)
