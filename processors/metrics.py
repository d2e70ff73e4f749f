"""What a worker shows of itself: counts and positions, never an identity."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, start_http_server

TAKEN = Counter("concord_taken_total", "Events taken in, by outcome.", ["agency", "status"])
PUBLISHED = Counter("concord_published_total", "Records written.", ["processor", "topic"])
POSITION = Gauge(
    "concord_position",
    "Offset up to which a processor has read and published.",
    ["processor", "topic", "partition"],
)


def serve(port: int) -> None:
    """Show the metrics on a loopback port; 0 shows them nowhere."""
    if port:
        start_http_server(port, addr="127.0.0.1")
