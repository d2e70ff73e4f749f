"""Tables of agreements: their texts, and what happened to each. Both only ever grow.

The database itself holds to it, whoever writes: no row changes or goes, nobody approves what they
wrote, and of one version one text at most is ever approved.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.append_only import append_only
from sharing_api.store.base import Base, UtcDateTime


class AgreementVersionRow(Base):
    """One text of an agreement, under the digest of that text; `origin` is officer or folder."""

    __tablename__ = "agreement_versions"
    __table_args__ = (Index(None, "agreement_id", "version"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    agreement_id: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(String(10))
    author: Mapped[str] = mapped_column(Text)
    author_agency: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AgreementEventRow(Base):
    """What was done with a text, by whom and why; an empty `actor` is the hub itself.

    `sequence` grows by commit: who has read up to n misses nothing that comes later.
    """

    __tablename__ = "agreement_events"
    __table_args__ = (
        Index(None, "agreement_id"),
        Index(
            "uq_agreement_events_approved",
            "agreement_id",
            "version",
            unique=True,
            sqlite_where=text("kind = 'approved'"),
            postgresql_where=text("kind = 'approved'"),
        ),
        Index(
            "uq_agreement_events_once",
            "digest",
            "kind",
            unique=True,
            sqlite_where=text("kind IN ('live', 'superseded', 'withdrawn', 'lapsed')"),
            postgresql_where=text("kind IN ('live', 'superseded', 'withdrawn', 'lapsed')"),
        ),
    )

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(ForeignKey("agreement_versions.digest"))
    agreement_id: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


_MINE: Final = (
    "NEW.kind = 'approved' AND (NEW.actor = '' OR EXISTS (SELECT 1 FROM agreement_versions "
    "WHERE digest = NEW.digest AND author = NEW.actor))"
)
_FOUR_EYES: Final = {
    "sqlite": (
        (
            "CREATE TRIGGER agreement_four_eyes BEFORE INSERT ON agreement_events "
            f"WHEN {_MINE} BEGIN "
            "SELECT RAISE(ABORT, 'four eyes: nobody approves what they wrote'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION agreement_four_eyes() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF {_MINE} THEN "
            "RAISE EXCEPTION 'four eyes: nobody approves what they wrote'; "
            "END IF; RETURN NEW; END $$"
        ),
        (
            "CREATE TRIGGER agreement_four_eyes BEFORE INSERT ON agreement_events "
            "FOR EACH ROW EXECUTE FUNCTION agreement_four_eyes()"
        ),
    ),
}


def statements(dialect: str) -> tuple[str, ...]:
    """Give what holds the two tables to their promises, for a migration to execute after them."""
    grown = (
        *append_only(dialect, "agreement_versions", "a version of an agreement never changes"),
        *append_only(dialect, "agreement_events", "what happened to an agreement stays"),
    )
    return (*grown, *_FOUR_EYES[dialect])


@event.listens_for(Base.metadata, "after_create")
def _protect(_target: Any, connection: Connection, tables: Any = None, **_: Any) -> None:
    if tables is not None and AgreementEventRow.__table__ in tables:
        for statement in statements(connection.dialect.name):
            connection.exec_driver_sql(statement)
