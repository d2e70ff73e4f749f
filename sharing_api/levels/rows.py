"""Levels as they were set, one row for each; none replaces another."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.base import Base, UtcDateTime


class LevelRow(Base):
    """A level that a person set. `outcome_message` holds what was recorded later, if anything.

    `sequence` is its place in the order of changes.
    """

    __tablename__ = "tension_levels"
    __table_args__ = (Index(None, "area", "strand", "decided_at"),)

    level_id: Mapped[str] = mapped_column(Text, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, unique=True)
    area: Mapped[str] = mapped_column(Text)
    strand: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(Integer)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    message: Mapped[bytes] = mapped_column(LargeBinary)
    outcome_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome_message: Mapped[bytes | None] = mapped_column(LargeBinary)
