"""`concord linkage explain`: why the hub holds mentions to be one person, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from concord.linkage.asking import (
    Agency,
    Hub,
    Json,
    Justification,
    Refused,
    Role,
    Type,
    Who,
    hub,
    show,
)
from concord.settings import Settings
from schemas.records import Link

Subject = Annotated[str, typer.Argument(help="Id of an alert (alr_…) or a person (ent_…).")]


def explain(
    subject: Subject,
    agency: Agency,
    agency_type: Type = "council",
    role: Role = "cmarac-coordinator",
    purpose: Annotated[str, typer.Option("--purpose")] = "cmarac-case",
    justification: Justification = "Explanation of a link",
    json_: Json = False,
) -> None:
    """Explain the links behind an alert or a person: what each field says and what it adds up to.

    Shows what the API releases to you, and no value: fields and levels alone.
    """
    from concord.linkage.waterfall import told  # noqa: PLC0415 - numpy, for nothing else here

    with hub(Who(agency, agency_type, role, purpose, justification)) as asked:
        alerts = list(_alerts(asked, subject))
    parameters = Settings.found().linkage_parameters_file
    said = {"subject": subject, "links": [told(link, parameters) for link in _links(alerts)]}
    show(said, _lines(said), as_json=json_)


def _alerts(asked: Hub, subject: str) -> Iterator[Mapping[str, Any]]:
    if not subject.startswith("ent_"):
        yield asked.get(f"/v1/alerts/{subject}")["fields"]
        return
    found = list(asked.items("/v1/alerts", 100, entity=subject))
    if not found:
        raise Refused("No alert on this person is available to you.")
    yield from found


def _links(alerts: list[Mapping[str, Any]]) -> list[Link]:
    """Each link once, those that hold before those that might."""
    found = {
        (link["left"], link["right"]): link
        for alert in alerts
        for link in (*(alert.get("links") or ()), *(alert.get("possible") or ()))
    }
    return sorted(found.values(), key=lambda one: (one["band"] != "link", -one["weight"]))


def _lines(said: Mapping[str, Any]) -> Iterator[str]:
    from concord.linkage.waterfall import lines  # noqa: PLC0415 - as above

    for link in said["links"]:
        yield from lines(link)
        yield ""
    yield f"{len(said['links'])} links behind {said['subject']}"
