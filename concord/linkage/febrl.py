"""`concord linkage febrl`: the public FEBRL data sets as labelled files for `evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from concord.yardstick.environment import YardstickFailed, YardstickMissing, run

COLUMNS: Final = """# Which column is what, for `concord linkage evaluate`.
[columns]
id = "rec_id"
truth = "person"
given_names = "given_name"
family_name = "surname"
date_of_birth = "date_of_birth"
house_number = "street_number"
street = ["address_1", "address_2"]
locality = "suburb"
postcode = "postcode"
region = "state"
"""


def febrl(
    out: Annotated[Path, typer.Option("--out", help="Folder to write, made if need be.")],
) -> None:
    """Write the FEBRL data sets 3 and 4 with their truth, without social security numbers.

    FEBRL 4's two files come as one, to be deduplicated. The first use installs the package that
    holds them into the user's cache.
    """
    out.mkdir(parents=True, exist_ok=True)
    try:
        counts = run("febrl", {"out": str(out.resolve())})
    except (YardstickMissing, YardstickFailed) as error:
        typer.echo(f"concord: {error}", err=True)
        raise typer.Exit(2) from None
    for name, count in counts.items():
        (out / f"{name}.columns.toml").write_text(COLUMNS, "utf-8")
        typer.echo(f"{out / name}.csv: {count} records, {name}.columns.toml")
