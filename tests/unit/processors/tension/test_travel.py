"""Signals as they travel."""

from __future__ import annotations

from processors.tension.event import Place, Series
from processors.tension.rules import load
from processors.tension.signals import diff
from processors.tension.state import TensionState
from schemas import codec
from tests.unit.processors.tension.items import TODAY, history, item, report

QUIET = Series(Place("ward", "W9"), "disability")


def test_every_signal_fits_its_schema() -> None:
    """Raised, quiet and hushed ones survive Avro unchanged."""
    state = TensionState(load())
    for one in [*history(), *(report(f"r{n}", 1) for n in range(5)), item("x", 2)]:
        state.apply(one)
    found = state.signals(TODAY) + state.signals(TODAY, only=[QUIET])
    hushed = diff({one["signal_id"]: one for one in found}, [], whole=True)
    assert {one["status"] for one in [*found, *hushed]} >= {"raised", "quiet"}
    for signal in [*found, *hushed]:
        data = codec.encode("tension-signal.v1", dict(signal))
        assert codec.decode("tension-signal.v1", data) == signal
