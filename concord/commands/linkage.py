"""`concord linkage …`: what a coordinator and an operator do about links. A list of commands."""

from __future__ import annotations

import typer

from concord.linkage import exclusions, review
from concord.linkage.attack.command import attack
from concord.linkage.bias import bias
from concord.linkage.evaluate import evaluate
from concord.linkage.explain import explain
from concord.linkage.febrl import febrl
from concord.linkage.measure import county
from concord.linkage.relink import relink
from concord.linkage.train import train

app = typer.Typer(
    help="Links between mentions: review, explain, measure, train, attack.", no_args_is_help=True
)
app.add_typer(review.app, name="review")
app.add_typer(exclusions.app, name="exclusions")
app.command()(explain)
app.command()(relink)
app.command()(train)
app.command()(evaluate)
app.command()(febrl)
app.command()(bias)
app.command()(county)
app.command()(attack)
