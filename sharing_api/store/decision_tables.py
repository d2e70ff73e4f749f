"""Tables of decision inputs: what the policy was asked for each entry of the ledger.

Parts (a question, the facts of a record) are addressed by their digest, so equal ones are kept
once. Like the ledger they are append-only, and hold ids, codes and facts, never a value of a
record: an erasure has nothing to take out here.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Index, String, Text, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.base import Base


class DecisionPart(Base):
    """A question or the facts of a record, as canonical JSON under its SHA-256."""

    __tablename__ = "decision_parts"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[str] = mapped_column(Text)


class DecisionInputs(Base):
    """What was decided for one ledger entry; `digest` stands in the entry too."""

    __tablename__ = "decision_inputs"
    __table_args__ = (Index(None, "permits", "sequence"),)

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64))
    permits: Mapped[bool] = mapped_column(Boolean)
    content: Mapped[str] = mapped_column(Text)


TABLES: Final = (DecisionPart.__tablename__, DecisionInputs.__tablename__)


_FUNCTION: Final = (
    "CREATE FUNCTION decision_inputs_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'decision inputs are append-only'; END $$"
)


def guards(dialect: str) -> tuple[str, ...]:
    """Give the statements that make the tables append-only; they come after the tables.

    `dialect` is sqlite or postgresql.
    """
    if dialect == "postgresql":
        return (
            _FUNCTION,
            *(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
                f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION decision_inputs_append_only()"
                for table in TABLES
            ),
        )
    return tuple(
        f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'decision inputs are append-only'); END"
        for table in TABLES
        for deed in ("UPDATE", "DELETE")
    )


@event.listens_for(Base.metadata, "after_create")
def _protect(_target: Any, connection: Connection, tables: Any = None, **_: Any) -> None:
    if tables is not None and DecisionInputs.__table__ in tables:
        for statement in guards(connection.dialect.name):
            connection.exec_driver_sql(statement)
