"""How the projector is doing, for readiness and metrics; counts and topic names only."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Read by the API, written by the projector."""

    connected: bool = False
    caught_up: bool = False
    once_caught_up: bool = False
    lag: dict[str, int] = field(default_factory=dict)
    projected: int = 0
    unreadable: dict[str, int] = field(default_factory=dict)
    fault: str | None = None

    def failed(self, fault: str) -> None:
        """Hold the kind of failure; what is in the store is of unknown age from here on."""
        self.fault = fault
        self.caught_up = False
