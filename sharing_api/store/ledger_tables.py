"""Tables of the ledger, and the triggers that let entries neither change nor go."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, CheckConstraint, Index, String, Text, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.base import Base
from sharing_api.store.ledger_entries import GENESIS


class LedgerTable(Base):
    """Entries. Lists and maps are canonical JSON text, so that a hash is of bytes."""

    __tablename__ = "ledger"
    __table_args__ = (Index(None, "purpose", "sequence"), Index(None, "at"))

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[int] = mapped_column(BigInteger)
    operation: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(Text)
    agency: Mapped[str] = mapped_column(Text, index=True)
    purpose: Mapped[str | None] = mapped_column(Text)
    justification: Mapped[str | None] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(String(10))
    input_digest: Mapped[str | None] = mapped_column(String(64))
    agreement: Mapped[str | None] = mapped_column(Text)
    policy_revision: Mapped[str | None] = mapped_column(Text)
    record_ids: Mapped[str] = mapped_column(Text)
    fields: Mapped[str] = mapped_column(Text)
    reasons: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(Text, unique=True)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class LedgerRecord(Base):
    """Which entries are about a record: an index of `record_ids`, written with the entry.

    SQLite keeps it as the one tree that it is, which spares each append a page.
    """

    __tablename__ = "ledger_records"
    __table_args__ = ({"sqlite_with_rowid": False},)

    record_id: Mapped[str] = mapped_column(Text, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class LedgerHead(Base):
    """One row: the last entry. Writing to it first is what makes appends wait for one another."""

    __tablename__ = "ledger_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


_SQLITE: Final = (
    (
        "CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    ),
    (
        "CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    ),
    (
        "CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    ),
    (
        "CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head "
        "WHEN NEW.sequence < OLD.sequence "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    ),
)
_POSTGRESQL: Final = (
    (
        "CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
    ),
    (
        "CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
    ),
    (
        "CREATE TRIGGER ledger_head_no_delete BEFORE DELETE OR TRUNCATE ON ledger_head "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
    ),
    (
        "CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head FOR EACH ROW "
        "WHEN (NEW.sequence < OLD.sequence) EXECUTE FUNCTION ledger_append_only()"
    ),
)
_FIRST: Final = f"INSERT INTO ledger_head (id, sequence, hash) VALUES (1, 0, '{GENESIS}')"  # noqa: S608 (a constant)


def statements(dialect: str) -> tuple[str, ...]:
    """Give the statements that make the ledger append-only, for a migration to execute.

    They come after the tables, in this order. `dialect` is sqlite or postgresql.
    """
    return (_FIRST, *(_POSTGRESQL if dialect == "postgresql" else _SQLITE))


def guarded(table: str, dialect: str) -> tuple[str, ...]:
    """Give the statements that make another table append-only; they come after the ledger's."""
    if dialect == "postgresql":
        deeds = "UPDATE OR DELETE OR TRUNCATE"
        act = "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
        return (f"CREATE TRIGGER {table}_append_only BEFORE {deeds} ON {table} {act}",)
    return tuple(
        f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        for deed in ("UPDATE", "DELETE")
    )


@event.listens_for(Base.metadata, "after_create")
def _protect(_target: Any, connection: Connection, tables: Any = None, **_: Any) -> None:
    if tables is not None and LedgerHead.__table__ in tables:
        for statement in statements(connection.dialect.name):
            connection.exec_driver_sql(statement)
