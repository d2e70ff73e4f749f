"""The release gate's time beside a bare call of the same policy engine, in turns.

The record is one alert about a repeat victim, released with the victim's name: decision, ledger
entry, unsealing and minimisation included. Three things are measured in the same run: the bare
call, the gate with its ledger on disk, and the gate with a ledger that does everything but the
database's part (canonical entry, chain, tree). So it shows what the hub adds, and what the disk.

They are measured over a hub's own agreements and so many made-up ones: each between two agencies,
for the purposes of the partnership. An engine for each number of agreements runs all the time, and
all calls take turns (`concord.bench.turns`), so that a busy machine is as busy for each of them.
What does not depend on that at all is processor time, which is given beside.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from concord.agencies import new_key, new_row
from concord.bench import cpu
from concord.bench.opa import Asked, policy_engine
from concord.bench.turns import Call, Side, in_turns
from concord.scenario import generate
from concord.settings import Settings
from concord.stack import garbage
from policies import agreements as sharing_agreements
from policies.agreements import Agreement
from policies.bundle import assemble
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
from sharing_api.store.ledger_entries import GENESIS, Entered, LedgerEntry, chained
from sharing_api.store.ledger_references import reference, series_of
from sharing_api.store.migrate import upgrade

ASKER = Asker("bench", "hallowby-council", "council", "cmarac-coordinator", "bpss")
PURPOSE = "cmarac-case"
PERCENTILES: Final = {"p50": 0.50, "p99": 0.99}


class DisklessLedger:
    """Does all that an append does but for the database: what stands in the ratio without it."""

    def __init__(self) -> None:
        """Empty."""
        self._tree, self._previous = Growing(), GENESIS
        self._series: Counter[str] = Counter()

    async def append(self, entry: LedgerEntry) -> Entered:
        """Chain, hash, number and forget an entry."""
        row, content = chained(entry, self._tree.size + 1, self._previous)
        self._previous = row["hash"]
        for _ in self._tree.add(leaf_hash(content)):
            pass
        series = series_of(entry.agency, entry.actor, entry.key, entry.detail)
        self._series[series] += 1
        return Entered(self._tree.size, reference(series, self._series[series]))


@dataclass(frozen=True)
class Bench:
    """What stays the same over all measurements."""

    keyring: Keyring
    subject: Any
    document: dict[str, Any]
    ledger: Ledger


@dataclass(frozen=True)
class Over:
    """An engine that holds so many agreements."""

    agreements: list[Agreement]
    asked: Asked


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
    async with AsyncExitStack() as stack:
        store = open_store(url)
        stack.push_async_callback(store.dispose)
        await upgrade(store)
        bench = Bench(keyring, subject, document, Ledger(make_sessions(store)))
        overs = []
        for number in agreements:
            made = made_up(sharing_agreements.load(settings.agreements_dir), number)
            engine = policy_engine(opa, assemble(made), folder)
            overs.append(Over(made, await stack.enter_async_context(engine)))
        garbage.search_less()  # as the API does when it starts
        measured = [(each, await _rows(bench, overs, each, requests)) for each in clients]
    return {
        "requests": requests,
        "engine": overs[0].asked.kind,
        "store": "postgresql" if "postgresql" in url else "sqlite",
        "rows": [row for _, rows in measured for row in rows],
        "growth": [growth(each, rows) for each, rows in measured],
    }


async def _rows(
    bench: Bench, overs: Sequence[Over], clients: int, requests: int
) -> list[dict[str, Any]]:
    """Measure one number of clients over each number of agreements, all in turns."""
    calls = [call for over in overs for call in _calls(bench, over)]
    before = cpu.seconds(_pids(overs))
    sides = await in_turns(calls, clients, requests)
    after = cpu.seconds(_pids(overs))
    rows = []
    for number, over in enumerate(overs):
        mine = sides[3 * number : 3 * number + 3]
        row = {"agreements": len(over.agreements), "clients": clients, **compared(*mine)}
        name = str(number)
        if name in before and name in after:
            decisions = sum(side.count for side in mine)
            row["engine_processor_ms"] = (after[name] - before[name]) / decisions * 1000
        rows.append(row)
    return rows


def _pids(overs: Sequence[Over]) -> Mapping[str, int]:
    return {str(n): over.asked.pid for n, over in enumerate(overs) if over.asked.pid is not None}


def _calls(bench: Bench, over: Over) -> list[Call]:
    """The bare call; the gate without the database's part; the gate."""
    engine, keyring = over.asked.engine, bench.keyring

    async def bare() -> None:
        await engine.decide(bench.document)

    def gated(ledger: Any) -> Call:
        opener, names = keyring.release_opener(), keyring.pseudonyms
        gate = Gate(engine, ledger, opener, names, agreements=lambda: over.agreements)
        return _gated(gate, bench.subject)

    return [bare, gated(DisklessLedger()), gated(bench.ledger)]


