"""`concord agency …`: take in, look at, suspend and re-key agencies."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from concord.agencies import Agencies, AgencyFault, Onboarding, new_key, new_row
from concord.settings import Settings
from schemas.records import Agency
from schemas.shape import to_json

app = typer.Typer(help="Agencies are rows: add, list, show, suspend, resume, rotate-key.")

Id = Annotated[str, typer.Argument(help="Agency id: lower-case letters, digits and hyphens.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Write the onboarding file here (default: the data folder)."),
]


@app.command()
def add(
    agency: Id,
    name: Annotated[str, typer.Option("--name", help="Name as people know it.")],
    type_: Annotated[str, typer.Option("--type", help="police, council, housing, nhs, …")],
    regime: Annotated[
        str | None, typer.Option("--regime", help="Usual recording regime, if not the type's.")
    ] = None,
    require_signature: Annotated[
        bool, typer.Option("--require-signature", help="Refuse events that are not signed.")
    ] = False,
    district: Annotated[
        str | None, typer.Option("--district", help="District of events that name none.")
    ] = None,
    contact: Annotated[
        str | None,
        typer.Option("--contact", help="A team's mailbox or telephone, told to whoever may ask."),
    ] = None,
    out: Out = None,
    json_: Json = False,
) -> None:
    """Add an agency: key pair, topics, and on a secured broker its user and rights.

    Prints the onboarding file that the partner needs. It holds a private key and, on a secured
    broker, a password: hand it over as you would a password.
    """
    settings = Settings.found()
    now = datetime.now(UTC).replace(microsecond=0)

    async def work() -> Onboarding:
        key, pem = new_key(agency, 1, now)
        row = new_row(
            agency,
            name,
            type_,
            key,
            now,
            regime=regime,
            require_signature=require_signature,
            defaults={"district": district} if district else {},
            contact=contact,
        )
        return await Agencies(settings).add(row, pem)

    _hand_over(_run(work()), settings, out, json_=json_)


@app.command("list")
def list_(json_: Json = False) -> None:
    """List the agencies."""
    rows = _run(Agencies(Settings.found()).rows())
    shown = [_row_json(row) for _, row in sorted(rows.items())]
    if json_:
        typer.echo(json.dumps(shown, indent=2))
    elif not shown:
        typer.echo("No agencies yet. Add one: concord agency add ID --name … --type …")
    for row in [] if json_ else shown:
        typer.echo(f"{row['agency']:<24} {row['type']:<20} {row['status']:<10} {row['name']}")


@app.command()
def show(agency: Id, json_: Json = False) -> None:
    """Show one agency's row."""
    row = _row_json(_run(Agencies(Settings.found()).row(agency)))
    if json_:
        typer.echo(json.dumps(row, indent=2))
        return
    for field, value in row.items():
        if field != "keys":
            typer.echo(f"{field.replace('_', ' '):<18} {value}")
    for key in row["keys"]:
        until = key["valid_to"] or "now"
        typer.echo(f"{'key':<18} {key['key_id']} from {key['valid_from']} to {until}")


@app.command()
def suspend(agency: Id) -> None:
    """Refuse the agency's events from now on; what it sent before stays."""
    _run(Agencies(Settings.found()).suspend(agency))
    typer.echo(f"{agency} is suspended; `concord agency resume {agency}` takes it back.")


@app.command()
def resume(agency: Id) -> None:
    """Take a suspended agency's events again."""
    _run(Agencies(Settings.found()).resume(agency))
    typer.echo(f"{agency} is active.")


@app.command("rotate-key")
def rotate_key(
    agency: Id,
    revoke_old: Annotated[
        bool, typer.Option("--revoke-old", help="End the old key at once: it may have leaked.")
    ] = False,
    out: Out = None,
    json_: Json = False,
) -> None:
    """Make a new signing key and password; the old key verifies for seven more days.

    A leaked key must not: give --revoke-old, and what it signs from now on is refused.
    """
    settings = Settings.found()
    rotating = Agencies(settings).rotate(agency, revoke_old=revoke_old)
    _hand_over(_run(rotating), settings, out, json_=json_)


def _hand_over(
    onboarding: Onboarding, settings: Settings, out: Path | None, *, json_: bool
) -> None:
    document = dict(onboarding.document)
    path = out or settings.data_dir / "onboarding" / f"{document['agency']}.json"
    write_private(path, json.dumps(document, indent=2) + "\n")
    if json_:
        typer.echo(json.dumps(document, indent=2))
        return
    typer.echo(json.dumps(document, indent=2))
    typer.echo(f"\nWritten to {path} (readable by you alone). It holds secrets.", err=True)
    typer.echo(
        f"Next: concord publish FILE --format hub-json --agency {document['agency']}", err=True
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, in a folder of the same kind."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _row_json(row: Agency) -> dict[str, Any]:
    return to_json("agency.v1", dict(row))


def _run(work: Any) -> Any:
    try:
        return asyncio.run(work)
    except AgencyFault as fault:
        typer.echo(f"concord: {fault}", err=True)
        raise typer.Exit(2) from None
