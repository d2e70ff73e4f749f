"""`concord tension level …`: set a level, see what stands, and judge it later. Asks the API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from concord.linkage.asking import Agency, Json, Reason, Role, Type, Who, hub, show

PURPOSE = "tension-monitoring"
PATH = "/v1/tension/levels"

app = typer.Typer(
    help="Levels of tension: the machine proposes, you set. Asks the running hub's API.",
    no_args_is_help=True,
)

Area = Annotated[str, typer.Argument(help="Area code; `all` for the county.")]
Strand = Annotated[str, typer.Option("--strand", help="A strand, or all.")]
OneArea = Annotated[str | None, typer.Option("--area", help="Only this area.")]
OneStrand = Annotated[str | None, typer.Option("--strand", help="Only this strand.")]


@app.command("set")
def set_(
    area: Area,
    level: Annotated[int, typer.Argument(min=1, max=6, help="1 imminent to 6 normal.")],
    reason: Reason,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = "tension-monitor",
    strand: Strand = "all",
    area_level: Annotated[str, typer.Option("--area-level", help="ward, district, county.")] = "",
    review_by: Annotated[str | None, typer.Option("--review-by", help="ISO date.")] = None,
    expires_on: Annotated[
        str | None, typer.Option("--expires-on", help="ISO date; two weeks from now if not given.")
    ] = None,
    json_: Json = False,
) -> None:
    """Set the level of an area and strand. It stands until somebody sets another."""
    fortnight = (datetime.now(UTC) + timedelta(days=14)).date().isoformat()
    body = {
        "area": area,
        "area_level": area_level or ("county" if area == "all" else "district"),
        "strand": strand,
        "level": level,
        "reason": reason,
        "review_by": review_by,
        "expires_on": expires_on or fortnight,
    }
    with hub(Who(agency, agency_type, role, PURPOSE, reason)) as asked:
        done = asked.post(PATH, body)
    show(done["fields"], iter([f"{done['fields'].get('level_id')}: set"]), as_json=json_)


@app.command("list")
def list_(
    agency: Agency,
    agency_type: Type = "council",
    role: Role = "tension-monitor",
    area: OneArea = None,
    strand: OneStrand = None,
    json_: Json = False,
) -> None:
    """What stands for each area and strand, and what is out of date."""
    with hub(Who(agency, agency_type, role, PURPOSE, "Levels that stand")) as asked:
        told = asked.get(PATH, area=area, strand=strand)
    show({"levels": told["items"]}, _table(told["items"]), as_json=json_)


@app.command()
def history(
    agency: Agency,
    agency_type: Type = "council",
    role: Role = "tension-monitor",
    area: OneArea = None,
    strand: OneStrand = None,
    json_: Json = False,
) -> None:
    """Every level that was set; how often machine and persons disagreed, and who was right."""
    with hub(Who(agency, agency_type, role, PURPOSE, "History of levels")) as asked:
        told = asked.get(f"{PATH}/history", area=area, strand=strand)
    lines = [*_table(told["items"]), *_judged(told["judged"])]
    show({"levels": told["items"], "judged": told["judged"]}, iter(lines), as_json=json_)


@app.command()
def outcome(
    level: Annotated[str, typer.Argument(help="Id of the level (lvl_…).")],
    outcome: Annotated[
        str, typer.Argument(help="nothing, minor, incident, disorder or serious-disorder.")
    ],
    reason: Reason,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = "tension-monitor",
    json_: Json = False,
) -> None:
    """Record what came of a level."""
    with hub(Who(agency, agency_type, role, PURPOSE, reason)) as asked:
        done = asked.post(f"{PATH}/{level}/outcome", {"outcome": outcome, "reason": reason})
    show(done["fields"], iter([f"{level}: {outcome}"]), as_json=json_)


def _table(items: list[Mapping[str, Any]]) -> Iterator[str]:
    for item in items:
        fields = item["fields"]
        until = str(fields.get("expires_at") or "")[:10]
        proposed = fields.get("proposed_level")
        yield "  ".join(
            [
                f"{fields.get('area')} {fields.get('strand')}: level {fields.get('level')}",
                f"(machine: {proposed})" if proposed else "",
                f"EXPIRED {until}" if item.get("expired") else f"until {until}",
                f"outcome {fields['outcome']}" if fields.get("outcome") else "",
                str(fields.get("level_id")),
            ]
        )


def _judged(judged: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{judged['compared']} of {judged['set']} can be compared with the machine; "
        f"disagreement {judged['disagreement_rate']}; right in the end: persons "
        f"{judged['person_right']}, machine {judged['machine_right']}"
    )
