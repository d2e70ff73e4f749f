"""The whole pipeline beside a bare Faust agent on the same broker, and publish to visible alert.

Throughput: the same made-up events, encoded and signed beforehand, are sent as fast as the broker
takes them; the clock runs from the first send until receipts, entities, alerts and store have
everything. The clock of the log stands at the end of the story, as on a hub that runs. The baseline
reads as many messages of the same bytes, updates a Faust table and sends
one message each. Latency: events arrive at a fixed rate, and for those that raise an immediate
alert the time until the API lists it is taken. Events a second depend on what else the machine
does; processor time for each event, by part of the hub, depends on it less.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any

from concord.askers import Client, Person
from concord.bench import cpu
from concord.bench.release import quantile
from concord.broker import Broker
from concord.scenario import generate
from concord.session import Message, Session
from concord.settings import Settings
from concord.stack.embedded import EmbeddedHub
from concord.stack.local import LocalHub
from schemas.topics import Topic

RATE = 100
"""Events a second while latency is measured."""
LATENCY_SECONDS = 15
WARM = 1_000
"""Events before the clock runs at most: broker and workers compile and fill caches."""
_PAGE = 10
_POLL_SECONDS = 0.05
_RULE = "immediate-risk"
_WORKERS = (("intake",), ("linkage", "repeats", "tension"))
_COORDINATOR = Person(
    "coordinator", "hallowby-council", "council", "cmarac-coordinator", "cmarac-case"
)


def run(events: int, seed: int) -> dict[str, object]:
    """Measure on the configured broker, or on the embedded one."""
    settings = Settings()
    values = settings.given()
    kind = LocalHub if settings.kafka_bootstrap else EmbeddedHub
    with kind(values, workers=_WORKERS) as hub:
        figures = asyncio.run(_measure(hub, events, seed))
    return {"broker": "configured" if settings.kafka_bootstrap else "embedded", **figures}


async def _measure(hub: LocalHub, events: int, seed: int) -> dict[str, object]:
    scenario = generate(events, seed)
    session = Session(hub)
    await session.add_agencies((a.id, a.name, a.type) for a in scenario.agencies)
    messages = [session.message(event.record, event.value) for event in scenario.events]
    warm, burst, rest = _shares(messages)
    await session.tick(datetime.combine(scenario.until, datetime.max.time(), UTC))
    await session.send(warm)
    await session.taken(len(warm))
    await session.digested()
    used = cpu.seconds(hub.pids())
    began = time.perf_counter()
    await session.send(burst)
    await session.taken(len(warm) + len(burst))
    taken = time.perf_counter()
    await session.digested()
    seconds = time.perf_counter() - began
    used = {name: after - used[name] for name, after in cpu.seconds(hub.pids()).items()}
    latencies = await _latency(hub, session, rest)
    bare = await asyncio.to_thread(_bare, hub, burst)
    rate, base = len(burst) / seconds, len(burst) / bare
    return {
        "events": len(burst),
        "events_per_second": rate,
        "receipts_per_second": len(burst) / (taken - began),
        "baseline_events_per_second": base,
        "ratio": rate / base,
        "cpu_ms_per_event": {name: 1000 * each / len(burst) for name, each in used.items()},
        "latency_ms": {
            "rate_per_second": RATE,
            "alerts": len(latencies),
            "p50": quantile(latencies, 0.5) if latencies else None,
            "p99": quantile(latencies, 0.99) if latencies else None,
        },
    }


def _shares(messages: list[Message]) -> tuple[list[Message], list[Message], list[Message]]:
    """What warms up, what is timed as a burst, what is sent at a fixed rate."""
    paced = min(RATE * LATENCY_SECONDS, len(messages) // 2)
    burst, rest = messages[:-paced], messages[-paced:]
    warm = min(WARM, len(burst) // 4)
    return burst[:warm], burst[warm:], rest


class _AlertWatch:
    """Asks the API for its newest alerts, over and over, and notes when each incident shows."""

    def __init__(self, hub: LocalHub) -> None:
        self.seen: dict[str, float] = {}
        self.finished = threading.Event()
        self._known: set[str] = set()
        self._hub = hub

    def run(self) -> None:
        """Poll until told to finish and nothing new has come for two seconds."""
        client = Client(self._hub.settings.public_url, _COORDINATOR)
        self._look(client)
        self.seen.clear()
        changed = time.perf_counter()
        while not (self.finished.is_set() and time.perf_counter() - changed > 2):
            if self._look(client):
                changed = time.perf_counter()
            time.sleep(_POLL_SECONDS)
        client.close()

    def _look(self, client: Client) -> bool:
        """Read from the newest alert back to the first one that is known; tell if any is new."""
        cursor: dict[str, str] = {}
        found = False
        while True:
            page = client.get("/v1/alerts", limit=_PAGE, order="newest", **cursor)
            page.raise_for_status()
            body, now = page.json(), time.perf_counter()
            new = [item for item in body["items"] if item["fields"]["alert_id"] not in self._known]
            for item in new:
                self._note(item, now)
            found |= bool(new)
            if len(new) < len(body["items"]) or not body["next"] or not self._known:
                self._known |= {item["fields"]["alert_id"] for item in body["items"]}
                return found
            self._known |= {item["fields"]["alert_id"] for item in new}
            cursor = {"cursor": body["next"]}

    def _note(self, item: dict[str, Any], now: float) -> None:
        if item["fields"]["rule"] == _RULE:
            for incident in item["fields"]["incident_ids"]:
                self.seen.setdefault(incident, now)


async def _latency(hub: LocalHub, session: Session, messages: list[Message]) -> list[float]:
    """Send at the fixed rate; time each new immediate alert from its event to the API's list."""
    sent: dict[str, float] = {}
    incident_id = hub.settings.keyring.pseudonyms.incident_id
    watch = _AlertWatch(hub)
    watching = asyncio.get_running_loop().run_in_executor(None, watch.run)
    await asyncio.sleep(1.0)
    began = time.perf_counter()
    for start in range(0, len(messages), 10):
        await asyncio.sleep(max(0.0, began + start / RATE - time.perf_counter()))
        chunk = messages[start : start + 10]
        now = time.perf_counter()
        for message in chunk:
            sent[incident_id(message.topic.split(".")[1], message.key.decode())] = now
        await session.send(chunk)
    watch.finished.set()
    await watching
    seen = watch.seen
    return [
        (seen[one] - moment) * 1000
        for one, moment in sent.items()
        if one in seen and seen[one] >= moment  # an earlier version of an incident stood before
    ]


def _bare(hub: LocalHub, messages: list[Message]) -> float:
    stamp = datetime.now(UTC).strftime("%H%M%S%f")
    names = [f"hub.bench-in-{stamp}", f"hub.bench-out-{stamp}"]
    table = f"hub.bare-{names[0]}-seen-changelog"
    topics = [Topic(name, "tick.v1", "", 1, "delete", 3600, (), ()) for name in [*names, table]]
    with Broker(hub.settings.admin_connection) as broker:
        broker.ensure_topics(topics)
    again = [Message(names[0], m.key, m.value, m.headers) for m in messages]
    asyncio.run(Session(hub).send(again))
    done = subprocess.run(
        [sys.executable, "-m", "concord.bench.bare", *names, str(len(again))],
        env=hub.environment | {"PATH": ""},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode or not done.stdout.strip():
        raise RuntimeError(f"the baseline failed: {done.stderr[-500:]}")
    return float(done.stdout.split()[-1])
