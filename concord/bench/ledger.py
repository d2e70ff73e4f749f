"""Appends and proofs of the ledger as it grows, beside bare inserts into the same database.

An append is what the gate waits for: one entry with its inputs, committed to the disk. Batches are
what the hub's own audit does. The baseline inserts the same rows, one transaction each, into a
table that has no hash, tree or trigger. Proofs are made from the store and verified. How the rates
grow is their ratio from the smallest ledger to the largest; of appends also beside the inserts
that were made in between, since the machine may have been busier at one size than at another.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from concord.progress import counting
from concord.settings import Settings
from concord_verify import Checkpoint, continues, included
from sharing_api.evidence.merkle import leaf_hash
from sharing_api.release.keeping import AgreementTexts, Asked
from sharing_api.release.question import STRICTEST, Question
from sharing_api.store.direct import DirectWriter
from sharing_api.store.engine import make_engine, make_reading_sessions, make_sessions
from sharing_api.store.ledger import Ledger, LedgerEntry
from sharing_api.store.migrate import upgrade

SINGLE = 300
PROOFS = 200
BATCH = 500


def run(sizes: Sequence[int]) -> dict[str, Any]:
    """Grow a ledger to each of these sizes, and measure there."""
    with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder:
        return asyncio.run(_measure(sorted(sizes), Path(folder)))


async def _measure(sizes: Sequence[int], folder: Path) -> dict[str, Any]:
    url = Settings().database_url or f"sqlite:///{folder / 'store.sqlite'}"
    store = make_engine(url)
    await upgrade(store)
    ledger = Ledger(make_sessions(store), make_reading_sessions(store))
    bare = DirectWriter(store, "bare", synchronous="FULL")
    await bare.run(_bare_table)
    rows = []
    for size in sizes:
        grown = await _grow(ledger, size)
        rows.append({"entries": size, **grown, **await _at(ledger, bare)})
    await store.dispose()
    kind = "postgresql" if "postgresql" in url else "sqlite"
    return {"store": kind, "rows": rows, "growth": growth(rows)}


def growth(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Tell what became of each rate from the first size to the last: 1 is as fast as before."""
    first, last = rows[0], rows[-1]
    rates = {name: last[name] / first[name] for name in first if name != "entries" and first[name]}
    beside = rates["appends_per_second"] / rates["baseline_inserts_per_second"]
    return {**rates, "appends_beside_baseline": beside}


async def _grow(ledger: Ledger, size: int) -> dict[str, float]:
    """Append in batches up to a size."""
    there = await ledger.size()
    began, count = time.perf_counter(), max(0, size - there)
    with counting("entries") as told:
        for begin in range(there, size, BATCH):
            await ledger.append_all([_entry(n) for n in range(begin, min(size, begin + BATCH))])
            told(begin)
    return {"batched_appends_per_second": count / (time.perf_counter() - began)}


async def _at(ledger: Ledger, bare: DirectWriter) -> dict[str, float]:
    """Measure single appends, in turns with bare inserts, and proofs."""
    draw = random.Random(7)
    appends, inserts = 0.0, 0.0
    for number in range(SINGLE):
        appends += await _timed(partial(ledger.append, _entry(number)))
        inserts += await _timed(partial(bare.run, partial(_bare_insert, entry=_entry(number))))
    size = await ledger.size()
    root = await ledger.root(size)
    included_, continued = 0.0, 0.0
    for _ in range(PROOFS):
        number = draw.randint(1, size)
        began = time.perf_counter()
        proof = await ledger.inclusion(number, size)
        included_ += time.perf_counter() - began
        ((_, entry),) = await ledger.texts(number - 1, 1)
        if included(leaf_hash(entry), number - 1, size, proof) != root:
            raise ValueError(f"the proof of entry {number} does not hold")
        old = Checkpoint("", number, await ledger.root(number))
        began = time.perf_counter()
        proof = await ledger.consistency(number, size)
        continued += time.perf_counter() - began
        if not continues(old, Checkpoint("", size, root), proof):
            raise ValueError(f"the proof from {number} entries does not hold")
    return {
        "appends_per_second": SINGLE / appends,
        "baseline_inserts_per_second": SINGLE / inserts,
        "inclusion_proofs_per_second": PROOFS / included_,
        "consistency_proofs_per_second": PROOFS / continued,
    }


async def _timed(work: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


_ASKER = {
    "subject": "bench", "agency": "hallowby-council", "agency_type": "council",
    "role": "cmarac-coordinator", "vetting": "bpss", "relevant_authority": True,
    "competent_authority": False, "case_membership": [],
}  # fmt: skip
_NOBODY = Question(_ASKER, "cmarac-case", "benchmark", 20_000, {"flag": False})


def _entry(number: int) -> LedgerEntry:
    """An entry as the gate makes it, with inputs."""
    from policies.bundle import canonical  # noqa: PLC0415
    from policies.engine import Decision  # noqa: PLC0415

    asked = Asked(_NOBODY)
    decision = Decision(permit=True, covered=True, fields={"level": "release"})
    asked.add(canonical(dict(STRICTEST)).decode(), f"alt_{number}", decision)
    inputs = asked.inputs(AgreementTexts(tuple), "bench")
    return LedgerEntry(
        "disclosure", "bench", "hallowby-council", "cmarac-case", "benchmark",
        input_digest=inputs.digest if inputs else None, agreement="cmarac-partnership@1",
        policy_revision="bench", record_ids=(f"alt_{number}",), fields=("level",),
        reasons=("agreement-permits",), inputs=inputs,
    )  # fmt: skip


def _bare_table(connection: Connection) -> None:
    connection.execute(text("DROP TABLE IF EXISTS bench_bare"))
    connection.execute(text("CREATE TABLE bench_bare (entry TEXT, inputs TEXT)"))


def _bare_insert(connection: Connection, entry: LedgerEntry) -> None:
    row = {"entry": repr(entry.record_ids), "inputs": entry.inputs.content if entry.inputs else ""}
    connection.execute(text("INSERT INTO bench_bare VALUES (:entry, :inputs)"), row)


def show(figures: dict[str, Any]) -> None:
    """Print a table of rates per second."""
    names = [name for name in figures["rows"][0] if name != "entries"]
    print(f"per second, {figures['store']}")
    print("   entries  " + "  ".join(name.removesuffix("_per_second") for name in names))
    for row in figures["rows"]:
        print(f"{row['entries']:>10,}  " + "  ".join(
            f"{row[name]:>{len(name.removesuffix('_per_second'))},.0f}" for name in names
        ))  # fmt: skip
    said = (
        f"{name.removesuffix('_per_second').replace('_', ' ')} {x:.2f}"
        for name, x in figures["growth"].items()
    )
    print(f"rates at the largest over those at the smallest: {', '.join(said)}")
