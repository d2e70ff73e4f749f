"""Subscriptions, and the outbox of what is to be delivered to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.base import Base, UtcDateTime


class WebhookRow(Base):
    """A subscription: who asked for it and as what, where it goes, how far its feed has come.

    No secret is stored: it is derived from the hub's own and `secret_version`. `asker` and `stated`
    are JSON: what the gate is asked with each time. `status`: active, paused or ended.
    """

    __tablename__ = "webhooks"
    __table_args__ = (Index(None, "agency", "status"),)

    webhook_id: Mapped[str] = mapped_column(Text, primary_key=True)
    agency: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[str] = mapped_column(Text)
    signing: Mapped[str] = mapped_column(Text)
    secret_version: Mapped[int] = mapped_column(Integer)
    asker: Mapped[str] = mapped_column(Text)
    stated: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    position: Mapped[int] = mapped_column(BigInteger)


class DeliveryRow(Base):
    """One event for one subscription. `state`: pending, delivered or dead."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index(None, "state", "next_at"), Index(None, "webhook_id", "ordinal"))

    delivery_id: Mapped[str] = mapped_column(Text, primary_key=True)
    webhook_id: Mapped[str] = mapped_column(Text)
    ordinal: Mapped[int] = mapped_column(BigInteger, unique=True)
    event_type: Mapped[str] = mapped_column(Text)
    event_id: Mapped[str] = mapped_column(Text)
    data: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
