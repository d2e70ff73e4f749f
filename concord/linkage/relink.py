"""`concord linkage relink`: has the running linkage worker link everything anew.

The worker reads its parameters again (CONCORD_LINKAGE_PARAMETERS_FILE, or those that come with the
code), links all it knows under them, in memory, and publishes what differs. What comes out depends
on incidents, decisions and parameters alone.
"""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime
from typing import Annotated

import httpx
import typer

from concord.linkage.asking import AWAY, Json, Reason, show
from concord.settings import Settings
from schemas.records import LinkReview

TOPIC = "hub.link-review.v1"
Metrics = Annotated[
    str | None,
    typer.Option("--metrics", help="The worker's metrics address, to follow the progress."),
]


def relink(
    reason: Reason = "asked for by the operator",
    metrics: Metrics = None,
    seconds: Annotated[float, typer.Option("--wait", min=0, help="Most seconds to wait.")] = 600.0,
    json_: Json = False,
) -> None:
    """Ask the linkage worker to link everything anew, with the parameters that it finds now."""
    settings = Settings.found()
    address = metrics or _own_metrics(settings)
    before = _figures(address) if address else {}
    asyncio.run(_ask(settings, reason))
    if not address:
        text = "asked; the worker's log and metrics tell the rest (name them with --metrics)"
        show({"asked": True, "done": None}, iter([text]), as_json=json_)
        return
    after = _followed(address, before.get("relinks", 0.0), seconds, quiet=json_)
    text = f"relinked {after['relinked']:,.0f} incidents"
    told = {"asked": True, "done": True, "records": int(after["relinked"])}
    show(told, iter([text]), as_json=json_)


def _own_metrics(settings: Settings) -> str | None:
    if not settings.metrics_port:
        return None
    return f"http://{settings.metrics_host}:{settings.metrics_port}/metrics"


def asked(reason: str, now: datetime) -> LinkReview:
    """The record that asks."""
    return LinkReview(
        left="",
        right="",
        decision="relink",
        by="operator",
        reason=reason,
        decided_at=now,
        agency="hub",
        purpose="operation",
        weight=0.0,
        evidence=[],
    )


async def _ask(settings: Settings, reason: str) -> None:
    from processors.publisher import Publisher  # noqa: PLC0415 - a Kafka client

    now = datetime.now(UTC)
    publisher = Publisher(
        settings.connection, settings.schema_ids(), settings.keyring, "/hub/operator"
    )
    await publisher.start()
    try:
        key = f"||{int(now.timestamp() * 1000)}|operator"
        await publisher.send(TOPIC, key, asked(reason, now))
        await publisher.flush()
    finally:
        await publisher.stop()


def _followed(address: str, relinks: float, seconds: float, *, quiet: bool) -> dict[str, float]:
    """Wait until one more relink is done, saying how far it is; ends the program if it is not."""
    deadline = time.monotonic() + seconds
    said = -1.0
    while time.monotonic() < deadline:
        found = _figures(address)
        if found.get("relinks", 0.0) > relinks:
            return found
        done = found.get("relinked", 0.0)
        if found.get("relinking") and done != said and not quiet:
            said = done
            sys.stderr.write(f"{done:,.0f} of {found.get('to_relink', 0.0):,.0f} incidents\n")
        time.sleep(0.5)
    sys.stderr.write("concord: the worker has not finished in time; it goes on\n")
    raise typer.Exit(AWAY)


_NAMES = {
    "concord_linkage_relinks_total": "relinks",
    "concord_linkage_relinking": "relinking",
    "concord_linkage_relinked_records": "relinked",
    "concord_linkage_relink_records": "to_relink",
}


def _figures(address: str) -> dict[str, float]:
    """The worker's figures about relinks. Ends the program where it does not answer."""
    from prometheus_client.parser import text_string_to_metric_families  # noqa: PLC0415

    try:
        answer = httpx.get(address, timeout=30)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        sys.stderr.write(f"concord: no metrics at {address} ({type(error).__name__})\n")
        raise typer.Exit(AWAY) from None
    return {
        _NAMES[sample.name]: sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name in _NAMES
    }
