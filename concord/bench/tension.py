"""Speed and memory of the tension rules: reports taken in one by one, sweeps over all series.

Beside them stands a bare loop in the same run that counts the same reports by series and day and
does nothing else: no versions, no origins, no weights, no method. All on one core.
"""

from __future__ import annotations

import gc
import os
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np

from processors.tension.rules import load
from processors.tension.state import TensionState

AREAS: Final = 700
STRANDS: Final = ("race", "religion", "sexual_orientation", "disability", "transgender", "other")
DAYS: Final = 1000
_END: Final = datetime(2026, 6, 30, 12, tzinfo=UTC)
_BATCH: Final = 50_000


def run(reports: int, seed: int = 7) -> dict[str, object]:
    """Measure; seconds, reports a second, bytes a report, milliseconds a sweep."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    state, bare = TensionState(load()), Counter[tuple[str, str, int]]()
    state.signals(_END)
    chance = np.random.default_rng(seed)
    gc.collect()
    before, growth = _resident(), []
    taking = counting = 0.0
    for first in range(0, reports, _BATCH):
        batch = _reports(chance, first, min(_BATCH, reports - first))
        began = time.process_time()
        for item in batch:
            state.apply(item)
        taking += time.process_time() - began
        began = time.process_time()
        _count(bare, batch)
        counting += time.process_time() - began
        growth.append({"reports": first + len(batch), "megabytes": _resident() - before})
    sweeps, signals = _sweeps(state)
    held = _resident() - before
    return {
        "reports": reports,
        "series": len(state.panel(_END.date(), frozenset())[1]),
        "reports_per_second": round(reports / taking),
        "bare_loop_per_second": round(reports / counting),
        "times_the_bare_loop": round(taking / counting, 1),
        "sweep_ms_median": round(float(np.median(sweeps)) * 1000, 1),
        "sweep_ms_longest": round(max(sweeps) * 1000, 1),
        "signals": signals,
        "megabytes": round(held),
        "bytes_per_report": round(held * 2**20 / reports),
        "growth": growth[:: max(1, len(growth) // 5)],
        "seed": seed,
    }


def _sweeps(state: TensionState) -> tuple[list[float], int]:
    """A day passes, and all series are judged; several times."""
    seconds, count = [], 0
    for day in range(1, 8):
        began = time.process_time()
        count = len(state.signals(_END + timedelta(days=day)))
        seconds.append(time.process_time() - began)
    return seconds, count


def _reports(chance: np.random.Generator, first: int, count: int) -> list[Any]:
    """Made-up items; wards are unevenly busy."""
    ward = (chance.random(count) ** 2 * AREAS).astype(int)
    strand = chance.choice(len(STRANDS), count, p=[0.66, 0.09, 0.12, 0.08, 0.03, 0.02])
    ago = chance.integers(0, DAYS, count)
    return [
        _item(first + number, int(ward[number]), STRANDS[strand[number]], int(ago[number]))
        for number in range(count)
    ]


def _item(number: int, ward: int, strand: str, ago: int) -> Any:
    at = _END - timedelta(days=ago)
    return {
        "item_id": f"ten_{number:08d}",
        "agency": f"agency-{number % 9}",
        "version": 1,
        "content_digest": number.to_bytes(8, "big"),
        "retracted": False,
        "source": "report",
        "observed_from": at,
        "recorded_at": at,
        "nil_return": False,
        "eep": "experienced",
        "category": "racial",
        "strands": [strand],
        "group_affected": None,
        "groups": [],
        "ward": f"W{ward:04d}",
        "district": f"D{ward // 50:02d}",
        "lsoa": None,
        "source_grade": 2,
        "intelligence_grade": "B",
        "origin_token": number.to_bytes(16, "big") if number % 10 == 0 else None,
        "weight_milli": 441,
    }


def _count(bare: Counter[tuple[str, str, int]], batch: list[Any]) -> None:
    for item in batch:
        day = item["observed_from"].toordinal()
        for area in ("county", item["district"], item["ward"]):
            for strand in ("all", *item["strands"]):
                bare[area, strand, day] += 1


def _resident() -> float:
    """Megabytes of this process."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - a kernel file
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
