"""The ledger: every decision of the gate and every operation of the hub, in one chain of hashes.

Append-only: triggers forbid changing or deleting an entry on SQLite and PostgreSQL, and each entry's
hash covers its content and the hash before it, so what is changed behind the triggers' back shows in
`verify`. Entries hold ids, codes and field names, never a value of a record. Operations are the six
of DPA 2018 s.62: collection, alteration, consultation, disclosure, combination, erasure.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, CheckConstraint, String, Text, event, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Mapped, mapped_column

from sharing_api.store.base import Base

GENESIS: Final = "0" * 64
"""Hash before the first entry."""
OPERATIONS: Final = frozenset(
    {"collection", "alteration", "consultation", "disclosure", "combination", "erasure"}
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_BATCH: Final = 500


class LedgerUnavailable(Exception):
    """The entry is not, or not known to be, in the ledger: nothing may be released on it."""


class LedgerTable(Base):
    """Entries. Lists and maps are canonical JSON text, so that a hash is of bytes, not of a dialect."""

    __tablename__ = "ledger"

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


class LedgerHead(Base):
    """One row: the last entry. Writing to it first is what makes appends wait for one another."""

    __tablename__ = "ledger_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What was done or refused, by whom, about which records. `at` None means now.

    `key` makes the append idempotent: a second entry of the same key is the first one.
    """

    operation: str
    actor: str
    agency: str
    purpose: str | None = None
    justification: str | None = None
    decision: str = "permit"
    input_digest: str | None = None
    agreement: str | None = None
    policy_revision: str | None = None
    record_ids: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    detail: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow(LedgerEntry):
    """An entry as it stands in the ledger. `at` is UTC, in milliseconds."""

    sequence: int
    previous_hash: str
    hash: str

    def columns(self) -> dict[str, Any]:
        """Give name and value of everything that an asker of the ledger can be shown."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "key"}


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of reading the whole chain. `fault` None means that it holds."""

    entries: int
    head: str
    fault: str | None = None
    sequence: int | None = None


