"""Who is found how well: a made-up county is linked and compared with its truth, by group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from concord.linkage.county import SealedCounty, sealed_county
from concord.scenario import Mention
from concord.scenario.families import USUAL, Families
from processors.linkage.fairness import Gap, GroupQuality, Labelled, by_group, gap
from processors.linkage.matcher import Matcher
from processors.linkage.mentions import HARMED
from processors.linkage.parameters import load
from schemas.records import Entity

Named = tuple[str, Mention]
"""A mention's id and the truth about it."""
Sided = tuple[str, Labelled]
"""A record with its side: harmed or accused."""


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


def labelled(county: SealedCounty, entities: Iterable[Entity]) -> Iterator[Sided]:
    """Every linked mention with its side, truth and groups."""
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


def linked(
    incidents: int, seed: int, parameters: Path | None = None, families: Families = USUAL
) -> tuple[SealedCounty, list[Entity]]:
    """A county, and the entities that linkage makes of it; the shipped parameters by default."""
    county = sealed_county(incidents, seed, families=families)
    matcher = Matcher(load(parameters), county.linkage)
    for incident in county.incidents:
        matcher.apply(incident)
    return county, list(matcher.entities())


def measured(
    incidents: int, seed: int | Sequence[int], parameters: Path | None = None
) -> dict[str, Any]:
    """Tell, link and compare: quality by role of everybody and by group of the harmed, and gaps.

    With several seeds, as many counties are linked, each for itself, and counted together: small
    groups become large enough to be judged.
    """
    seeds = (seed,) if isinstance(seed, int) else tuple(seed)
    sided: list[Sided] = []
    version = ""
    for one in seeds:
        version, records = recorded(incidents, one, parameters)
        sided += records
    return {
        "incidents": incidents,
        "seed": seeds[0] if len(seeds) == 1 else list(seeds),
        "parameters": version,
    } | compared(sided)


def recorded(incidents: int, seed: int, parameters: Path | None = None) -> tuple[str, list[Sided]]:
    """Tell and link a county: the parameters' version, and its records.

    Records of several counties may be compared together: those of each are told from all others.
    """
    county, entities = linked(incidents, seed, parameters)
    records = [(side, _of(seed, one)) for side, one in labelled(county, entities)]
    return entities[0]["parameters"], records


def _of(county: int, one: Labelled) -> Labelled:
    """A record that is told from those of other counties."""
    return replace(
        one,
        truth=(county, one.truth),
        cluster=(county, one.cluster),
        findable=(county, one.findable),
    )


def compared(sided: Sequence[Sided]) -> dict[str, Any]:
    """Quality by role and group, and gaps."""
    everybody = by_group(
        Labelled(one.truth, one.cluster, {"all": "all"}, one.findable) for _, one in sided
    )
    harmed = by_group(one for side, one in sided if side == "harmed")
    roles = by_group(
        Labelled((one.truth, side), one.cluster, {"role": side}, one.findable)
        for side, one in sided
    )
    return {
        "everybody": _told(everybody["all"])["all"],
        "roles": _told(roles.get("role", {})),
        "groups": {attribute: _told(groups) for attribute, groups in harmed.items()},
        "gaps": {attribute: _gap(gap(groups)) for attribute, groups in harmed.items()},
    }


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
        "by_chance": round(found.by_chance, 4),
        "best": found.best,
        "worst": found.worst,
    }
