"""`concord linkage exclusions …`: values that linkage leaves out because too many share one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from concord.linkage.asking import Agency, Json, Justification, Reason, Role, Type, Who, hub, show

PURPOSE = "link-review"
PATH = "/v1/linkage/exclusions"

app = typer.Typer(
    help="Values that linkage leaves out: list, restore, undo. Asks the running hub's API.",
    no_args_is_help=True,
)

Id = Annotated[str, typer.Argument(help="Id of the value (exc_…); it does not tell the value.")]
Kind = Annotated[str | None, typer.Option("--kind", help="Only this kind: mobile, address, …")]
Purpose = Annotated[str, typer.Option("--purpose", help="link-review; an operator's: operation.")]


@app.command("list")
def list_(
    agency: Agency,
    agency_type: Type = "council",
    role: Role = "cmarac-coordinator",
    purpose: Purpose = PURPOSE,
    justification: Justification = "Review of excluded values",
    kind: Kind = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000)] = 1_000,
    json_: Json = False,
) -> None:
    """List what is left out, with the reason; what most records share comes first."""
    with hub(Who(agency, agency_type, role, purpose, justification)) as asked:
        found = list(asked.items(PATH, limit, kind=kind))
    found.sort(key=lambda one: (-int(one.get("count") or 0), str(one.get("exclusion_id"))))
    show({"exclusions": found}, _table(found), as_json=json_)


@app.command()
def restore(
    exclusion: Id,
    reason: Reason,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = "cmarac-coordinator",
    json_: Json = False,
) -> None:
    """Compare by this value all the same. It holds until it is taken back."""
    _decide(exclusion, "restore", reason, Who(agency, agency_type, role, PURPOSE, reason), json_)


@app.command()
def undo(
    exclusion: Id,
    reason: Reason,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = "cmarac-coordinator",
    json_: Json = False,
) -> None:
    """Leave a restored value out again."""
    _decide(exclusion, "undo", reason, Who(agency, agency_type, role, PURPOSE, reason), json_)


def _decide(exclusion: str, verb: str, reason: str, who: Who, as_json: bool) -> None:
    with hub(who) as asked:
        done = asked.post(f"{PATH}/{exclusion}/{verb}", {"reason": reason})
    said = "restored" if verb == "restore" else "left out again"
    show(done, iter([f"{exclusion}: {said} (ledger {done['ledger_reference']})"]), as_json=as_json)


def _table(found: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in found:
        yield f"{one.get('exclusion_id')}  {one.get('status')}  {one.get('reason')}"
    yield f"{len(found)} values"
