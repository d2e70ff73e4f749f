"""What a worker shows of itself: counts and positions, never an identity."""

from __future__ import annotations

from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, start_http_server

TAKEN = Counter("concord_taken_total", "Events taken in, by outcome.", ["agency", "status"])
PUBLISHED = Counter("concord_published_total", "Records written.", ["processor", "topic"])
UNSTAMPED = Counter(
    "concord_unstamped_total",
    "Messages passed over: somebody else than the hub wrote them.",
    ["topic"],
)
POSITION = Gauge(
    "concord_position",
    "Offset up to which a processor has read and published.",
    ["processor", "topic", "partition"],
)

RECOVERY_SECONDS = Gauge(
    "concord_recovery_seconds",
    "What the last start took, by phase: memory, replay, output, publish.",
    ["processor", "phase"],
)
RECOVERY_RECORDS = Gauge(
    "concord_recovery_records", "Records read so far by the last start.", ["processor", "phase"]
)
RECOVERY_EXPECTED = Gauge(
    "concord_recovery_expected_records",
    "Records that the last start had to read at most.",
    ["processor", "phase"],
)


def serve(
    port: int, host: str = "127.0.0.1", registry: CollectorRegistry = REGISTRY
) -> tuple[Any, Any] | None:
    """Show a registry's metrics at host and port; port 0 shows them nowhere.

    Gives the server and its thread, so that they can be stopped.
    """
    if not port:
        return None
    return start_http_server(port, addr=host, registry=registry)
