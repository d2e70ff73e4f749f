"""Positions are read from metrics as workers print them."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from concord.stack.digested import STAGES, positions
from processors.app import NAMES
from schemas.topics import TOPICS


def test_positions_are_read_as_they_are_printed() -> None:
    """Large ones too, which Prometheus prints with an exponent."""
    registry = CollectorRegistry()
    gauge = Gauge("concord_position", "x", ["processor", "topic", "partition"], registry=registry)
    gauge.labels("linkage", "hub.incident.v1", "3").set(17)
    gauge.labels("repeats", "hub.tick.v1", "0").set(12_000_000)
    assert positions(generate_latest(registry).decode()) == {
        ("linkage", "hub.incident.v1", 3): 17,
        ("repeats", "hub.tick.v1", 0): 12_000_000,
    }


def test_other_metrics_are_passed_over() -> None:
    """Comments and foreign gauges hold no position."""
    assert positions("# HELP concord_position x\nconcord_published_total 3.0\n\n") == {}


def test_stages_are_processors_and_topics_that_exist() -> None:
    """Or waiting would wait for ever."""
    for processor, topics in STAGES:
        assert processor in NAMES
        assert set(topics) <= set(TOPICS)
