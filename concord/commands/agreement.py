"""`concord agreement …`: what an information governance officer does. A list of commands."""

from __future__ import annotations

import typer

from concord.commands import agreement_lifecycle
from concord.commands.agreement_checks import check, compare, examples
from concord.commands.agreement_foresight import foresee
from concord.commands.agreement_replay import decisions, replay
from concord.commands.agreement_sight import matrix, who_can_see, why_refused

app = typer.Typer(
    help="Sharing agreements: check, test, compare, replay, and see who sees what.",
    no_args_is_help=True,
)
app.command()(check)
app.command("test")(examples)
app.command()(compare)
app.command()(replay)
app.command()(decisions)
app.command()(foresee)
app.command()(matrix)
app.command("who-can-see")(who_can_see)
app.command("why-refused")(why_refused)
app.add_typer(agreement_lifecycle.app)
