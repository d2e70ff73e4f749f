"""The tables of the store.

What a topic holds is kept as it came (framed Avro) beside the columns that queries need; no column
holds an identity, sealed parts stay sealed inside `message`.

`ordinal` is the place of a row in the order of first arrival and never changes; `sequence` counts
changes and grows with each one. Both come from one counter that is locked until the transaction
ends, so a reader who has seen number n will never find a smaller one appear later.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.base import Base, UtcDateTime


class AgencyRow(Base):
    """An agency as it now stands."""

    __tablename__ = "agencies"

    agency: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    message: Mapped[bytes] = mapped_column(LargeBinary)


class IncidentRow(Base):
    """An incident's standing version; persons and details inside `message` are sealed."""

    __tablename__ = "incidents"

    incident_id: Mapped[str] = mapped_column(Text, primary_key=True)
    agency: Mapped[str] = mapped_column(Text)
    retracted: Mapped[bool] = mapped_column(Boolean)
    occurred_from: Mapped[datetime] = mapped_column(UtcDateTime)
    message: Mapped[bytes] = mapped_column(LargeBinary)


class EntityRow(Base):
    """A person or place as linkage now sees it: mentions and links, no identity."""

    __tablename__ = "entities"

    entity_id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    heir: Mapped[str | None] = mapped_column(Text)
    message: Mapped[bytes] = mapped_column(LargeBinary)


class AlertRow(Base):
    """An alert as it now stands; `removed` marks one whose topic entry was deleted."""

    __tablename__ = "alerts"
    __table_args__ = (Index(None, "rule", "status", "ordinal"), Index(None, "entity_id"))

    alert_id: Mapped[str] = mapped_column(Text, primary_key=True)
    ordinal: Mapped[int] = mapped_column(BigInteger, unique=True)
    sequence: Mapped[int] = mapped_column(BigInteger, unique=True)
    removed: Mapped[bool] = mapped_column(Boolean)
    rule: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    entity_id: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    message: Mapped[bytes] = mapped_column(LargeBinary)


class AlertDistrictRow(Base):
    """A district that an alert touches."""

    __tablename__ = "alert_districts"
    __table_args__ = (Index(None, "district"),)

    alert_id: Mapped[str] = mapped_column(
        ForeignKey("alerts.alert_id", ondelete="CASCADE"), primary_key=True
    )
    district: Mapped[str] = mapped_column(Text, primary_key=True)


class SignalRow(Base):
    """A tension signal as it now stands; `sequence` is its place in the feed."""

    __tablename__ = "signals"
    __table_args__ = (Index(None, "area", "strand"),)

    signal_id: Mapped[str] = mapped_column(Text, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, unique=True)
    removed: Mapped[bool] = mapped_column(Boolean)
    area: Mapped[str] = mapped_column(Text)
    area_level: Mapped[str] = mapped_column(Text)
    strand: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    message: Mapped[bytes] = mapped_column(LargeBinary)


class ReceiptRow(Base):
    """What became of one event of one agency; `event_id` as `event_key` writes it."""

    __tablename__ = "receipts"
    __table_args__ = (Index(None, "agency", "event_id"), Index(None, "agency", "ordinal"))

    receipt_id: Mapped[str] = mapped_column(Text, primary_key=True)
    ordinal: Mapped[int] = mapped_column(BigInteger, unique=True)
    agency: Mapped[str] = mapped_column(Text)
    event_id: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    message: Mapped[bytes] = mapped_column(LargeBinary)


class TensionItemRow(Base):
    """What is counted by area and month: an incident or a tension return, without its text."""

    __tablename__ = "tension_items"
    __table_args__ = (
        Index(None, "source", "district", "month"),
        Index(None, "source", "ward", "month"),
    )

    item_id: Mapped[str] = mapped_column(Text, primary_key=True)
    agency: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    counted: Mapped[bool] = mapped_column(Boolean)
    district: Mapped[str | None] = mapped_column(Text)
    ward: Mapped[str | None] = mapped_column(Text)
    month: Mapped[str] = mapped_column(Text)


class TensionStrandRow(Base):
    """A strand that a counted item concerns."""

    __tablename__ = "tension_item_strands"

    item_id: Mapped[str] = mapped_column(
        ForeignKey("tension_items.item_id", ondelete="CASCADE"), primary_key=True
    )
    strand: Mapped[str] = mapped_column(Text, primary_key=True)


class PositionRow(Base):
    """How far the projector has read one partition, and a fingerprint of what it read last."""

    __tablename__ = "projector_positions"

    topic: Mapped[str] = mapped_column(Text, primary_key=True)
    partition: Mapped[int] = mapped_column(Integer, primary_key=True)
    next_offset: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)


class CounterRow(Base):
    """A number that only grows; whoever raises it holds its row until the transaction ends."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


def event_key(event_id: str) -> str:
    """The sender's event id as the store looks it up.

    An agency may send any text, so what is too long for an index, or holds what PostgreSQL cannot
    store, is replaced by its hash.
    """
    if len(event_id) <= 200 and "\x00" not in event_id:
        return event_id
    return "#" + hashlib.blake2b(event_id.encode("utf-8", "replace"), digest_size=20).hexdigest()
