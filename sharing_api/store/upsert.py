"""Writing many rows in one statement, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from sharing_api.store.base import Base
from sharing_api.store.tables import CounterRow

_P = ParamSpec("_P")
_T = TypeVar("_T")

CHUNK = 500
"""How many keys or rows one statement names; SQLite and PostgreSQL both limit their number."""


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Cut into lists of at most `CHUNK`."""
    listed = list(values)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def table_of(row: type[Base]) -> Table:
    """The table behind a row class."""
    table = row.__table__
    assert isinstance(table, Table)
    return table


def upsert(
    connection: Connection,
    row: type[Base],
    values: Sequence[Mapping[str, Any]],
    *,
    keep: Iterable[str] = (),
) -> None:
    """Insert rows, or replace those with the same primary key; columns in `keep` stay as they were.

    Each mapping names every column of the table.
    """
    if values:
        statement = _upserting(row, frozenset(keep), connection.dialect.name)
        connection.execute(statement, [_storable(value) for value in values])


@cache
def _upserting(row: type[Base], keep: frozenset[str], family: str) -> Any:
    """Make the statement once: writing it costs as much as what a small batch does with it."""
    table = table_of(row)
    key = [column.name for column in table.primary_key]
    statement = _insert(family)(table)
    replaced = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in {*key, *keep}
    }
    if replaced:
        return statement.on_conflict_do_update(index_elements=key, set_=replaced)
    return statement.on_conflict_do_nothing(index_elements=key)


def insert_new(connection: Connection, row: type[Base], value: Mapping[str, Any]) -> bool:
    """Insert a row; False, and nothing changed, if its key was taken."""
    table = table_of(row)
    key = [column.name for column in table.primary_key]
    statement = _insert(connection.dialect.name)(table)
    statement = statement.on_conflict_do_nothing(index_elements=key)
    # What comes back tells; a driver's count of rows is not kept for an insert on PostgreSQL.
    told = statement.values(_storable(value)).returning(*table.primary_key.columns)
    return connection.execute(told).first() is not None


def draw(connection: Connection, count: int) -> range:
    """Take the next `count` numbers of the change counter; it is locked until the commit."""
    if count == 0:
        return range(0)
    statement = _drawing(connection.dialect.name)
    last = connection.execute(statement, {"count": count}).scalar_one()
    return range(last - count + 1, last + 1)


@cache
def _drawing(family: str) -> Any:
    table = table_of(CounterRow)
    count: Any = bindparam("count")
    statement = _insert(family)(table).values(name="change", value=count)
    return statement.on_conflict_do_update(
        index_elements=["name"], set_={"value": table.c.value + count}
    ).returning(table.c.value)


async def in_session(
    session: AsyncSession,
    write: Callable[Concatenate[Connection, _P], _T],
    *a: _P.args,
    **k: _P.kwargs,
) -> _T:
    """Run what is written for a plain connection in the transaction of an asynchronous session."""
    return await (await session.connection()).run_sync(write, *a, **k)


def _storable(value: Mapping[str, Any]) -> dict[str, Any]:
    """PostgreSQL has no NUL in texts; the message beside the columns keeps what was sent."""
    return {
        name: item.replace("\x00", "\ufffd") if isinstance(item, str) else item
        for name, item in value.items()
    }


def _insert(family: str) -> Any:
    return postgresql.insert if family == "postgresql" else sqlite.insert
