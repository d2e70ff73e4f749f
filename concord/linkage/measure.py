"""`concord linkage county`: how good links are on made-up counties whose truth is known.

For each seed a county is told, linked with the shipped parameters and thresholds, and compared with
its truth: precision, recall, and the gap between origins of names. A second county of the same seed
has many times as many twins, namesakes and relatives, so that shares of them can be measured. With
several seeds all counties are counted together as well: the gap between the small groups of one
county is mostly chance.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

_BOUNDS = {"siblings": 0.005, "twins": 0.03}
"""Largest shares of relatives merged, over all seeds together."""


def measured(
    incidents: int, seeds: Sequence[int], parameters: Path | None = None
) -> dict[str, Any]:
    """Counties of each kind for every seed, told, linked and compared, each and all together."""
    from concord.linkage import groups  # noqa: PLC0415 - the matcher and numpy

    counties: list[dict[str, Any]] = []
    records: list[groups.Sided] = []
    for seed in seeds:
        sys.stderr.write(f"concord: telling and linking two counties of seed {seed} …\n")
        version, own = groups.recorded(incidents, seed, parameters)
        relatives = _relatives(incidents, seed, parameters)
        names = {"seed": seed, "parameters": version, "relatives": relatives}
        counties.append(names | _quality(groups.compared(own)))
        records += own
    together = summary(counties) | _quality(groups.compared(records))
    return {"incidents": incidents, "counties": counties, "together": together}


def _relatives(incidents: int, seed: int, parameters: Path | None) -> dict[str, Any]:
    from concord.linkage import groups, kin  # noqa: PLC0415 - the matcher and numpy
    from concord.scenario.families import CLOSE  # noqa: PLC0415 - goes with them

    return kin.measured(*groups.linked(incidents, seed, parameters, CLOSE))


def _quality(compared: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "victims": _part(compared["roles"]["harmed"]),
        "suspects": _part(compared["roles"]["accused"]),
        "everybody": _part(compared["everybody"]),
        "name_origin_gap": compared["gaps"]["name_origin"],
        "name_origins": {
            name: {key: one[key] for key in ("recall", "recall_interval", "persons", "judged")}
            for name, one in compared["groups"]["name_origin"].items()
        },
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
    answer = measured(incidents, seed, parameters)
    print(json.dumps(answer) if as_json else page(answer))
    if answer["together"]["exceeded"]:
        raise typer.Exit(1)


def page(answer: Mapping[str, Any]) -> str:
    """What the command prints for people."""
    lines, both = [], answer["together"]
    for each in answer["counties"]:
        lines.append(f"seed {each['seed']}, {answer['incidents']:,} incidents")
        lines.extend(_quality_lines(each))
    if len(answer["counties"]) > 1:
        lines.append(f"all {len(answer['counties'])} counties together")
        lines.extend(_quality_lines(both))
    lines.extend(_origin_lines(both["name_origins"]))
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


def _quality_lines(quality: Mapping[str, Any]) -> Iterator[str]:
    for who in ("victims", "suspects", "everybody"):
        one = quality[who]
        yield (
            f"  {who:10} precision {one['precision']:.4f}  recall {one['recall']:.4f}"
            f"  of {one['pairs']:,} pairs that share a clue"
        )
    gap = quality["name_origin_gap"]
    yield (
        f"  origins of names: gap {gap['recall']:.3f} (certain {gap['certain']:.3f}, "
        f"chance alone up to {gap['by_chance']:.3f}), "
        f"best {gap['best']}, worst {gap['worst']}"
    )


def _origin_lines(origins: Mapping[str, Any]) -> Iterator[str]:
    """Recall of victims by origin of names, the lowest first."""
    yield "origin of names   recall  95 % interval   repeat persons"
    asked = {name: one for name, one in origins.items() if one["persons"]}
    for name, one in sorted(asked.items(), key=lambda each: (each[1]["recall"], each[0])):
        low, high = one["recall_interval"]
        note = "" if one["judged"] else "  too few to judge"
        yield (f"  {name:16}{one['recall']:.4f}  {low:.3f} to {high:.3f}  {one['persons']:9}{note}")
