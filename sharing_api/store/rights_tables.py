"""Tables of retention, erasure and subject access: decisions of persons, and their history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.base import Base, UtcDateTime


class RetentionDecisionRow(Base):
    """What somebody decided about an incident whose time is up; none replaces another.

    `decision`: keep (with `until`, an ISO date), delete (with `erasure_id`), undo.
    """

    __tablename__ = "retention_decisions"
    __table_args__ = (Index(None, "incident_id"),)

    decision_id: Mapped[str] = mapped_column(Text, primary_key=True)
    incident_id: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    until: Mapped[str | None] = mapped_column(Text)
    erasure_id: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ErasureRow(Base):
    """An erasure as it now stands; `incident_ids` as JSON. Two persons, or nothing is erased.

    `key_id` is the release key to which copies elsewhere may still be sealed.
    `status`: requested, approved, cancelled, removing, removed.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        CheckConstraint("approved_by IS NULL OR approved_by <> requested_by", name="four_eyes"),
        Index(None, "status"),
    )

    erasure_id: Mapped[str] = mapped_column(Text, primary_key=True)
    incident_ids: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)
    requested_by: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_by: Mapped[str | None] = mapped_column(Text)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(Text)
    key_id: Mapped[str | None] = mapped_column(Text)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ErasureEventRow(Base):
    """Something that happened to an erasure."""

    __tablename__ = "erasure_events"
    __table_args__ = (Index(None, "erasure_id"),)

    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    erasure_id: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)


class AccessRestrictionRow(Base):
    """An officer's decision to hold back one item of a person's subject access report."""

    __tablename__ = "access_restrictions"

    entity_id: Mapped[str] = mapped_column(Text, primary_key=True)
    item: Mapped[str] = mapped_column(Text, primary_key=True)
    section: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
