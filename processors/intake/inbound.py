"""What goes into intake and what comes out of it: one message, one outcome."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from schemas.envelope import Header
from schemas.records import AuditEntry, DeadLetter, HubIncident, Receipt, TensionItem


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

    There is always a receipt. An accepted event that does not supersede what stands has no
    incident; a message that cannot be read has a dead letter.
    """

    receipt: Receipt
    incident: HubIncident | None = None
    tension_item: TensionItem | None = None
    audit: list[AuditEntry] = field(default_factory=list)
    dead_letter: DeadLetter | None = None
