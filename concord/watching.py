"""The demo's last part: something builds up, a monitor sets the level, subscribers receive both.

Everything goes the ordinary way: partners publish, the hub judges, people and systems ask the API.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from concord import build_up
from concord.askers import Client, Person
from concord.county_map import drawn
from concord.scenario import Scenario
from concord.session import Session
from concord.subscribers import Listener, Receiver
from sharing_api.webhooks import signing

PURPOSE: Final = "tension-monitoring"
MONITOR = Person("Tension monitor", "bracken-police", "police", "tension-monitor", PURPOSE)
_LISTENS = Person("Tension monitor", "beacon-monitor", "monitor", "tension-monitor", PURPOSE)
_CALLED = Person("Tension monitor", "hallowby-council", "council", "tension-monitor", PURPOSE)
_REASON: Final = (
    "Three agencies in one week, two wards next to each other, one report seen by police."
)
_SECONDS: Final = 60.0


class StepFailed(Exception):
    """A step of the demo did not do what it shows; the message says which, and what came."""


def needed(answer: httpx.Response, what: str) -> Any:
    """The body of an answer that must be a success. Raises StepFailed."""
    if not answer.is_success:
        raise StepFailed(f"{what}: the API answered {answer.status_code}")
    return answer.json()


def watch(session: Session, scenario: Scenario) -> dict[str, Any]:
    """Let it build up; gives what each of them saw. Raises StepFailed, NothingCame."""
    url = session.hub.settings.public_url
    monitor, receiver = Client(url, MONITOR), Receiver()
    try:
        listener = Listener(Client(url, _LISTENS), _last(url, _LISTENS))
        receiver.secret = _subscribed(url, receiver)
        return _watched(session, scenario, monitor, listener, receiver)
    finally:
        receiver.close()
        monitor.close()


def _watched(
    session: Session, scenario: Scenario, monitor: Client, listener: Listener, receiver: Receiver
) -> dict[str, Any]:
    events, began = build_up.reports(scenario), time.monotonic()
    asyncio.run(session.publish(events))
    first = listener.inbox.wait(_is_raised, "raised signal on the stream", _SECONDS)
    seconds = time.monotonic() - began
    asyncio.run(session.digested())
    signal = _standing(monitor, first["fields"]["signal_id"])
    features = needed(monitor.get("/v1/tension/feed", format="geojson", limit=500), "map")
    level = _set(monitor, signal)
    heard = [
        inbox.wait(_same(wanted), f"{what} at the {who}", _SECONDS)["sequence"]
        for inbox, who in ((listener.inbox, "stream"), (receiver.inbox, "webhook"))
        for wanted, what in ((signal, "signal"), (level["fields"], "level"))
    ]
    if receiver.refused:
        raise StepFailed(f"webhook: {receiver.refused} deliveries without a valid signature")
    return {
        "returns": len(events),
        "agencies": len({event.value["agency"] for event in events}),
        "district": build_up.district().name,
        "group": build_up.GROUP,
        "map": drawn(features["features"]),
        "signal": signal,
        "level": {**level["fields"], "ledger_reference": level["ledger_reference"]},
        "seconds_to_subscriber": round(seconds, 2),
        "stream_received": heard[:2],
        "webhook_received": heard[2:],
    }


def _last(url: str, person: Person) -> int:
    """The last number of somebody's feed: where to listen from."""
    client, last = Client(url, person), 0
    more = True
    while more:
        page = needed(client.get("/v1/tension/feed", after=last, limit=500), "feed")
        last, more = int(page["last"]), bool(page["more"])
    client.close()
    return last


def _subscribed(url: str, receiver: Receiver) -> bytes:
    """Subscribe the receiver; its secret."""
    client = Client(url, _CALLED)
    body = {"url": receiver.url, "after": _last(url, _CALLED)}
    made = needed(client.post("/v1/webhooks", body), "webhook")
    client.close()
    return base64.b64decode(str(made["secret"]).removeprefix(signing.PREFIX))


def _is_raised(change: Mapping[str, Any]) -> bool:
    fields = change["fields"]
    about = (fields.get("area"), fields.get("group"), fields.get("status"))
    return about == (build_up.district().code, build_up.GROUP, "raised")


def _same(wanted: Mapping[str, Any]) -> Any:
    """Whether a change is about a record as it stands."""
    names = ("signal_id", "level_id", "observed", "colour", "level")
    stands = {name: wanted[name] for name in names if name in wanted}
    return lambda change: stands.items() <= change["fields"].items()


def _standing(monitor: Client, signal_id: str) -> dict[str, Any]:
    """The signal as the monitor sees it once everything has been taken in."""
    listed = needed(
        monitor.get("/v1/tension/signals", area=build_up.district().code, limit=200), "signals"
    )
    for item in listed["items"]:
        if item["fields"].get("signal_id") == signal_id:
            return dict(item["fields"])
    raise StepFailed("signals: the list does not have the signal that the stream told of")


def _set(monitor: Client, signal: Mapping[str, Any]) -> dict[str, Any]:
    """Set the level that the machine proposes. Raises StepFailed."""
    today = datetime.now(UTC).date()
    body = {
        "area": signal["area"],
        "area_level": signal["area_level"],
        "strand": signal["strand"],
        "level": signal["proposed_level"],
        "reason": _REASON,
        "review_by": (today + timedelta(days=3)).isoformat(),
        "expires_on": (today + timedelta(days=14)).isoformat(),
    }
    made: dict[str, Any] = needed(monitor.post("/v1/tension/levels", body), "level")
    return made