class Ledger:
    """Appends and reads. Appends that arrive while one is being written share the next transaction."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        reading: async_sessionmaker[AsyncSession] | None = None,
    ) -> None:
        """`reading` sessions, if given, serve `read` and `verify`."""
        self._sessions = sessions
        self._reading = reading or sessions
        self._waiting: list[tuple[LedgerEntry, asyncio.Future[int]]] = []
        self._writing = asyncio.Lock()

    async def append(self, entry: LedgerEntry) -> int:
        """Append and give the sequence number once it is committed. Raises LedgerUnavailable."""
        if entry.operation not in OPERATIONS:
            raise ValueError(f"operation {entry.operation!r} is none of {sorted(OPERATIONS)}")
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        await asyncio.shield(asyncio.ensure_future(self._flush(done)))
        return done.result()

    async def read(self, after: int = 0, limit: int = 100) -> list[LedgerRow]:
        """Give entries in order, from the one behind `after`. Raises LedgerUnavailable."""
        query = (
            select(LedgerTable.__table__)
            .where(LedgerTable.sequence > after)
            .order_by(LedgerTable.sequence)
            .limit(limit)
        )
        try:
            async with self._reading() as session:
                rows = (await session.execute(query)).mappings().all()
        except (SQLAlchemyError, OSError) as error:
            raise LedgerUnavailable(type(error).__name__) from None
        return [_row(row) for row in rows]

    async def verify(self) -> Verification:
        """Read the whole chain and find the first entry that does not fit. LedgerUnavailable."""
        try:
            async with self._reading() as session:
                return await _verified(session)
        except (SQLAlchemyError, OSError) as error:
            raise LedgerUnavailable(type(error).__name__) from None

    async def _flush(self, done: asyncio.Future[int]) -> None:
        async with self._writing:
            if done.done():
                return
            batch, self._waiting = self._waiting, []
            try:
                async with self._sessions() as session, session.begin():
                    numbers = await _write(session, [entry for entry, _ in batch])
            except BaseException as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(LedgerUnavailable(type(error).__name__))
                        future.exception()
                if not isinstance(error, (SQLAlchemyError, OSError)):
                    raise
                return
            for (_, future), number in zip(batch, numbers, strict=True):
                future.set_result(number)


async def _write(session: AsyncSession, entries: Sequence[LedgerEntry]) -> list[int]:
    """Append in one transaction. Touching the head first takes the lock on either database."""
    held = await session.execute(
        update(LedgerHead)
        .where(LedgerHead.id == 1)
        .values(sequence=LedgerHead.sequence)
        .returning(LedgerHead.sequence, LedgerHead.hash)
    )
    sequence, previous = held.one()
    known = await _known(session, entries)
    rows: list[dict[str, Any]] = []
    numbers: list[int] = []
    for entry in entries:
        if entry.key is not None and entry.key in known:
            numbers.append(known[entry.key])
            continue
        sequence += 1
        row = _chained(entry, sequence, previous)
        previous = row["hash"]
        rows.append(row)
        numbers.append(sequence)
        if entry.key is not None:
            known[entry.key] = sequence
    if rows:
        await session.execute(insert(LedgerTable), rows)
        await session.execute(
            update(LedgerHead).where(LedgerHead.id == 1).values(sequence=sequence, hash=previous)
        )
    return numbers


async def _known(session: AsyncSession, entries: Sequence[LedgerEntry]) -> dict[str, int]:
    keys = [entry.key for entry in entries if entry.key is not None]
    if not keys:
        return {}
    query = select(LedgerTable.key, LedgerTable.sequence).where(LedgerTable.key.in_(keys))
    return {str(key): number for key, number in (await session.execute(query)).all()}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _chained(entry: LedgerEntry, sequence: int, previous: str) -> dict[str, Any]:
    at = entry.at or datetime.now(UTC)
    row = {
        "sequence": sequence,
        "at": (at - _EPOCH) // _MILLISECOND,
        "operation": entry.operation,
        "actor": entry.actor,
        "agency": entry.agency,
        "purpose": entry.purpose,
        "justification": entry.justification,
        "decision": entry.decision,
        "input_digest": entry.input_digest,
        "agreement": entry.agreement,
        "policy_revision": entry.policy_revision,
        "record_ids": _text(entry.record_ids),
        "fields": _text(entry.fields),
        "reasons": _text(entry.reasons),
        "detail": _text(dict(entry.detail)),
        "key": entry.key,
        "previous_hash": previous,
    }
    return {**row, "hash": entry_hash(row)}


def entry_hash(row: Mapping[str, Any]) -> str:
    """Hash an entry: SHA-256 over the canonical JSON of all its columns but `hash`, as hex."""
    content = {name: value for name, value in row.items() if name != "hash"}
    return hashlib.sha256(_text(content).encode("utf-8")).hexdigest()


def _row(row: Mapping[str, Any]) -> LedgerRow:
    lists = {name: tuple(json.loads(row[name])) for name in ("record_ids", "fields", "reasons")}
    at = _EPOCH + row["at"] * _MILLISECOND
    return LedgerRow(**{**row, **lists, "detail": json.loads(row["detail"]), "at": at})


async def _verified(session: AsyncSession) -> Verification:
    previous, count = GENESIS, 0
    while True:
        query = (
            select(LedgerTable.__table__)
            .where(LedgerTable.sequence > count)
            .order_by(LedgerTable.sequence)
            .limit(_BATCH)
        )
        rows = (await session.execute(query)).mappings().all()
        for row in rows:
            fault = _fault(row, count + 1, previous)
            if fault:
                return Verification(count, previous, fault, count + 1)
            previous, count = row["hash"], count + 1
        if len(rows) < _BATCH:
            return await _against_head(session, count, previous)


def _fault(row: Mapping[str, Any], expected: int, previous: str) -> str | None:
    if row["sequence"] != expected:
        return "an entry is missing"
    if row["previous_hash"] != previous:
        return "the entry does not follow the one before it"
    if row["hash"] != entry_hash(row):
        return "the entry's content is not what was written"
    return None


async def _against_head(session: AsyncSession, count: int, previous: str) -> Verification:
    before = select(LedgerTable.sequence).where(LedgerTable.sequence < 1).limit(1)
    if (await session.execute(before)).first() is not None:
        return Verification(count, previous, "an entry stands before the first", 0)
    head = (await session.execute(select(LedgerHead.sequence, LedgerHead.hash))).first()
    if head is None or tuple(head) != (count, previous):
        return Verification(count, previous, "the head names another last entry", count)
    return Verification(count, previous)


_SQLITE: Final = (
    "CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    "CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    "CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    "CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head "
    "WHEN NEW.sequence < OLD.sequence "
    "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END",
)
_POSTGRESQL: Final = (
    "CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
    "CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()",
    "CREATE TRIGGER ledger_head_no_delete BEFORE DELETE OR TRUNCATE ON ledger_head "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()",
    "CREATE TRIGGER ledger_head_grows BEFORE UPDATE ON ledger_head FOR EACH ROW "
    "WHEN (NEW.sequence < OLD.sequence) EXECUTE FUNCTION ledger_append_only()",
)
_FIRST: Final = f"INSERT INTO ledger_head (id, sequence, hash) VALUES (1, 0, '{GENESIS}')"


def statements(dialect: str) -> tuple[str, ...]:
    """Give the statements that make the ledger append-only, for a migration to execute.

    They come after the tables, in this order. `dialect` is sqlite or postgresql.
    """
    return (_FIRST, *(_POSTGRESQL if dialect == "postgresql" else _SQLITE))


@event.listens_for(Base.metadata, "after_create")
def _protect(_target: Any, connection: Connection, tables: Any = None, **_: Any) -> None:
    if tables is not None and LedgerHead.__table__ in tables:
        for statement in statements(connection.dialect.name):
            connection.exec_driver_sql(statement)
