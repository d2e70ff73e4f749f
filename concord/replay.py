"""`concord replay`: a whole file through an embedded hub's front door, and what came of it."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from concord.session import Session
from concord.stack.embedded import EmbeddedHub
from producers import onboarding
from producers.check import Report, check
from producers.client import HubClient
from producers.formats import formats

_TYPES = {"nypd-hate-crimes": "public-data"}
"""Agency type to publish as, by format; other files are an ordinary partner's."""


def run(file: Path, format_: str, agency: str, *, once: bool, again: bool, as_json: bool) -> int:
    """Replay a file. Gives the exit code: 0, 1 if something was rejected, 2 for wrong use."""
    known = formats()
    if format_ not in known:
        sys.stderr.write(f"concord: no such format; there are: {', '.join(known)}\n")
        return 2
    if not file.is_file():
        sys.stderr.write(f"concord: {file}: no such file\n")
        return 2
    began = time.monotonic()
    report = check(file, known[format_], agency)
    if not report.events:
        sys.stderr.write("concord: nothing in the file can be published; see `concord check`\n")
        return 1
    say = _silent if as_json else _say
    session: list[Session] = []

    def furnish(hub: Any) -> None:
        made = Session(hub)
        asyncio.run(made.add_agencies([(agency, agency, _TYPES.get(format_, "other"))]))
        session.append(made)

    say(f"{report.rows} rows make {len(report.events)} events")
    with EmbeddedHub(say=say, furnish=furnish) as hub:
        figures = asyncio.run(_replay(session[0], report, agency, say))
        if again:
            say("publishing the same file again")
            second = asyncio.run(_replay(session[0], report, agency, say))
            figures["second_replay_changed"] = _differences(figures, second)
        figures["seconds"] = round(time.monotonic() - began, 1)
        sys.stdout.write(json.dumps(figures) + "\n" if as_json else _told(figures))
        sys.stdout.flush()
        if not once:
            stay(hub)
    return 1 if figures["rejected"] else 0


async def _replay(session: Session, report: Report, agency: str, say: Any) -> dict[str, Any]:
    way = onboarding.from_document(
        session.onboarding[agency], {"CONCORD_SPOOL": str(session.hub.folder / "spool")}
    )
    async with HubClient(way) as hub:
        published = await hub.publish(report.events)
        say(f"{len(published.event_ids)} events sent; waiting for their receipts")
        receipts = await hub.wait_for_receipts(published.event_ids, 300)
    await session.digested()
    outputs = await session.outputs()
    incidents = [one for one in outputs.incidents.values() if not one["retracted"]]
    statuses = Counter(receipt["status"] for receipt in receipts.values())
    return {
        "rows": report.rows,
        "incidents": len(incidents),
        "receipts": len(receipts),
        "rejected": statuses["rejected"],
        "notes": len(report.notes),
        "by_strand": _counted(strand for one in incidents for strand in one["strands"]),
        "by_target": _counted(target for one in incidents for target in one["perceived_target"]),
        "by_area": _counted(one["ward"] or "unknown" for one in incidents),
        "by_month": _counted(f"{one['occurred']['from']:%Y-%m}" for one in incidents),
        "signals": _counted(signal["colour"] for signal in outputs.signals.values()),
    }


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))


def _differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    return [name for name, value in second.items() if first[name] != value]


def _told(figures: Mapping[str, Any]) -> str:
    lines = []
    for name, value in figures.items():
        if isinstance(value, dict):
            lines.append(f"{name.replace('_', ' ')}:")
            lines += [f"  {key:<28} {count:>6}" for key, count in value.items()]
        else:
            lines.append(f"{name.replace('_', ' '):<30} {value}")
    return "\n".join(lines) + "\n"


def stay(hub: EmbeddedHub) -> None:
    """Leave a hub running until Ctrl-C."""
    _say(f"the hub stays up at {hub.settings.public_url}/; Ctrl-C stops it")
    try:
        while True:
            time.sleep(1)
            hub.check()
    except KeyboardInterrupt:
        return


def _say(text: str) -> None:
    sys.stderr.write(f"  {text} …\n")


def _silent(_text: str) -> None:
    return
