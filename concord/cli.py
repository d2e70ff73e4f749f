"""The command line: one program for partners, operators and developers."""

from __future__ import annotations

import sys

import structlog
import typer

from concord.commands import hub, run
from concord.later import group_of
from concord.settings import HubUnknown, SettingInvalid

PLACES = {
    "agency": "concord.commands.agency:app",
    "agreement": "concord.commands.agreement:app",
    "emergency": "concord.commands.emergency:app",
    "erase": "concord.commands.retention:erase",
    "ledger": "concord.commands.ledger:app",
    "linkage": "concord.commands.linkage:app",
    "lookup": "concord.commands.lookup:lookup",
    "open-feed": "concord.open_feed.command:app",
    "recall": "concord.commands.recall:app",
    "retention": "concord.commands.retention:app",
    "subject-access": "concord.commands.subject_access:app",
    "tension": "concord.commands.tension:app",
}

app = typer.Typer(
    cls=group_of(PLACES),
    name="concord",
    help="Share what agencies know about hate incidents: no more than an agreement allows.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
hub.register(app)
run.register(app)


def main() -> None:
    """Run the command line; expected failures end in one line and exit code 2."""
    from pydantic import ValidationError  # noqa: PLC0415

    from schemas.keyring import KeyMissing  # noqa: PLC0415

    # What a command prints is its answer; what it logs goes elsewhere.
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    try:
        app()
    except (HubUnknown, KeyMissing, SettingInvalid) as error:
        sys.stderr.write(f"concord: {error}\n")
        raise SystemExit(2) from None
    except ValidationError as error:
        for fault in error.errors():
            name = "".join(f"CONCORD_{str(part).upper()}" for part in fault["loc"][:1])
            sys.stderr.write(f"concord: {name or 'setting'}: {fault['msg']}\n")
        raise SystemExit(2) from None
