"""Tables of recall: what changed, who was told what, the notices, and what became of each.

`notice_events` is the history: appended, never changed. No column holds a value of a record but
`before` and `after` of a change, which are sealed as on the log and cleared when it is settled.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.base import Base, UtcDateTime


class RecordChangeRow(Base):
    """An incident that another version replaced; `settled`: long enough ago, notices stand."""

    __tablename__ = "record_changes"
    __table_args__ = (Index(None, "settled"),)

    change_id: Mapped[str] = mapped_column(Text, primary_key=True)
    incident_id: Mapped[str] = mapped_column(Text)
    noticed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    before: Mapped[bytes] = mapped_column(LargeBinary)
    after: Mapped[bytes] = mapped_column(LargeBinary)
    settled: Mapped[bool] = mapped_column(Boolean)


class RecordPartRow(Base):
    """An incident that a record once rested on, since when."""

    __tablename__ = "record_parts"
    __table_args__ = (Index(None, "incident_id"),)

    record_id: Mapped[str] = mapped_column(Text, primary_key=True)
    incident_id: Mapped[str] = mapped_column(Text, primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class DisclosureRow(Base):
    """One record that one ledger entry disclosed, looked up by record; `agreements` as JSON.

    What was asked and answered stands beside the ledger's entry.
    """

    __tablename__ = "disclosures"
    __table_args__ = (Index(None, "record_id"),)

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    record_id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    agreements: Mapped[str] = mapped_column(Text)


class AgreementStateRow(Base):
    """An agreement as recall last saw it: a digest of its terms, its last day, its changes."""

    __tablename__ = "recall_agreements"

    agreement: Mapped[str] = mapped_column(Text, primary_key=True)
    digest: Mapped[str] = mapped_column(Text)
    ends: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    changes: Mapped[int] = mapped_column(Integer)


class AgreementChangeRow(Base):
    """An agreement whose terms changed; `settled`: notices stand."""

    __tablename__ = "agreement_changes"
    __table_args__ = (Index(None, "settled"),)

    change_id: Mapped[str] = mapped_column(Text, primary_key=True)
    agreement: Mapped[str] = mapped_column(Text)
    withdrawn: Mapped[bool] = mapped_column(Boolean)
    noticed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled: Mapped[bool] = mapped_column(Boolean)


class NoticeRow(Base):
    """A notice as it now stands; `sent` counts publications, of which `wanted` are due."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "agency", "ordinal"), Index(None, "status", "remind_at"))

    notice_id: Mapped[str] = mapped_column(Text, primary_key=True)
    ordinal: Mapped[int] = mapped_column(BigInteger, unique=True)
    agency: Mapped[str] = mapped_column(Text)
    record_id: Mapped[str] = mapped_column(Text)
    record_kind: Mapped[str] = mapped_column(Text)
    known_as: Mapped[str | None] = mapped_column(Text)
    fact: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    fields: Mapped[str] = mapped_column(Text)
    sequences: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledge_by: Mapped[datetime] = mapped_column(UtcDateTime)
    remind_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reminders: Mapped[int] = mapped_column(Integer)
    wanted: Mapped[int] = mapped_column(Integer)
    sent: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(Text)
    done: Mapped[str | None] = mapped_column(Text)
    acknowledged_by: Mapped[str | None] = mapped_column(Text)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NoticeEventRow(Base):
    """Something that happened to a notice: issued, extended, published, reminded, acknowledged."""

    __tablename__ = "notice_events"
    __table_args__ = (Index(None, "notice_id"),)

    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    notice_id: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
