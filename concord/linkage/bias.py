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
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from typing import Annotated, Any

import typer

from concord.linkage.county import SealedCounty, sealed_county
from concord.scenario import Mention
from processors.linkage.fairness import Gap, GroupQuality, Labelled, by_group, gap
from processors.linkage.matcher import Matcher
from processors.linkage.mentions import HARMED
from processors.linkage.parameters import load
from schemas.records import Entity

Named = tuple[str, Mention]
"""A mention's id and the truth about it."""


def bounds() -> dict[str, Any]:
    """The recorded bounds, and the county that they hold for."""
    return tomllib.loads(resources.files(__package__).joinpath("bias.toml").read_text("utf-8"))


def findable(mentions: Sequence[Named]) -> dict[str, str]:
    """Split one person's mentions into those that clues connect, directly or by way of others."""
    parts: list[tuple[set[str], list[str]]] = []
    for name, mention in mentions:
        clues, names, apart = set(mention.clues), [name], []
        for part in parts:
            if part[0] & mention.clues:
                clues |= part[0]
                names = part[1] + names
            else:
                apart.append(part)
        parts = [*apart, (clues, names)]
    return {name: names[0] for _, names in parts for name in names}


def labelled(county: SealedCounty, entities: Iterable[Entity]) -> Iterator[tuple[str, Labelled]]:
    """Every linked mention with its side (harmed or accused), truth and groups."""
    linked = {
        member["mention_id"]: entity["entity_id"]
        for entity in entities
        if entity["kind"] == "person" and entity["status"] == "live"
        for member in entity["members"]
    }
    persons: dict[str, list[Named]] = defaultdict(list)
    for name, mention in county.truth():
        if name in linked:
            persons[mention.person].append((name, mention))
    for key, mentions in persons.items():
        person, parts = county.scenario.truth.persons[key], findable(mentions)
        groups = {
            "ethnicity": person.ethnicity,
            "sex": person.sex,
            "age_band": person.age_band,
            "name_origin": person.name_origin,
        }
        for name, mention in mentions:
            side = "harmed" if mention.role in HARMED else "accused"
            yield side, Labelled(key, linked[name], groups, parts[name])


def report(incidents: int, seed: int) -> dict[str, Any]:
    """Tell, link and compare; the answer of the command."""
    _say(f"telling {incidents} incidents")
    county = sealed_county(incidents, seed)
    _say("linking them")
    matcher = Matcher(load(), county.linkage)
    for incident in county.incidents:
        matcher.apply(incident)
    sided = list(labelled(county, matcher.entities()))
    harmed = by_group(one for side, one in sided if side == "harmed")
    roles = by_group(
        Labelled((one.truth, side), one.cluster, {"role": side}, one.findable)
        for side, one in sided
    )
    recorded = bounds()
    return {
        "incidents": incidents,
        "seed": seed,
        "parameters": matcher.parameters.version,
        "roles": _told(roles.get("role", {})),
        "groups": {attribute: _told(groups) for attribute, groups in harmed.items()},
        "gaps": {attribute: _gap(gap(groups)) for attribute, groups in harmed.items()},
        "bound": {key: row["recall_gap"] for key, row in recorded["bound"].items()},
    }


def exceeded(answer: Mapping[str, Any]) -> list[str]:
    """The attributes whose gap is larger than its bound."""
    return [key for key, bound in answer["bound"].items() if answer["gaps"][key]["recall"] > bound]


def bias(
    incidents: Annotated[int, typer.Option(min=1, help="Incidents of the county.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same report.")] = 11,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Report recall and precision of linkage by ethnicity, sex, age band and origin of names.

    Ends with 1 if a gap between groups exceeds its recorded bound.
    """
    answer = report(incidents, seed)
    print(json.dumps(answer) if as_json else _page(answer))
    if exceeded(answer):
        raise typer.Exit(1)


def _say(text: str) -> None:
    sys.stderr.write(f"concord: {text} …\n")


def _told(groups: Mapping[str, GroupQuality]) -> dict[str, Any]:
    return {
        name: {
            "recall": round(one.recall.value, 4),
            "recall_interval": [round(bound, 4) for bound in one.recall.interval],
            "precision": round(one.precision.value, 4),
            "precision_interval": [round(bound, 4) for bound in one.precision.interval],
            "n": one.records,
            "persons": one.recall.units,
            "pairs": one.recall.total,
            "judged": one.judged,
        }
        for name, one in groups.items()
    }


def _gap(found: Gap) -> dict[str, Any]:
    return {
        "recall": round(found.size, 4),
        "certain": round(found.certain, 4),
        "best": found.best,
        "worst": found.worst,
    }


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
            lines.append(f"  gap {found['recall']:.3f} (certain {found['certain']:.3f}){limit}\n")
    return "\n".join(lines)
