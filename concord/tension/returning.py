"""`concord tension return`: one tension return in a minute, by settings or by answers."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console

from producers import onboarding
from producers.client import HubClient
from producers.records import Event
from producers.transport import HubRefusesError
from schemas import codec
from schemas.identifiers import stable_id
from schemas.validation import validate_tension_report
from schemas.vocabulary import codes

NO_NAMES: Final = (
    "Write no names, addresses, telephone numbers or e-mail addresses: the hub takes out what it "
    "recognises, and cannot recognise everything."
)
_FAULTY, _FAILED = 1, 2
_console = Console(stderr=True)


class SettingError(ValueError):
    """A setting cannot be read; the message names it and says what would be accepted."""


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def _truth(text: str) -> bool:
    return {"yes": True, "true": True, "no": False, "false": False}[text.lower()]


def _grading(text: str) -> dict[str, Any]:
    source, intelligence, *handling = list(text.upper())
    return {
        "source": int(source),
        "intelligence": intelligence,
        "handling": handling[0] if handling else "P",
        "conditions": None,
    }


def _several(text: str) -> list[str]:
    return [each for each in text.split(",") if each]


READERS: Final[Mapping[str, tuple[Callable[[str], Any], str]]] = {
    "reference": (str, "your own reference"),
    "version": (int, "a whole number from 1"),
    "observed": (_day, "a date as 2026-06-30"),
    "nil_return": (_truth, "yes or no"),
    "eep": (str, "evidenced, experienced or potential"),
    "category": (str, "a tension category"),
    "strands": (_several, "strands with commas"),
    "group_affected": (str, "a target, as religion:muslim"),
    "district": (str, "a district code"),
    "ward": (str, "a ward code"),
    "lsoa": (str, "an LSOA code"),
    "grading": (_grading, "3x5x2, as 2CP or 1AC"),
    "conditions": (str, "what must travel when handling is C"),
    "direction": (str, "up, same or down"),
    "proposed_level": (int, "1, imminent, to 6, normal"),
    "source_of_tension": (str, "text"),
    "trigger_event": (str, "text"),
    "trigger_date": (lambda text: _day(text).date().isoformat(), "a date as 2026-06-30"),
    "platform": (str, "where online it was seen"),
    "detail": (str, "text without names"),
    "partner_action": (str, "text"),
    "kin_consulted": (_truth, "yes or no"),
    "review_by": (_day, "a date as 2026-06-30"),
    "origin_ref": (str, "where it first came from"),
}
"""Settings, how each is read, and what is accepted."""

_ASKED: Final = ("eep", "category", "grading", "detail")


def return_(
    settings: Annotated[
        list[str] | None,
        typer.Argument(help="NAME=VALUE …, as district=E08000034 grading=2CP. " + NO_NAMES),
    ] = None,
    agency: Annotated[str, typer.Option("--agency", help="The agency that reports.")] = "",
    onboarding_file: Annotated[
        Path | None, typer.Option("--onboarding", help="The file that the hub's operator gave.")
    ] = None,
    ask: Annotated[bool, typer.Option(help="Ask for what is needed and missing.")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check it; send nothing.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Send one tension return; `nil_return=yes` says that somebody looked and found nothing."""
    given = dict(each.partition("=")[::2] for each in settings or [])
    try:
        if ask:
            given |= _answers(given)
        record = record_of(given, agency, datetime.now(UTC).replace(microsecond=0))
    except SettingError as error:
        raise _refused(str(error), _FAILED) from None
    faults = validate_tension_report(record, now=record["recorded_at"])
    if faults:
        lines = [f"{fault['path']}: {fault['rule']} ({fault['code']})" for fault in faults]
        raise _refused("; ".join(lines), _FAULTY)
    answer = {"reference": record["reference"], "event_id": record["event_id"], "sent": False}
    if not dry_run:
        answer |= asyncio.run(_sent(Event("tension-report.v1", record), agency, onboarding_file))
    typer.echo(json.dumps(answer) if json_ else " ".join(f"{k}={v}" for k, v in answer.items()))


def record_of(given: Mapping[str, str], agency: str, now: datetime) -> Any:
    """The report that settings describe. Raises SettingError."""
    read: dict[str, Any] = {}
    for name, text in given.items():
        if name not in READERS:
            raise SettingError(f"{name}: no such setting; there are {', '.join(READERS)}")
        reader, accepted = READERS[name]
        try:
            read[name] = reader(text)
        except (ValueError, KeyError):
            raise SettingError(f"{name}: {accepted} is needed") from None
    conditions, observed = read.pop("conditions", None), read.pop("observed", now)
    if conditions is not None and read.get("grading") is not None:
        read["grading"]["conditions"] = conditions
    reference = read.setdefault("reference", f"R/{now:%Y%m%d%H%M%S}")
    return codec.complete(
        "tension-report.v1",
        {
            "event_id": stable_id("evt", agency, reference, str(read.get("version", 1))),
            "agency": agency,
            "recorded_at": now,
            "observed": {"from": min(observed, now), "to": None, "precision": "day"},
            "district": "",
            "online": "platform" in read,
            **read,
        },
    )


def _answers(given: Mapping[str, str]) -> dict[str, str]:
    """Ask for what a report needs; a nil return needs its district alone."""
    found: dict[str, str] = {}
    names: Sequence[str] = ("district",) if given.get("nil_return") == "yes" else (
        "district", *_ASKED
    )  # fmt: skip
    for name in names:
        if name not in given:
            accepted = ", ".join(codes("tension_category")) if name == "category" else None
            if name == "detail":
                typer.echo(NO_NAMES)
            text = typer.prompt(f"{name} ({accepted or READERS[name][1]})", default="")
            if text:
                found[name] = text
    return found


async def _sent(event: Event, agency: str, file: Path | None) -> dict[str, Any]:
    try:
        way = onboarding.load(file, agency, os.environ)
        async with HubClient(way) as hub:
            published = await hub.publish([event])
            found = await hub.wait_for_receipts(published.event_ids, 30)
    except (onboarding.OnboardingError, HubRefusesError) as error:
        raise _refused(str(error), _FAILED) from None
    receipts = [one["status"] for one in found.values()]
    return {"sent": bool(published.event_ids), "spooled": published.spooled, "receipts": receipts}


def _refused(text: str, code: int) -> typer.Exit:
    _console.print(f"concord: {text}", style="red", highlight=False)
    return typer.Exit(code)
