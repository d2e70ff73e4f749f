"""The port between the client and the ways to the hub."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any, Protocol

from producers.records import Event


class HubAwayError(Exception):
    """The hub does not answer now; what was to be sent should wait. The text says what failed."""


class HubRefusesError(Exception):
    """The hub answers and says no: wrong password, no right, too large. Waiting will not help."""


class Transport(Protocol):
    """A way to the hub. Every method raises HubAwayError or HubRefusesError."""

    async def start(self) -> None:
        """Connect."""

    async def stop(self) -> None:
        """Disconnect; never raises."""

    async def send(self, events: Sequence[Event]) -> None:
        """Return when the hub holds all of them, in this order for events of one reference.

        When it raises, some may have arrived: sending all of them again is harmless.
        """

    def receipts(self, *, follow: bool) -> AsyncGenerator[dict[str, Any], None]:
        """Give the agency's receipts, oldest first; with `follow` wait for more, for ever."""

    def notices(self, *, follow: bool) -> AsyncGenerator[dict[str, Any], None]:
        """Give the notices to the agency, as JSON of `notice.v1`; with `follow` likewise."""
