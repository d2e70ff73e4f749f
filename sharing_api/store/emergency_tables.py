"""Tables of emergencies: who asked, who confirmed, which releases rest on it, what became of them.

All only grow. Nobody confirms their own request and nobody who took part reviews a use, whatever
the code above says: the database refuses it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.append_only import append_only
from sharing_api.store.base import Base, UtcDateTime


class EmergencyRequestRow(Base):
    """Somebody says that a purpose cannot wait for consent or a case conference."""

    __tablename__ = "emergency_requests"

    request_id: Mapped[str] = mapped_column(Text, primary_key=True)
    ordinal: Mapped[int] = mapped_column(BigInteger, unique=True)
    asker: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EmergencyConfirmationRow(Base):
    """Another person agrees, until a moment that is minutes away."""

    __tablename__ = "emergency_confirmations"

    request_id: Mapped[str] = mapped_column(
        ForeignKey("emergency_requests.request_id"), primary_key=True
    )
    approver: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    confirmed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EmergencyUseRow(Base):
    """A disclosure that rests on a request: an entry of the ledger, found in the ledger itself."""

    __tablename__ = "emergency_uses"
    __table_args__ = (Index(None, "request_id"),)

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    request_id: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    approver: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    justification: Mapped[str] = mapped_column(Text)
    record_ids: Mapped[str] = mapped_column(Text)
    fields: Mapped[str] = mapped_column(Text)
    set_aside: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class EmergencyReviewRow(Base):
    """An officer's verdict on one use; it stands."""

    __tablename__ = "emergency_reviews"

    sequence: Mapped[int] = mapped_column(
        ForeignKey("emergency_uses.sequence"), primary_key=True, autoincrement=False
    )
    verdict: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    reviewer: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


TABLES: Final = (
    "emergency_requests",
    "emergency_confirmations",
    "emergency_uses",
    "emergency_reviews",
)
_ALONE: Final = (
    "EXISTS (SELECT 1 FROM emergency_requests "
    "WHERE request_id = NEW.request_id AND asker = NEW.approver)"
)
_INVOLVED: Final = (
    "EXISTS (SELECT 1 FROM emergency_uses "
    "WHERE sequence = NEW.sequence AND NEW.reviewer IN (actor, approver))"
)
_RULES: Final = (
    ("emergency_confirmations", _ALONE, "four eyes: nobody confirms their own emergency"),
    ("emergency_reviews", _INVOLVED, "nobody reviews an emergency that they took part in"),
)


def statements(dialect: str) -> tuple[str, ...]:
    """Give what holds the tables to their promises, for a migration to execute after them."""
    grown = [
        statement
        for table in TABLES
        for statement in append_only(dialect, table, "what an emergency was used for stays")
    ]
    refused = [statement for rule in _RULES for statement in _refusing(dialect, *rule)]
    return (*grown, *refused)


def _refusing(dialect: str, table: str, when: str, said: str) -> tuple[str, ...]:
    if dialect == "postgresql":
        return (
            (
                f"CREATE FUNCTION {table}_four_eyes() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN IF {when} THEN RAISE EXCEPTION '{said}'; END IF; RETURN NEW; END $$"
            ),
            (
                f"CREATE TRIGGER {table}_four_eyes BEFORE INSERT ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_four_eyes()"
            ),
        )
    return (
        (
            f"CREATE TRIGGER {table}_four_eyes BEFORE INSERT ON {table} "
            f"WHEN {when} BEGIN SELECT RAISE(ABORT, '{said}'); END"
        ),
    )


@event.listens_for(Base.metadata, "after_create")
def _protect(_target: Any, connection: Connection, tables: Any = None, **_: Any) -> None:
    if tables is not None and EmergencyReviewRow.__table__ in tables:
        for statement in statements(connection.dialect.name):
            connection.exec_driver_sql(statement)
