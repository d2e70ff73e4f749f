"""The open feed's tables in the store: the budget, what is counted, and what was published.

A publication's numbers stand only in its message, as they were drawn; no true count is stored.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.base import Base, UtcDateTime


class OpenBudgetRow(Base):
    """A line of the budget: a table and what it spends, from one day (ISO text) to another."""

    __tablename__ = "open_budget"

    table_id: Mapped[str] = mapped_column(Text, primary_key=True)
    epsilon: Mapped[str] = mapped_column(Text)
    definition: Mapped[str] = mapped_column(Text)
    starts: Mapped[str] = mapped_column(Text)
    ends: Mapped[str | None] = mapped_column(Text)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OpenItemRow(Base):
    """An incident as the open feed may count it. `received_on` is set once and never changes.

    `first_version` is the version by which this store first heard of it.
    """

    __tablename__ = "open_items"
    __table_args__ = (Index(None, "received_on"),)

    item_id: Mapped[str] = mapped_column(Text, primary_key=True)
    received_on: Mapped[str] = mapped_column(Text)
    first_version: Mapped[int] = mapped_column(Integer)
    counted: Mapped[bool] = mapped_column(Boolean)
    district: Mapped[str | None] = mapped_column(Text)
    ward: Mapped[str | None] = mapped_column(Text)
    strand: Mapped[str] = mapped_column(Text)


class OpenPublicationRow(Base):
    """One table of one period. Nobody sees it before it was announced on its topic.

    `drawn_here` False: this store took it back from the topic. `sequence` is its place in the
    order of announcements, None before.
    """

    __tablename__ = "open_publications"
    __table_args__ = (Index(None, "table_id", "first_day"),)

    publication_id: Mapped[str] = mapped_column(Text, primary_key=True)
    table_id: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(Text)
    first_day: Mapped[str] = mapped_column(Text)
    last_day: Mapped[str] = mapped_column(Text)
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    drawn_here: Mapped[bool] = mapped_column(Boolean)
    sequence: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    message: Mapped[bytes] = mapped_column(LargeBinary)
