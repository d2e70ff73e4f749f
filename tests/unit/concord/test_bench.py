"""What the pipeline's benchmark measures with: shares of events, processor time, new alerts."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any

import pytest

from concord.bench import cpu
from concord.bench.pipeline import _AlertWatch, _shares


@pytest.mark.parametrize("count", [100, 2_000, 10_000])
def test_every_event_has_one_share(count: int) -> None:
    """Some warm up, most are the burst, the last are sent at a fixed rate; in their order."""
    messages: list[Any] = list(range(count))
    warm, burst, rest = _shares(messages)
    assert [*warm, *burst, *rest] == messages
    assert 0 < len(warm) < len(burst)
    assert 0 < len(rest) <= count / 2


def test_processor_time_is_that_of_the_process() -> None:
    """It only grows; a process that is gone is left out."""
    before = cpu.seconds({"this": os.getpid(), "gone": 2**22 + 1})
    assert before.keys() == {"this"}
    sum(range(2_000_000))
    assert cpu.seconds({"this": os.getpid()})["this"] >= before["this"] > 0


class FakeClient:
    """An API that lists alerts, newest first."""

    def __init__(self) -> None:
        """Without alerts."""
        self.alerts: list[dict[str, Any]] = []
        self.asked = 0

    def add(self, name: str, rule: str = "immediate-risk") -> None:
        """One more, about an incident of the same name."""
        self.alerts.insert(0, {"alert_id": name, "rule": rule, "incident_ids": [f"inc_{name}"]})

    def get(self, _path: str, *, limit: int, order: str, cursor: str = "0") -> Any:
        """One page."""
        assert order == "newest"
        self.asked += 1
        start = int(cursor)
        items = [{"fields": fields} for fields in self.alerts[start : start + limit]]
        further = str(start + limit) if start + limit < len(self.alerts) else None
        body = {"items": items, "next": further}
        return SimpleNamespace(raise_for_status=lambda: None, json=lambda: body)


def test_a_watch_reads_back_to_what_it_knows() -> None:
    """Over several pages if many came at once, and no further; other rules are passed over."""
    nothing: Any = None
    watch, client = _AlertWatch(nothing), FakeClient()
    api: Any = client
    for n in range(30):
        client.add(f"old{n}")
    assert watch._look(api)
    assert client.asked == 1
    watch.seen.clear()
    for n in range(15):
        client.add(f"new{n}", "immediate-risk" if n else "repeat-victim")
    assert watch._look(api)
    assert client.asked == 3
    assert watch.seen.keys() == {f"inc_new{n}" for n in range(1, 15)}
    assert not watch._look(api)
    assert client.asked == 4


def test_the_replay_benchmark_measures_both_sides() -> None:
    """Decisions of every kind, of which a draft changes some, beside a bare loop."""
    from concord.bench.replay import run

    figures: dict[str, Any] = run(300, 7)
    assert figures["decisions"] == 300
    assert 0 < figures["changed"] <= figures["decisions"]
    assert 0 < figures["asked"] < 300
    assert figures["ratio"] > 0
