"""`concord linkage …`: what a coordinator and an operator do about links. A list of commands."""

from __future__ import annotations

import typer

from concord.linkage import bias, exclusions, explain, febrl, relink, review
from concord.linkage.attack import command as attack

app = typer.Typer(help="Links between mentions: look, decide, explain.", no_args_is_help=True)
app.add_typer(review.app, name="review")
app.add_typer(exclusions.app, name="exclusions")
app.command()(explain.explain)
app.command()(relink.relink)
app.command()(bias.bias)
app.command()(febrl.febrl)
app.command()(attack.attack)
