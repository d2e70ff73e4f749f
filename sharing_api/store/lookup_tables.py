"""Lookups: who asked when for what, and whose records they concerned. No identifier of anyone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.base import Base, UtcDateTime


class LookupRow(Base):
    """One question. `asker` is a pseudonym."""

    __tablename__ = "lookups"
    __table_args__ = (Index(None, "asker", "asked_at"),)

    lookup_id: Mapped[str] = mapped_column(Text, primary_key=True)
    ordinal: Mapped[int] = mapped_column(BigInteger, unique=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asker: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)


class LookupOwnerRow(Base):
    """An agency that holds something about whoever was asked for, and its incidents (JSON)."""

    __tablename__ = "lookup_owners"
    __table_args__ = (Index(None, "owner"),)

    lookup_id: Mapped[str] = mapped_column(
        ForeignKey("lookups.lookup_id", ondelete="CASCADE"), primary_key=True
    )
    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    incident_ids: Mapped[str] = mapped_column(Text)
