"""The release gate's time beside a bare call of the same policy engine, in turns.

The record is one alert about a repeat victim, released with the victim's name: decision, ledger
entry on disk, unsealing and minimisation included; the database's part is measured too.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from concord.scenario import generate
from concord.settings import Settings
from concord.stack.serve import make_engine
from processors.intake.inbound import Inbound
from processors.intake.intake import Intake
from schemas import codec
from schemas.identifiers import mention_id
from schemas.keyring import Keyring
from schemas.records import Alert, HubIncident
from schemas.registry import ShippedSchemaIds
from schemas.topics import topic_for
from sharing_api.release import Asker, Gate, Release
from sharing_api.release.question import Question, facts
from sharing_api.release.subjects import alert_subject
from sharing_api.store.engine import make_engine as open_store
from sharing_api.store.engine import make_sessions
from sharing_api.store.ledger import Ledger
from sharing_api.store.migrate import upgrade

ASKER = Asker("bench", "hallowby-council", "council", "cmarac-coordinator", "bpss")
PURPOSE = "cmarac-case"


def run(requests: int) -> dict[str, object]:
    """Measure; gives milliseconds and ratios."""
    with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder:
        return asyncio.run(_measure(requests, Path(folder)))


async def _measure(requests: int, folder: Path) -> dict[str, object]:
    keyring = Keyring.create(folder / "keys")
    settings = Settings()
    url = settings.database_url or f"sqlite:///{folder / 'store.sqlite'}"
    async with AsyncExitStack() as stack:
        engine: Any = make_engine(settings)
        if hasattr(engine, "__aenter__"):
            engine = await stack.enter_async_context(engine)
        store = open_store(url)
        stack.push_async_callback(store.dispose)
        await upgrade(store)
        ledger = Ledger(make_sessions(store))
        gate = Gate(engine, ledger, keyring.release_opener(), keyring.pseudonyms)
        subject = alert_subject(*_alert(keyring))
        question = Question.of(ASKER, PURPOSE, "benchmark", None, datetime.now(UTC))
        document = question.about(facts(subject), subject.id)

        async def gated() -> None:
            answer = await gate.release(ASKER, PURPOSE, subject, justification="benchmark")
            if not isinstance(answer, Release):
                raise TypeError(f"the gate refused: {answer.reasons}")

        async def bare() -> None:
            await engine.decide(document)

        for _ in range(20):
            await gated()
            await bare()
        ours, base = await _in_turns(gated, bare, requests)
    return {
        "requests": requests,
        "engine": "opa" if settings.opa_url else "embedded",
        "store": "postgresql" if "postgresql" in url else "sqlite",
        "p50_ms": quantile(ours, 0.50),
        "p99_ms": quantile(ours, 0.99),
        "baseline_p50_ms": quantile(base, 0.50),
        "baseline_p99_ms": quantile(base, 0.99),
        "ratio_p50": quantile(ours, 0.50) / quantile(base, 0.50),
        "ratio_p99": quantile(ours, 0.99) / quantile(base, 0.99),
    }


async def _in_turns(
    first: Callable[[], Awaitable[None]], second: Callable[[], Awaitable[None]], count: int
) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(count):
        for call, into in zip((first, second), times, strict=True):
            began = time.perf_counter()
            await call()
            into.append((time.perf_counter() - began) * 1000)
    return times


def quantile(values: list[float], share: float) -> float:
    """Give the value below which `share` of the values lie."""
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


def _alert(keyring: Keyring) -> tuple[Alert, list[HubIncident]]:
    """Two incidents with one consenting victim, through the real intake, and their alert."""
    scenario = generate(200, 1)
    intake = Intake.from_keyring(keyring, ShippedSchemaIds())
    from concord.agencies import new_key, new_row  # noqa: PLC0415

    now = datetime.now(UTC)
    for agency in scenario.agencies:
        key, _pem = new_key(agency.id, 1, now)
        intake.agencies[agency.id] = new_row(agency.id, agency.name, agency.type, key, now)
    found: list[HubIncident] = []
    for number, value in enumerate(scenario.incidents()):
        if value["kind"] != "crime" or value["handling"]["code"] != "P":
            continue
        value["consent"] = {"state": "given", "scope": ["any"]}
        body = codec.encode("incident.v1", codec.complete("incident.v1", value))
        schema_id = ShippedSchemaIds().id_of("incident.v1")
        topic = topic_for("incident", value["agency"])
        inbound = Inbound(
            topic, 0, number, value["reference"].encode(), codec.frame(schema_id, body), [], now
        )
        incident = intake.take(inbound).incident
        if incident is not None and any(p["role"] == "victim" for p in incident["persons"]):
            found.append(incident)
        if len(found) == 2:
            break
    return _alert_about(found), found


def _alert_about(incidents: list[HubIncident]) -> Alert:
    ids = sorted(incident["incident_id"] for incident in incidents)
    mentions = [
        mention_id(incident["incident_id"], person["position"])
        for incident in incidents
        for person in incident["persons"]
        if person["role"] == "victim"
    ]
    alert: Alert = {
        "alert_id": "alr_bench",
        "rule": "repeat-victim",
        "rules_version": "bench",
        "entity_id": "ent_bench",
        "entity_kind": "person",
        "status": "raised",
        "heir": None,
        "level": "medium",
        "since": incidents[0]["occurred"]["from"],
        "until": incidents[1]["occurred"]["from"],
        "incidents": 2,
        "agencies": sorted({incident["agency"] for incident in incidents}),
        "strands": ["race"],
        "districts": [],
        "incident_ids": ids,
        "mention_ids": sorted(mentions),
        "score": None,
        "score_upper": 50,
        "items_unknown": [],
        "reasons": [],
        "links": [],
        "possible": [],
        "households": [],
    }
    return alert
