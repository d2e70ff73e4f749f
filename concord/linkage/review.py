"""`concord linkage review …`: possible links, looked at and decided in the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import typer

from concord.linkage.asking import Agency, Json, Justification, Reason, Role, Type, Who, hub, show
from concord.settings import Settings
from schemas.records import Link

PURPOSE = "link-review"

app = typer.Typer(
    help="Possible links: list, show, decide, undo. Asks the running hub's API.",
    no_args_is_help=True,
)

Id = Annotated[str, typer.Argument(help="Id of the possible link (rvw_…).")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000)]
Status = Annotated[
    Literal["open", "decided", "contested"] | None, typer.Option("--status", help="Which ones.")
]
Why = Annotated[str | None, typer.Option("--why", help="Only those with this reason to look.")]


@app.command("list")
def list_(
    agency: Agency,
    agency_type: Type = "council",
    role: Role = "cmarac-coordinator",
    justification: Justification = "Review of possible links",
    status: Status = "open",
    why: Why = None,
    entity: Annotated[
        str | None, typer.Option("--entity", help="Only pairs of this person (ent_…), any status.")
    ] = None,
    limit: Limit = 50,
    json_: Json = False,
) -> None:
    """List possible links, oldest first, each with the reasons to look at it."""
    with hub(Who(agency, agency_type, role, PURPOSE, justification)) as asked:
        wanted = {"status": None if entity else status, "why": why, "entity": entity}
        found = list(asked.items("/v1/link-reviews", limit, **wanted))
    show({"reviews": found}, _table(found), as_json=json_)


@app.command("show")
def show_(
    review: Id,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = "cmarac-coordinator",
    justification: Justification = "Review of possible links",
    json_: Json = False,
) -> None:
    """Show both sides of a possible link, the evidence, and what was decided about it."""
    from concord.linkage.waterfall import told  # noqa: PLC0415 - numpy, for nothing else here

    with hub(Who(agency, agency_type, role, PURPOSE, justification)) as asked:
        fields = asked.get(f"/v1/link-reviews/{review}")["fields"]
    parameters = Settings.found().linkage_parameters_file
    seen = told(_link(fields), parameters) if "evidence" in fields else None
    sheet = {**fields, "waterfall": seen}
    show(sheet, _sheet(sheet), as_json=json_)


@app.command()
def decide(
    review: Id,
    decision: Annotated[Literal["same", "different"], typer.Argument(help="One person, or two.")],
    reason: Reason,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = "cmarac-coordinator",
    json_: Json = False,
) -> None:
    """Decide that the two are one person, or two. It holds until it is taken back."""
    body = {"decision": decision, "reason": reason}
    with hub(Who(agency, agency_type, role, PURPOSE, reason)) as asked:
        done = asked.post(f"/v1/link-reviews/{review}/decision", body)
    show(done, iter([f"{review}: {decision} (ledger {done['ledger_reference']})"]), as_json=json_)


@app.command()
def undo(
    review: Id,
    reason: Reason,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = "cmarac-coordinator",
    json_: Json = False,
) -> None:
    """Take the standing decision back: the evidence decides again, the history keeps both."""
    with hub(Who(agency, agency_type, role, PURPOSE, reason)) as asked:
        done = asked.post(f"/v1/link-reviews/{review}/undo", {"reason": reason})
    show(done, iter([f"{review}: open (ledger {done['ledger_reference']})"]), as_json=json_)


def _link(fields: Mapping[str, Any]) -> Link:
    return Link(
        left=fields.get("left_mention", "left"),
        right=fields.get("right_mention", "right"),
        band="review",
        weight=math.fsum(each["weight"] for each in fields["evidence"]),
        evidence=fields["evidence"],
    )


def _table(found: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in found:
        why = ", ".join(str(code).replace("-", " ") for code in one.get("why") or ())
        agencies = " / ".join(str(one.get(f"{side}_agency")) for side in ("left", "right"))
        yield f"{one.get('review_id')}  {one.get('status', ''):<9}  {agencies}  {why}"
    yield f"{len(found)} possible links"


def _sheet(sheet: Mapping[str, Any]) -> Iterator[str]:
    from concord.linkage.waterfall import lines  # noqa: PLC0415 - as above

    yield f"{sheet.get('review_id')}  {sheet.get('status')}"
    yield "why: " + ", ".join(str(code).replace("-", " ") for code in sheet.get("why") or ())
    names = sorted(
        {name.partition("_")[2] for name in sheet if name.startswith(("left_", "right_"))}
    )
    for name in names:
        left, right = (_shown(sheet.get(f"{side}_{name}")) for side in ("left", "right"))
        yield f"  {name.replace('_', ' '):<14} {left:<40} {right}"
    if sheet["waterfall"]:
        yield from lines(sheet["waterfall"])
    for each in sheet.get("decisions") or ():
        yield f"  {each['decided_at']}  {each['decision']}  {each['agency']}: {each['reason']}"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(str(each) for each in value) or "-"
    return "-" if value is None else str(value)
