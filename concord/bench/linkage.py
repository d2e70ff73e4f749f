"""Speed and memory of the linkage engine, one record at a time, and how fast it comes back.

For each number of known records the engine is filled with a made-up population of that size, then
records of the same population are added one by one, each with all its consequences: candidates,
scores, components, clusters. Rate and times are of single calls, as the worker makes them; beside
them stands the rate of records handed over together and taken in one after the other. Bytes are
those that the arrays use; the process's memory stands beside them. Recovery is of the largest
number up to a million, and the engine's alone: reading and opening the log is not in it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from concord.bench.beside_splink import beside
from concord.bench.population import MENTIONS, Population, namesakes, residents
from concord.stack import garbage
from processors.linkage.engine.engine import Engine, warm_up
from processors.linkage.engine.keeping import keep, kept
from processors.linkage.engine.survey import used
from processors.linkage.parameters import load
from processors.linkage.scoring import Scorer
from schemas.sealing import Opener, PrivateKey

MEASURED: Final = 20_000
"""Records added one by one at each number known."""
_RECOVERED: Final = 1_000_000
_BATCH: Final = 50_000


def run(known: Sequence[int], seed: int = 7, *, install: bool = False) -> dict[str, object]:
    """Measure; gives microseconds, records a second, bytes and seconds.

    `install` gets Splink, to stand beside, if it is not here.
    """
    scorer = Scorer(load())
    began = time.perf_counter()
    warm_up(scorer.tables)
    compiled = time.perf_counter() - began
    garbage.search_less()  # as the worker does when it starts
    results: list[dict[str, object]] = []
    recovery: dict[str, object] = {}
    largest = max((each for each in known if each <= _RECOVERED), default=min(known))
    for number in known:
        found, recovered = _at(number, seed, scorer, recover=number == largest)
        results.append(found)
        recovery = recovered or recovery
    return {
        "results": results,
        "recovery": recovery,
        "crowds": _crowds(scorer),
        "seed": seed,
        "compile_seconds": compiled,
        "splink": beside(seed, make=install),
    }


def _at(
    known: int, seed: int, scorer: Scorer, *, recover: bool
) -> tuple[dict[str, object], dict[str, object]]:
    """Measure with so many records known; and recovery of them. The engine is gone afterwards.

    The first record of an engine touches its memory, for which the system makes room first where
    another large one is still there: a worker has one.
    """
    population = Population(seed, max(1, round(known / MENTIONS)), scorer.row)
    engine = Engine(scorer.tables)
    filling = _fill(engine, population, known)
    recovery = _recovery(engine, population, known, filling) if recover else {}
    return {"known": known, **_one_by_one(engine, population, known)}, recovery


def _places(first: int, last: int) -> NDArray[np.int64]:
    """Places in the canonical order: any function of the record will do."""
    chance = np.random.default_rng(first)
    return chance.integers(0, 2**32, (last - first, 2))


def _fill(engine: Engine, population: Population, known: int) -> float:
    """Add the known records at once, as after a restart from the log; seconds of the engine."""
    seconds = 0.0
    for first in range(0, known, _BATCH):
        last = min(known, first + _BATCH)
        rows, _ = population.records(first, last)
        places = _places(first, last)
        began = time.perf_counter()
        engine.add_many(rows, places)
        seconds += time.perf_counter() - began
    began = time.perf_counter()
    engine.settle_only()
    engine.changed()
    engine.reflagged()
    return seconds + time.perf_counter() - began


def _one_by_one(engine: Engine, population: Population, known: int) -> dict[str, object]:
    rows, _ = population.records(known, known + 2 * MEASURED)
    places = _places(known, known + MEASURED)
    before, began = engine.candidates(), time.perf_counter()
    engine.insert_many(rows[:MEASURED], places)
    seconds = time.perf_counter() - began
    candidates = engine.candidates() - before
    spans = _inserted(engine, rows[MEASURED:], known + MEASURED)
    count = len(engine)
    return {
        "records_per_second": 1e6 / float(spans[0].mean()),
        "candidates_per_record": candidates / MEASURED,
        "handed_over_together_per_second": MEASURED / seconds,
        **_quantiles("", spans[0]),
        "bytes_per_record": sum(used(engine.memory).values()) / count,
        "bytes_by_part": {part: size / count for part, size in used(engine.memory).items()},
        "cpu_records_per_second": 1e6 / float(spans[1].mean()),
        **_quantiles("cpu_", spans[1]),
        "resident_bytes": _resident(),
        "dead_keys": engine.dead_count(),
    }


def _inserted(engine: Engine, rows: NDArray[np.uint32], first: int) -> NDArray[np.float64]:
    """Microseconds of each insertion, on the clock and on the processor.

    On a machine that does other things as well, the clock tells mostly of them.
    """
    signs = [
        (int(high) << 32 | int(low)).to_bytes(8, "big")
        for high, low in _places(first, first + len(rows))
    ]
    spans = np.zeros((2, len(rows)))
    for number, sign in enumerate(signs):
        spent, began = time.thread_time_ns(), time.perf_counter_ns()
        engine.insert(rows[number], sign)
        spans[0, number] = time.perf_counter_ns() - began
        spans[1, number] = time.thread_time_ns() - spent
    return spans / 1000.0


def _quantiles(prefix: str, times: NDArray[np.float64]) -> dict[str, float]:
    return {
        f"{prefix}p50_us": float(np.percentile(times, 50)),
        f"{prefix}p99_us": float(np.percentile(times, 99)),
        f"{prefix}p999_us": float(np.percentile(times, 99.9)),
        f"{prefix}max_us": float(times.max()),
    }


def _crowds(scorer: Scorer) -> dict[str, object]:
    """Crowds that share a name or an address: their keys die, and revive while they leave."""
    found: dict[str, object] = {}
    for name, rows in (
        ("namesakes", namesakes(scorer.row, 5_000)),
        ("hostel", residents(scorer.row, 3_000)),
    ):
        engine = Engine(scorer.tables)
        spans = _inserted(engine, rows, 0)
        listed = {each.kind: each.holders for each in engine.dead_keys()}
        leaving = np.zeros(len(rows))
        for slot in range(len(rows)):
            spent = time.thread_time_ns()
            engine.remove(slot)
            engine.settle_only()
            leaving[slot] = (time.thread_time_ns() - spent) / 1000.0
        found[name] = {
            "records": len(rows),
            "excluded": listed,
            **_quantiles("cpu_", spans[1]),
            "max_us": float(spans[0].max()),
            "removal_cpu_max_us": float(leaving.max()),
        }
    return found


def _recovery(
    engine: Engine, population: Population, known: int, from_log: float
) -> dict[str, object]:
    """Seconds to write and to read a sealed snapshot, and to link all rows anew."""
    private = PrivateKey.generate("bench")
    with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder:
        path = Path(folder) / "linkage.memory"
        began = time.perf_counter()
        size = keep(path, engine.dump(), private.public)
        written = time.perf_counter()
        again = Engine(Scorer(load()).tables)
        again.load(kept(path, Opener({"bench": private})))
        read = time.perf_counter()
    rows, _ = population.records(known, known + 1)
    again.insert(rows[0], bytes(8))
    return {
        "known": known,
        "snapshot_seconds": read - written,
        "snapshot_write_seconds": written - began,
        "snapshot_bytes": size,
        "log_seconds": from_log,
    }


def _resident() -> int:
    """Bytes of memory that the process has now, where the system tells."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf(
            "SC_PAGE_SIZE"
        )
    except OSError:
        return 0
