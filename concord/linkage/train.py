"""`concord linkage train`: fit parameters to encodings alone, and write them for the next epoch.

The encodings are those of the running hub (what stands on its log), of any file that `concord
linkage evaluate` can read, or of a made-up county. A parameter file lists how common values are, as
keyed tokens: it is as confidential as the encodings, and only its owner may read it. Without the
list (`--shippable`) it serves under any key.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from processors.linkage.frequencies import typical
from processors.linkage.labelled import MapError, column_map, read
from processors.linkage.matcher import opening
from processors.linkage.parameters import Parameters, ParametersError
from processors.linkage.training import train as fit
from schemas.encoding import Encoding, decode, encode
from schemas.records import HubIncident
from schemas.sealing import Opener

_FAILED = 2
_console = Console(stderr=True)


def train(
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="Parameter file to write.")],
    records: Annotated[
        Path | None, typer.Option("--records", exists=True, dir_okay=False, help="CSV to train on.")
    ] = None,
    columns: Annotated[
        Path | None,
        typer.Option("--columns", exists=True, dir_okay=False, help="Its map; see evaluate."),
    ] = None,
    incidents: Annotated[
        int | None, typer.Option("--incidents", min=50, help="Train on a made-up county instead.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of everything chance decides.")] = 0,
    version: Annotated[
        str | None, typer.Option("--version", help="Name of the epoch; default: today.")
    ] = None,
    shippable: Annotated[
        bool, typer.Option("--shippable", help="List no values: for a hub with another key.")
    ] = False,
    json_: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
) -> None:
    """Fit linkage parameters without labels; `concord linkage relink` puts them in force."""
    if (records is None) != (columns is None):
        _fail("--records and --columns go together")
    try:
        encodings, data = _source(records, columns, incidents, seed)
        named = version or f"{datetime.now(UTC):%Y-%m-%d}"
        with _console.status(f"training on {len(encodings):,} encodings"):
            trained = fit(encodings, version=named, data=data, seed=seed)
    except (MapError, ParametersError, ValueError) as error:
        _fail(str(error))
    if shippable:
        trained = replace(trained, frequencies=typical(trained.frequencies))
    _write(out, trained)
    told = summary(trained, len(encodings))
    text = "\n".join(f"{name.replace('_', ' '):<22} {value}" for name, value in told.items())
    typer.echo(json.dumps(told) if json_ else f"{text}\nwritten: {out}")


def summary(trained: Parameters, encodings: int) -> dict[str, Any]:
    """What is worth knowing of new parameters."""
    return {
        "version": trained.version,
        "encodings": encodings,
        "share_of_pairs_one_person": trained.persons,
        "share_of_pairs_one_household": trained.households,
        "moved": trained.moved,
        "families": trained.families,
        "values_listed": sum(len(each) for each in trained.frequencies.listed),
        "rounds": len(trained.provenance["expected_pairs_of_persons_and_households_by_round"]),
    }


def _fail(text: str) -> NoReturn:
    _console.print(f"concord: {text}", style="red", highlight=False)
    raise typer.Exit(_FAILED)


def _write(path: Path, trained: Parameters) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    half = path.with_name(f".{path.name}.half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(trained.as_json() + "\n")
    half.replace(path)


def _source(
    records: Path | None, columns: Path | None, incidents: int | None, seed: int
) -> tuple[Sequence[Encoding], str]:
    if records is not None and columns is not None:
        key, now = hashlib.blake2b(f"training {seed}".encode()).digest(), datetime.now(UTC)
        rows = read(records, column_map(columns))
        data = (encode(row.person, key, now) for row in rows)
        return [decode(each) for each in data if each], records.name
    if incidents is not None:
        from concord.linkage.county import sealed_county  # noqa: PLC0415 - tells a whole story

        county = sealed_county(incidents, seed)
        found = encodings_of(county.incidents, county.linkage)
        return found, f"concord.scenario, {incidents} incidents, seed {seed}"
    return asyncio.run(_standing())


def encodings_of(incidents: Iterable[HubIncident], opener: Opener) -> list[Encoding]:
    """Open the encodings of all linkable persons of incidents that stand."""
    opened = opening(opener)
    latest: dict[str, HubIncident] = {}
    for incident in incidents:
        before = latest.get(incident["incident_id"])
        if before is None or before["version"] <= incident["version"]:
            latest[incident["incident_id"]] = incident
    return [
        decode(opened(incident, person))
        for _, incident in sorted(latest.items())
        if incident["linkable"] and not incident["retracted"]
        for person in incident["persons"]
        if person["encoding"] is not None
    ]


async def _standing() -> tuple[Sequence[Encoding], str]:
    """The encodings of the running hub's incidents."""
    from concord.settings import Settings  # noqa: PLC0415 - only for a running hub
    from processors.log import Decoder, LogReader, LogRecord  # noqa: PLC0415 - a Kafka client

    settings = Settings.found()
    found: dict[str, Any] = {}

    def note(record: LogRecord) -> None:
        found[record.key] = record.value

    reader = LogReader(settings.connection, ("hub.incident.v1",), Decoder(settings.schema_ids()))
    await reader.start()
    try:
        await reader.catch_up(note)
    finally:
        await reader.stop()
    standing = [each for each in found.values() if each is not None]
    return encodings_of(standing, settings.keyring.linkage_opener()), "hub.incident.v1"
