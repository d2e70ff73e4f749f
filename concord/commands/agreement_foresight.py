"""`concord agreement foresee`: the running hub puts its past decisions again under a version."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import httpx
import typer

from concord.commands.agreement_lifecycle import (
    OFFICER,
    Id,
    Number,
    Person,
    Role,
    officer,
)
from concord.linkage.asking import Agency, Json, Reason, Type, hub, show
from policies.examination.replay import EFFECTS
from policies.examination.words import field_name, one_of

SHOWN = 5
"""Lines of a breakdown that are printed."""


def foresee(
    agreement: Id,
    version: Number,
    reason: Reason,
    agency: Agency,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Suppose that it is withdrawn, not approved.")
    ] = False,
    entries: Annotated[
        int, typer.Option("--entries", min=1, max=200_000, help="Last entries of the ledger.")
    ] = 100_000,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            help="Ask as on this day, or `then`: each on its own day. "
            "Default: today, or the first day of a version that begins later.",
        ),
    ] = None,
    agency_type: Type = "council",
    role: Role = OFFICER,
    person: Person = "",
    json_: Json = False,
) -> None:
    """Ask the hub what a version would have changed of its past decisions. Ctrl-C ends it.

    Nothing is changed. Samples are of your own agency's decisions; the hub's officer has all.
    """
    body = {"reason": reason, "instead": "withdraw" if withdraw else "approve", "entries": entries}
    path = f"/v1/agreements/{agreement}/versions/{version}/replay"
    with hub(officer(agency, agency_type, role, person, reason)) as asked:
        result = _heard(asked.lines(path, body | ({"on": on} if on else {})))
    show(result, _said(result["fields"]), as_json=json_)


def _heard(lines: Iterator[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Count on the error stream, where somebody looks at it. Raises httpx.ReadError if cut off."""
    watched = sys.stderr.isatty()
    for told in lines:
        if "result" in told:
            result: Mapping[str, Any] = told["result"]
            return result
        if watched:
            sys.stderr.write(f"\r{told['decisions']:,} decisions")
    raise httpx.ReadError("the answer was cut off")


def _said(fields: Mapping[str, Any]) -> Iterator[str]:
    yield str(fields["summary"])
    yield f"Entries {fields['first_entry']} to {fields['last_entry']} of the ledger."
    if not fields["complete"]:
        yield "That is not all that was asked for: there were too many decisions."
    if fields["unaskable"]:
        yield f"{fields['unaskable']:,} inputs are malformed: both versions refuse them."
    samples = fields.get("samples") or fields.get("own_samples") or {}
    for effect in EFFECTS:
        if fields["effects"].get(effect):
            yield ""
            yield f"{effect}: {fields['effects'][effect]:,}"
            yield from _broken_down(fields["breakdown"].get(effect, {}))
            yield from _sampled(samples.get(effect, ()))


def _broken_down(tables: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    for name, counted in tables.items():
        most = sorted(counted.items(), key=lambda pair: -pair[1])[:SHOWN]
        yield f"  by {name.replace('_', ' ')}: {', '.join(f'{k} {n:,}' for k, n in most)}"


def _sampled(samples: list[Mapping[str, Any]]) -> Iterator[str]:
    for one in samples:
        names = one_of((field_name(name) for name in one["fields"]), "and")
        asker = f"a {one['role']} of {one['agency']}"
        yield f"  entry {one['sequence']}: {one['kind']} {one['record_id']}, {asker}: {names}"
        yield f"    {' '.join(one['why'])}"
