"""`concord linkage county`: how good links are on made-up counties whose truth is known.

For each seed a county is told, linked with the shipped parameters and thresholds, and compared with
its truth: precision, recall, and the gap between origins of names. A second county of the same seed
has many times as many twins, namesakes and relatives, so that shares of them can be measured.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

_BOUNDS = {"siblings": 0.005, "twins": 0.03}
"""Largest shares of relatives merged, over all seeds together."""


def measured(incidents: int, seed: int, parameters: Path | None = None) -> dict[str, Any]:
    """One county of each kind, told, linked and compared."""
    from concord.linkage import groups, kin  # noqa: PLC0415 - the matcher and numpy
    from concord.scenario.families import CLOSE  # noqa: PLC0415 - goes with them

    usual = groups.measured(incidents, seed, parameters)
    county, entities = groups.linked(incidents, seed, parameters, CLOSE)
    origins = {
        name: {key: one[key] for key in ("recall", "recall_interval", "persons", "judged")}
        for name, one in usual["groups"]["name_origin"].items()
    }
    return {
        "seed": seed,
        "parameters": usual["parameters"],
        "victims": _part(usual["roles"]["harmed"]),
        "suspects": _part(usual["roles"]["accused"]),
        "everybody": _part(usual["everybody"]),
        "relatives": kin.measured(county, entities),
        "name_origin_gap": usual["gaps"]["name_origin"],
        "name_origins": origins,
    }


def _part(quality: Mapping[str, Any]) -> dict[str, Any]:
    names = ("precision", "precision_interval", "recall", "recall_interval", "pairs")
    return {name: quality[name] for name in names}


def summary(counties: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Relatives of all counties together, and which bounds are exceeded."""
    from concord.linkage.kin import Merged  # noqa: PLC0415 - the matcher and numpy

    def together(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return Merged(*(sum(row[key] for row in rows) for key in ("pairs", "merged"))).told()

    relatives = [each["relatives"] for each in counties]
    told: dict[str, Any] = {kind: together([row[kind] for row in relatives]) for kind in _BOUNDS}
    fathers = [row["father_and_son"] for row in relatives]
    told["father_and_son_both_dated"] = together([row["both_dated"] for row in fathers])
    told["father_and_son_undated"] = {
        key: sum(row["undated"][key] for row in fathers) for key in fathers[0]["undated"]
    }
    exceeded = [kind for kind, bound in _BOUNDS.items() if told[kind]["share"] > bound]
    if told["father_and_son_both_dated"]["merged"]:
        exceeded.append("father_and_son_both_dated")
    return {**told, "bounds": _BOUNDS, "exceeded": exceeded}


def county(
    seed: Annotated[list[int], typer.Option(help="Seed of a county; may be given repeatedly.")],
    incidents: Annotated[int, typer.Option(min=50, help="Incidents of each county.")] = 4_500,
    parameters: Annotated[
        Path | None,
        typer.Option("--parameters", exists=True, dir_okay=False, help="Instead of the shipped."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure links on made-up counties: precision, recall, relatives merged, origins of names.

    Ends with 1 if more siblings or twins are merged than the bounds allow, or a father and son of
    one name whose dates of birth are known.
    """
    counties = []
    for one in seed:
        sys.stderr.write(f"concord: telling and linking two counties of seed {one} …\n")
        counties.append(measured(incidents, one, parameters))
    answer: dict[str, Any] = {"incidents": incidents, "counties": counties}
    answer["together"] = summary(counties)
    print(json.dumps(answer) if as_json else _page(answer))
    if answer["together"]["exceeded"]:
        raise typer.Exit(1)


def _page(answer: Mapping[str, Any]) -> str:
    lines = []
    for each in answer["counties"]:
        lines.append(f"seed {each['seed']}, {answer['incidents']:,} incidents")
        for who in ("victims", "suspects", "everybody"):
            one = each[who]
            lines.append(
                f"  {who:10} precision {one['precision']:.4f}  recall {one['recall']:.4f}"
                f"  of {one['pairs']:,} pairs that share a clue"
            )
        gap = each["name_origin_gap"]
        lines.append(
            f"  origins of names: gap {gap['recall']:.3f} (certain {gap['certain']:.3f}, "
            f"chance alone up to {gap['by_chance']:.3f}), "
            f"best {gap['best']}, worst {gap['worst']}"
        )
    both = answer["together"]
    for kind in ("siblings", "twins", "father_and_son_both_dated"):
        one = both[kind]
        low, high = one["interval"]
        lines.append(
            f"{kind.replace('_', ' ')}: {one['merged']} of {one['pairs']} pairs merged, "
            f"{one['share']:.2%} ({low:.2%} to {high:.2%})"
        )
    undated = both["father_and_son_undated"]
    lines.append(
        f"their undated mentions: {undated['mentions']}, in review {undated['in_review']}, "
        f"linked {undated['linked']}, apart {undated['apart']}"
    )
    return "\n".join(lines)
