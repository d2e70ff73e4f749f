"""Commands that operate a hub: keys, setup, worker, api, up."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Annotated

import typer

from concord.settings import Settings
from schemas.keyring import Keyring


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    keys = typer.Typer(help="The hub's own keys.")
    keys.command("create")(create_keys)
    keys.command("rotate")(rotate_keys)
    keys.command("destroy")(destroy_keys)
    app.add_typer(keys, name="keys")
    app.command()(setup)
    app.command()(worker)
    app.command()(api)
    app.command()(up)


def create_keys() -> None:
    """Make every key of the hub that is not there yet, readable by its owner alone."""
    folder = Settings().keyring.folder
    Keyring.create(folder)
    typer.echo(f"keys: {folder}")


def rotate_keys(
    resume: Annotated[
        bool, typer.Option("--resume", help="Make no new keys: go on sealing again what stands.")
    ] = False,
) -> None:
    """Put new release and linkage keys in use, and seal what stands on the log again to them.

    Stop workers and API before, start them after it: they load keys when they start.
    """
    import asyncio  # noqa: PLC0415

    from concord.stack.resealing import rotate  # noqa: PLC0415

    counts = asyncio.run(rotate(Settings.found(), resume=resume))
    typer.echo(f"sealed again: {counts.incidents} incidents, {counts.items} tension items")
    typer.echo("Start workers and API; when the store has caught up: concord keys destroy")


def destroy_keys() -> None:
    """Destroy replaced keys for good: what only they open, backups included, nobody opens again.

    Refused (exit code 1) while anything that stands on the log or in the store needs them.
    """
    import asyncio  # noqa: PLC0415

    from concord.stack.resealing import StillNeeded, destroy  # noqa: PLC0415

    try:
        gone = asyncio.run(destroy(Settings.found()))
    except StillNeeded as needed:
        typer.echo(f"concord: {needed}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"destroyed: {', '.join(gone) or 'there was none'}")


def setup() -> None:
    """Prepare a broker and registry for the hub: topics, rights, subjects. Safe to repeat."""
    from concord.stack.setup import prepare  # noqa: PLC0415

    prepare(Settings.found(), typer.echo)


def worker(
    names: Annotated[
        list[str], typer.Argument(help="intake, linkage, repeats, tension, projector, or all.")
    ],
) -> None:
    """Run processors in the foreground until stopped."""
    from concord.stack.workers import run  # noqa: PLC0415

    raise typer.Exit(run(names, Settings.found()))


def api(
    projector: Annotated[
        bool, typer.Option("--projector/--no-projector", help="Also keep the store up to date.")
    ] = True,
) -> None:
    """Run the API in the foreground until stopped."""
    from concord.stack.serve import serve  # noqa: PLC0415

    serve(Settings.found(), projector=projector)


def up(
    port: Annotated[int, typer.Option("--port", help="Port of the API on loopback.")] = 8080,
) -> None:
    """Run the embedded hub in the foreground: for trying out, everything in memory.

    With CONCORD_KAFKA_BOOTSTRAP set, runs workers and API against that broker instead.
    """
    from concord.stack.embedded import EmbeddedHub  # noqa: PLC0415
    from concord.stack.local import LocalHub  # noqa: PLC0415

    configured = Settings()
    attached = bool(configured.kafka_bootstrap)
    kept = configured.given() | {"api_port": port}
    values = {name: value for name, value in kept.items() if attached or name != "data_dir"}
    kind = LocalHub if attached else EmbeddedHub
    own = {} if attached else {"tick_seconds": 60.0}

    def say(text: str) -> None:
        typer.echo(f"  {text} …")

    folder = configured.data_dir if attached else None
    with kind(own | values, folder=folder, say=say) as running:
        note = running.announce(configured.data_dir)
        try:
            typer.echo(f"The hub runs at {running.settings.public_url}/  (Ctrl-C stops it)")
            if not attached:
                typer.echo("It is EPHEMERAL: all of it is in memory and gone when it stops.")
            typer.echo("In another terminal: concord agency add …, concord publish …")
            _wait_for_signal(running.check)
        finally:
            note.unlink(missing_ok=True)
    typer.echo("stopped" if attached else "stopped; nothing is left")


def _wait_for_signal(check: object) -> None:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    while not stopped.wait(1.0):
        if callable(check):
            check()
    sys.stdout.flush()
