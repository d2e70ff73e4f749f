"""`concord linkage bias`: whether linkage finds the victims of every group alike.

A made-up county is linked with the shipped parameters and compared with its truth. Groups are
compared among those whom incidents were aimed at: suspects are known by less and come from another
part of the population, so that a comparison of everybody would compare roles. Only pairs of records
that somebody could put together are asked for (see concord/scenario/truth.py).
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Annotated, Any

import typer


def bounds() -> dict[str, Any]:
    """The recorded bounds, and the county that they hold for."""
    return tomllib.loads(resources.files(__package__).joinpath("bias.toml").read_text("utf-8"))


def report(incidents: int, seeds: Sequence[int]) -> dict[str, Any]:
    """Measure, and put the recorded bounds beside it; the answer of the command."""
    from concord.linkage.groups import measured  # noqa: PLC0415 - the matcher and numpy

    said = ", ".join(map(str, seeds))
    sys.stderr.write(f"concord: telling and linking {incidents} incidents of each of {said} …\n")
    bound = {key: row["recall_gap"] for key, row in bounds()["bound"].items()}
    return measured(incidents, seeds) | {"bound": bound}


def exceeded(answer: Mapping[str, Any]) -> list[str]:
    """The attributes whose gap is larger than its bound."""
    return [key for key, bound in answer["bound"].items() if answer["gaps"][key]["recall"] > bound]


def bias(
    incidents: Annotated[int, typer.Option(min=1, help="Incidents of the county.")] = 20_000,
    seed: Annotated[
        list[int] | None,
        typer.Option(help="Seed of a county, 11 by default; of several, all are counted together."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Report recall and precision of linkage by ethnicity, sex, age band and origin of names.

    Ends with 1 if a gap between groups exceeds its recorded bound.
    """
    answer = report(incidents, seed or [bounds()["seed"]])
    print(json.dumps(answer) if as_json else _page(answer))
    if exceeded(answer):
        raise typer.Exit(1)


def _page(answer: Mapping[str, Any]) -> str:
    lines = []
    for attribute, groups in {"role": answer["roles"], **answer["groups"]}.items():
        lines.append(f"{attribute:16}recall  95 % interval   precision  repeat persons")
        for name, one in sorted(groups.items(), key=lambda each: each[1]["recall"]):
            low, high = one["recall_interval"]
            note = "" if one["judged"] else "  too few to judge"
            lines.append(
                f"  {name:14}{one['recall']:.3f}   {low:.3f} to {high:.3f}  {one['precision']:.3f}"
                f"  {one['persons']:9}{note}"
            )
        if attribute in answer["gaps"]:
            found, bound = answer["gaps"][attribute], answer["bound"].get(attribute)
            limit = f", bound {bound}" if bound is not None else ""
            lines.append(
                f"  gap {found['recall']:.3f} (certain {found['certain']:.3f}; "
                f"chance alone up to {found['by_chance']:.3f}){limit}\n"
            )
    return "\n".join(lines)