def compared(base: Side, hashed: Side, whole: Side) -> dict[str, Any]:
    """Put three sides into figures: medians over the rounds, ratios with lowest and highest round.

    `whole` has a database, `hashed` none, `base` is the bare call.
    """
    figures: dict[str, Any] = {}
    for name, share in PERCENTILES.items():
        bottom, middle, top = (
            [quantile(r, share) for r in s.rounds] for s in (base, hashed, whole)
        )
        figures |= {
            f"baseline_{name}_ms": statistics.median(bottom),
            f"{name}_ms": statistics.median(top),
            f"{name}_ms_without_database": statistics.median(middle),
            **_ratio(f"ratio_{name}", top, bottom),
            **_ratio(f"ratio_{name}_without_database", middle, bottom),
        }
    return figures | {
        "baseline_processor_ms": base.processor_ms,
        "processor_ms": whole.processor_ms,
        "processor_ms_without_database": hashed.processor_ms,
    }


def _ratio(name: str, top: Sequence[float], bottom: Sequence[float]) -> dict[str, Any]:
    ratios = sorted(above / below for above, below in zip(top, bottom, strict=True))
    return {name: statistics.median(ratios), f"{name}_interval": [ratios[0], ratios[-1]]}


def growth(clients: int, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Tell what the most agreements cost more than the fewest: ratios of the gate's figures."""
    ordered = sorted(rows, key=lambda row: int(row["agreements"]))
    few, many = ordered[0], ordered[-1]
    names = ("p50_ms_without_database", "p99_ms_without_database", "processor_ms_without_database",
             "engine_processor_ms")  # fmt: skip
    found = {"clients": clients, "agreements": [few["agreements"], many["agreements"]]}
    return found | {name: many[name] / few[name] for name in names if few.get(name)}


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


def show(figures: dict[str, Any]) -> None:
    """Print a table."""
    print(f"{figures['requests']} requests each, {figures['engine']}, {figures['store']}")
    print("medians of rounds, lowest and highest round in brackets")
    print("agreements clients  bare p50   p99   gate p50    p99   ratio p50  p99  "
          "without database p50                p99")  # fmt: skip
    for row in figures["rows"]:
        print(
            f"{row['agreements']:>10} {row['clients']:>7}  "
            f"{row['baseline_p50_ms']:>8.2f} {row['baseline_p99_ms']:>5.2f}   "
            f"{row['p50_ms']:>8.2f} {row['p99_ms']:>6.2f}   "
            f"{row['ratio_p50']:>9.2f} {row['ratio_p99']:>4.2f}  "
            f"{_bracketed(row, 'ratio_p50_without_database'):>20} "
            f"{_bracketed(row, 'ratio_p99_without_database'):>18}"
        )
    for row in figures["growth"]:
        few, many = row["agreements"]
        told = {name: value for name, value in row.items() if isinstance(value, float)}
        said = ", ".join(f"{_NAMES.sub(' ', name)}{value:.2f}" for name, value in told.items())
        print(f"{row['clients']} clients, {many} agreements over {few}: {said}")


_NAMES: Final = re.compile(r"_without_database$|_ms(_without_database)?$|_")


def _bracketed(row: Mapping[str, Any], name: str) -> str:
    low, high = row[f"{name}_interval"]
    return f"{row[name]:.2f} [{low:.2f} {high:.2f}]"


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
