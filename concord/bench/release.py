"""The release gate's time beside a bare call of the same policy engine, in turns.

The record is one alert about a repeat victim, released with the victim's name: decision, ledger
entry, unsealing and minimisation included. Three things are measured in the same run: the bare
call, the gate with its ledger on disk, and the gate with a ledger that does everything but the
database's part (canonical entry, chain, tree). So it shows what the hub adds, and what the disk.

Clients ask at the same time and without pause, over a hub's own agreements and so many made-up
ones: each between two agencies, for the purposes of the partnership.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from concord.agencies import new_key, new_row
from concord.bench.opa import policy_engine
from concord.scenario import generate
from concord.settings import Settings
from policies import agreements as sharing_agreements
from policies.agreements import Agreement
from policies.bundle import assemble
from policies.engine import PolicyEngine
from processors.intake.inbound import Inbound
from processors.intake.intake import Intake
from schemas import codec
from schemas.identifiers import mention_id
from schemas.keyring import Keyring
from schemas.records import Alert, HubIncident
from schemas.registry import ShippedSchemaIds
from schemas.topics import topic_for
from sharing_api.evidence.merkle import Growing, leaf_hash
from sharing_api.release import Asker, Gate, Release
from sharing_api.release.question import Question, facts
from sharing_api.release.subjects import alert_subject
from sharing_api.store.engine import make_engine as open_store
from sharing_api.store.engine import make_sessions
from sharing_api.store.ledger import Ledger
from sharing_api.store.ledger_entries import GENESIS, LedgerEntry, chained, entry_bytes
from sharing_api.store.migrate import upgrade

ASKER = Asker("bench", "hallowby-council", "council", "cmarac-coordinator", "bpss")
PURPOSE = "cmarac-case"
WARM = 20
Call = Callable[[], Awaitable[None]]


class DisklessLedger:
    """Does all that an append does but for the database: what stands in the ratio without it."""

    def __init__(self) -> None:
        """Empty."""
        self._tree, self._previous = Growing(), GENESIS

    async def append(self, entry: LedgerEntry) -> int:
        """Chain, hash and forget an entry."""
        row = chained(entry, self._tree.size + 1, self._previous)
        self._previous = row["hash"]
        for _ in self._tree.add(leaf_hash(entry_bytes(row))):
            pass
        return self._tree.size


@dataclass(frozen=True)
class Bench:
    """What stays the same over all measurements."""

    settings: Settings
    folder: Path
    url: str
    keyring: Keyring
    subject: Any
    document: dict[str, Any]


def run(
    requests: int, clients: Sequence[int], agreements: Sequence[int], opa: str | None
) -> dict[str, Any]:
    """Measure each number of clients over each number of agreements; milliseconds and ratios."""
    with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder:
        return asyncio.run(_measure(Path(folder), requests, clients, agreements, opa))


async def _measure(
    folder: Path, requests: int, clients: Sequence[int], agreements: Sequence[int], opa: str | None
) -> dict[str, Any]:
    settings, keyring = Settings(), Keyring.create(folder / "keys")
    url = settings.database_url or f"sqlite:///{folder / 'store.sqlite'}"
    subject = alert_subject(*_alert(keyring))
    question = Question.of(ASKER, PURPOSE, "benchmark", None, datetime.now(UTC))
    document = question.about(facts(subject), subject.id)
    bench = Bench(settings, folder, url, keyring, subject, document)
    rows: list[dict[str, Any]] = []
    kind = ""
    for number in agreements:
        made = made_up(sharing_agreements.load(settings.agreements_dir), number)
        async with policy_engine(opa, assemble(made), folder) as (engine, found):
            kind = found
            rows += [
                {"agreements": len(made), **await _row(bench, engine, made, each, requests)}
                for each in clients
            ]
    store = "postgresql" if "postgresql" in url else "sqlite"
    return {"requests": requests, "engine": kind, "store": store, "rows": rows}


async def _row(
    bench: Bench, engine: PolicyEngine, made: list[Agreement], clients: int, requests: int
) -> dict[str, Any]:
    """Measure one number of clients: bare, without the database, and with it."""
    async with AsyncExitStack() as stack:
        store = open_store(bench.url)
        stack.push_async_callback(store.dispose)
        await upgrade(store)
        ledgers = (DisklessLedger(), Ledger(make_sessions(store)))
        keyring = bench.keyring

        def gate(ledger: Any) -> Gate:
            opener, names = keyring.release_opener(), keyring.pseudonyms
            return Gate(engine, ledger, opener, names, agreements=lambda: made)

        async def bare() -> None:
            await engine.decide(bench.document)

        calls = [bare, *(_gated(gate(ledger), bench.subject) for ledger in ledgers)]
        times = await _in_turns(calls, clients, requests)
    base, hashed, whole = times
    figures: dict[str, Any] = {"clients": clients}
    for name, share in (("p50", 0.50), ("p99", 0.99)):
        bottom = quantile(base, share)
        figures |= {
            f"baseline_{name}_ms": bottom,
            f"{name}_ms": quantile(whole, share),
            f"ratio_{name}": quantile(whole, share) / bottom,
            f"ratio_{name}_without_database": quantile(hashed, share) / bottom,
        }
    return figures


def _gated(gate: Gate, subject: Any) -> Call:
    async def gated() -> None:
        answer = await gate.release(ASKER, PURPOSE, subject, justification="benchmark")
        if not isinstance(answer, Release):
            raise TypeError(f"the gate refused: {answer.reasons}")

    return gated


def made_up(real: Sequence[Agreement], count: int) -> list[Agreement]:
    """Give these agreements and as many made-up ones as make `count`: of two agencies each."""
    made = list(real)
    for number in range(count - len(made)):
        pattern = real[number % len(real)]
        parties = [f"agency-{number}", f"agency-{number + 1}"]
        clauses = [
            {**clause, "recipients": {**clause["recipients"], "agencies": parties}}
            for clause in pattern["clauses"]
        ]
        made.append({**pattern, "id": f"bilateral-{number}", "clauses": clauses})
    return made


async def _in_turns(calls: Sequence[Call], clients: int, count: int) -> list[list[float]]:
    """Let so many clients ask at once, the calls in turns; gives milliseconds for each call."""
    times: list[list[float]] = [[] for _ in calls]

    async def client(call: Call, into: list[float], each: int) -> None:
        for _ in range(each):
            began = time.perf_counter()
            await call()
            into.append((time.perf_counter() - began) * 1000)

    for turn in range(WARM + max(1, count // (10 * clients))):
        for call, into in zip(calls, times, strict=True):
            kept = into if turn >= WARM else []
            await asyncio.gather(
                *(client(call, kept, 1 if turn < WARM else 10) for _ in range(clients))
            )
    return times


def show(figures: dict[str, Any]) -> None:
    """Print a table."""
    print(f"{figures['requests']} requests each, {figures['engine']}, {figures['store']}")
    print("agreements clients  bare p50   p99   gate p50    p99   ratio p50  p99  "
          "without database p50  p99")  # fmt: skip
    for row in figures["rows"]:
        print(
            f"{row['agreements']:>10} {row['clients']:>7}  "
            f"{row['baseline_p50_ms']:>8.2f} {row['baseline_p99_ms']:>5.2f}   "
            f"{row['p50_ms']:>8.2f} {row['p99_ms']:>6.2f}   "
            f"{row['ratio_p50']:>9.2f} {row['ratio_p99']:>4.2f}  "
            f"{row['ratio_p50_without_database']:>20.2f} {row['ratio_p99_without_database']:>4.2f}"
        )


def quantile(values: list[float], share: float) -> float:
    """Give the value below which `share` of the values lie."""
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=1000, method="inclusive")[round(share * 1000) - 1]


def _alert(keyring: Keyring) -> tuple[Alert, list[HubIncident]]:
    """Two incidents with one consenting victim, through the real intake, and their alert."""
    scenario = generate(200, 1)
    intake = Intake.from_keyring(keyring, ShippedSchemaIds())
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
