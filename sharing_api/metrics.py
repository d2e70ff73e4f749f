"""What an operator may count: requests, decisions, lag; no identities, record ids or agencies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from sharing_api.projector.progress import Progress

BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30)


class Metrics:
    """One registry for each app, so that two apps in a process do not add up."""

    def __init__(self, progress: Progress) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "concord_http_request_seconds",
            "Time to answer, by route template.",
            ["method", "route", "status"],
            registry=self.registry,
            buckets=BUCKETS,
        )
        self.decisions = Counter(
            "concord_decisions",
            "Decisions of the release gate: permit, or refuse with its reason.",
            ["kind", "decision", "reason"],
            registry=self.registry,
        )
        self.gate_closed = Counter(
            "concord_gate_closed",
            "Requests that met a closed gate, by the missing part.",
            ["part"],
            registry=self.registry,
        )
        self.events = Counter(
            "concord_events_received",
            "Events taken in over HTTP.",
            ["fate"],
            registry=self.registry,
        )
        self.agreements_left_out = Gauge(
            "concord_agreements_left_out",
            "Agreement files that cannot be used: what they agree on is refused.",
            registry=self.registry,
        )
        self.registry.register(_ProjectorCollector(progress))

    def permitted(self, kind: str, count: int = 1) -> None:
        """Count releases."""
        self.decisions.labels(kind, "permit", "").inc(count)

    def refused(self, kind: str, reasons: Iterable[str]) -> None:
        """Count a refusal under each of its reasons."""
        for reason in reasons:
            self.decisions.labels(kind, "refuse", reason).inc()

    def exposition(self) -> bytes:
        """Prometheus text format."""
        return generate_latest(self.registry)


class _ProjectorCollector(Collector):
    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def collect(self) -> Iterable[Any]:
        """Projector's figures at this moment; receipts of all agencies are one line."""
        lag = GaugeMetricFamily(
            "concord_projector_lag", "Messages not yet in the store.", labels=["topic"]
        )
        sums: dict[str, int] = {}
        for topic, behind in self._progress.lag.items():
            name = topic if topic.startswith("hub.") else "agency.*"
            sums[name] = sums.get(name, 0) + behind
        for name, behind in sorted(sums.items()):
            lag.add_metric([name], behind)
        yield lag
        yield GaugeMetricFamily(
            "concord_projector_caught_up",
            "1 when nothing is outstanding.",
            value=int(self._progress.caught_up),
        )
        yield GaugeMetricFamily(
            "concord_projector_messages",
            "Messages projected since start.",
            value=self._progress.projected,
        )
        yield GaugeMetricFamily(
            "concord_projector_unreadable",
            "Messages passed over since start.",
            value=sum(self._progress.unreadable.values()),
        )
