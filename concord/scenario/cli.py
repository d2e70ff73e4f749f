"""`concord scenario`: make up a county's incidents, with their truth."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from concord.scenario.files import write
from concord.scenario.story import generate as tell

app = typer.Typer(help="Made-up incidents of a made-up county, with ground truth beside them.")


@app.callback()
def scenario() -> None:
    """Made-up incidents of a made-up county, with ground truth beside them."""


@app.command()
def generate(
    out: Annotated[Path, typer.Option(help="Folder to write, made if need be.")],
    incidents: Annotated[int, typer.Option(min=1, help="How many incidents.")] = 600,
    seed: Annotated[int, typer.Option(help="The same seed tells the same story.")] = 1,
    until: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day of the story.")
    ] = datetime(2026, 6, 30),  # noqa: DTZ001 - a day, not a moment
    markers: Annotated[
        bool, typer.Option("--markers", help="Put a searchable token into every identifying value.")
    ] = False,
) -> None:
    """Write one file of hub JSON for each agency, truth.json, county.json and a README."""
    made = tell(incidents, seed, until.date(), markers=markers)
    files = write(made, out)
    truth = made.truth
    print(
        f"{incidents} incidents of {len(made.agencies)} agencies, {made.since} to {made.until}, "
        f"{len(truth.persons)} persons, {len(truth.repeat_victims())} repeat victims: "
        f"{len(files)} files in {out}"
    )
