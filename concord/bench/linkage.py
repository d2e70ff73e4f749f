"""Speed and memory of the linkage engine, one record at a time, and how fast it comes back.

For each number of known records the engine is filled with a made-up population of that size, then
records of the same population are added one by one, each with all its consequences: candidates,
scores, components, clusters. Bytes are those that the arrays use; the process's memory stands
beside them. Recovery is of the largest number up to a million.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from concord.bench.population import MENTIONS, Population
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


def run(known: Sequence[int], seed: int = 7) -> dict[str, object]:
    """Measure; gives microseconds, records a second, bytes and seconds."""
    scorer = Scorer(load())
    tables = scorer.tables
    began = time.perf_counter()
    warm_up(tables)
    compiled = time.perf_counter() - began
    results: list[dict[str, object]] = []
    recovery: dict[str, object] = {}
    largest = max((each for each in known if each <= _RECOVERED), default=min(known))
    for number in known:
        population = Population(seed, max(1, round(number / MENTIONS)), scorer.row)
        engine = Engine(tables)
        filling = _fill(engine, population, number)
        if number == largest:
            recovery = _recovery(engine, population, number, filling)
        results.append({"known": number, **_one_by_one(engine, population, number)})
    return {
        "results": results,
        "recovery": recovery,
        "seed": seed,
        "compile_seconds": compiled,
        "splink": _splink(),
    }


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
    rows, _ = population.records(known, known + MEASURED)
    signs = [
        (int(high) << 32 | int(low)).to_bytes(8, "big")
        for high, low in _places(known, known + MEASURED)
    ]
    times = np.zeros(MEASURED)
    spent = time.process_time()
    for number, sign in enumerate(signs):
        began = time.perf_counter_ns()
        engine.insert(rows[number], sign)
        times[number] = time.perf_counter_ns() - began
    spent = time.process_time() - spent
    times /= 1000.0
    count = len(engine)
    return {
        "records_per_second": 1e6 / float(times.mean()),
        "p50_us": float(np.percentile(times, 50)),
        "p99_us": float(np.percentile(times, 99)),
        "p999_us": float(np.percentile(times, 99.9)),
        "max_us": float(times.max()),
        "bytes_per_record": sum(used(engine.memory).values()) / count,
        "bytes_by_part": {part: size / count for part, size in used(engine.memory).items()},
        "cpu_us": spent / MEASURED * 1e6,
        "resident_bytes": _resident(),
        "dead_keys": int(engine.dead_count()),
    }


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


def _splink() -> dict[str, Any]:
    """Splink's rate of prediction beside ours, where it is installed."""
    if find_spec("splink") is None:
        return {"installed": False}
    return {"installed": True, "note": "see `concord linkage evaluate --versus splink`"}
