"""The command line: one program for partners, operators and developers."""

from __future__ import annotations

import sys

import structlog
import typer

from concord.commands import (
    agency,
    agreement,
    agreement_lifecycle,
    emergency,
    hub,
    ledger,
    linkage,
    lookup,
    recall,
    retention,
    run,
    subject_access,
    tension,
    tension_levels,
)
from concord.open_feed import command as open_feed
from concord.settings import HubUnknown, SettingInvalid

app = typer.Typer(
    name="concord",
    help="Share what agencies know about hate incidents: no more than an agreement allows.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(agency.app, name="agency")
agreement.app.add_typer(agreement_lifecycle.app)
app.add_typer(agreement.app, name="agreement")
app.add_typer(emergency.app, name="emergency")
app.add_typer(ledger.app, name="ledger")
app.add_typer(linkage.app, name="linkage")
app.add_typer(open_feed.app, name="open-feed")
app.add_typer(recall.app, name="recall")
app.add_typer(retention.app, name="retention")
app.add_typer(retention.erase, name="erase")
app.add_typer(subject_access.app, name="subject-access")
app.command()(lookup.lookup)
tension.app.add_typer(tension_levels.app, name="level")
app.add_typer(tension.app, name="tension")
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
