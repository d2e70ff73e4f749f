"""Tables of what people see and decide about links: possible pairs, who lists them, decisions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Float, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.base import Base, UtcDateTime


class LinkReviewRow(Base):
    """A pair of mentions that a person should look at, or has decided about.

    `listed`: some entity still names it. `decision`: same, different, contested, or empty.
    """

    __tablename__ = "link_reviews"

    review_id: Mapped[str] = mapped_column(Text, primary_key=True)
    ordinal: Mapped[int] = mapped_column(BigInteger, unique=True)
    left: Mapped[str] = mapped_column(Text)
    right: Mapped[str] = mapped_column(Text)
    band: Mapped[str] = mapped_column(Text)
    weight: Mapped[float] = mapped_column(Float)
    evidence: Mapped[str] = mapped_column(Text)
    listed: Mapped[bool] = mapped_column(Boolean)
    decision: Mapped[str] = mapped_column(Text)


class LinkListingRow(Base):
    """An entity whose snapshot names a pair."""

    __tablename__ = "link_review_entities"
    __table_args__ = (Index(None, "review_id"),)

    entity_id: Mapped[str] = mapped_column(Text, primary_key=True)
    review_id: Mapped[str] = mapped_column(Text, primary_key=True)


class LinkDecisionRow(Base):
    """A decision of a person about a pair or about a value that is left out; none replaces another.

    `subject_id` is a review's id or the value's.
    """

    __tablename__ = "link_decisions"
    __table_args__ = (Index(None, "subject_id"),)

    decision_id: Mapped[str] = mapped_column(Text, primary_key=True)
    subject_id: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EntityLossRow(Base):
    """An entity with alerts that no longer has all the mentions it had; `settled`: long enough ago.

    `mentions` are those that it had, as JSON: where each is now is asked when somebody looks.
    """

    __tablename__ = "entity_losses"
    __table_args__ = (Index(None, "settled"),)

    loss_id: Mapped[str] = mapped_column(Text, primary_key=True)
    entity_id: Mapped[str] = mapped_column(Text)
    mentions: Mapped[str] = mapped_column(Text)
    noticed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled: Mapped[bool] = mapped_column(Boolean)


class DisclosedRow(Base):
    """An alert that a ledger entry discloses: the ledger's record ids, looked up by alert."""

    __tablename__ = "disclosed_alerts"

    alert_id: Mapped[str] = mapped_column(Text, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    agency: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CorrectionRow(Base):
    """A disclosure that a loss corrects; `alerts` as JSON."""

    __tablename__ = "corrections"

    correction_id: Mapped[str] = mapped_column(Text, primary_key=True)
    ordinal: Mapped[int] = mapped_column(BigInteger, unique=True)
    loss_id: Mapped[str] = mapped_column(Text)
    sequence: Mapped[int] = mapped_column(BigInteger)
    alerts: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    disclosed_at: Mapped[datetime] = mapped_column(UtcDateTime)
