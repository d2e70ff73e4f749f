"""`concord linkage …`: what a coordinator and an operator do about links. A list of commands."""

from __future__ import annotations

import typer

from concord.linkage import exclusions, explain, relink, review

app = typer.Typer(help="Links between mentions: look, decide, explain.", no_args_is_help=True)
app.add_typer(review.app, name="review")
app.add_typer(exclusions.app, name="exclusions")
app.command()(explain.explain)
app.command()(relink.relink)
