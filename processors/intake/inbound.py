"""What goes into intake and what comes out of it: one message, one outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from schemas.envelope import Header
from schemas.records import AuditEntry, DeadLetter, HubIncident, Receipt, TensionItem


def received_at(seconds: float | None, now: datetime) -> datetime:
    """When the log received a message: its time stamp in seconds since 1970, but never after `now`.

    The hub's own topics are stamped by the broker. Where a broker lets the sender do it, a stamp
    that is no moment at all must not stop the stream, nor one in the future let events be recorded
    there: both are taken as `now`.
    """
    if seconds is None:
        return now
    try:
        return min(datetime.fromtimestamp(seconds, UTC), now)
    except (ValueError, OverflowError, OSError):
        return now


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of an agency's topic as the broker holds it.

    `received_at` (aware UTC) is the log's time of the message, not the reader's clock, so that
    reading it again gives the same outcome.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list[Header]
    received_at: datetime

    @property
    def position(self) -> str:
        """Where the message stands: topic/partition/offset."""
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that one message leads to.

    There is always a receipt. A report leads to a tension item, an incident to a hub incident,
    unless something greater stands; a message that cannot be read to a dead letter.
    """

    receipt: Receipt
    incident: HubIncident | None = None
    tension_item: TensionItem | None = None
    audit: list[AuditEntry] = field(default_factory=list)
    dead_letter: DeadLetter | None = None
