"""References of entries, by which askers are told of them: the number counts nobody else's entries.

The place of an entry in the ledger counts what everybody does. Whoever is told it twice learns how
much lay between. A reference counts, from 1 and without gap, in the series of its entry:

* `AGENCY.ASKER.NUMBER`: what one asker of an agency asked, in the order of the ledger. ASKER stands
  for the subject of the token, so that no name gets into headers and logs;
* `AGENCY.NUMBER`: what the hub wrote in an agency's name while nobody asked: what a feed sent out
  (`UNASKED` in the entry's detail), and every entry that has a key, since keys are for acts that
  are carried out later, and perhaps twice. No answer names one of these.

All of it follows from the entries, so that `verify` can tell a reference that does not fit. The
table keeps it at hand: written with the entry, never changed, guarded by the ledger's triggers.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    Text,
    UniqueConstraint,
    bindparam,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from sharing_api.store.base import Base
from sharing_api.store.ledger_entries import UNASKED, LedgerEntry
from sharing_api.store.ledger_tables import LedgerTable, guarded
from sharing_api.store.tables import CounterRow
from sharing_api.store.upsert import chunks

_BY_PLACE: Final = "ledger-told-by-place"
"""Counter of the last entry that an answer named by its place."""
_REMEMBERED: Final = 20_000
"""Series whose last number is kept between appends."""
_PAGE: Final = 5_000
"""Entries that are referred to at once when an old ledger gets its references."""


class LedgerReference(Base):
    """The series of an entry and its number in it."""

    __tablename__ = "ledger_references"
    __table_args__ = (UniqueConstraint("series", "number"),)

    sequence: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    series: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(BigInteger)


_INSERT: Final = insert(LedgerReference.__table__)  # type: ignore[arg-type]
_first, _any = aliased(LedgerReference), aliased(LedgerReference)
_LAST: Final = select(
    _first.series,
    select(func.max(_any.number)).where(_any.series == _first.series).scalar_subquery(),
).where(_first.number == 1, _first.series.in_(bindparam("series", expanding=True)))
"""The last number of each series: a search in the index for each, however long the series is."""
_NAMES: Final = select(
    LedgerReference.sequence, LedgerReference.series, LedgerReference.number
).where(LedgerReference.sequence.in_(bindparam("sequences", expanding=True)))


def series_of(agency: str, actor: str, key: str | None, detail: Mapping[str, Any]) -> str:
    """Name the series that an entry of these columns is counted in."""
    if key is not None or UNASKED in detail:
        return agency
    return f"{agency}.{_asker(agency, actor)}"


@lru_cache(maxsize=8192)
def _asker(agency: str, actor: str) -> str:
    """Stand for an asker: eight hexadecimal digits. Two who are given the same share a series."""
    return hashlib.sha256(json.dumps([agency, actor]).encode()).hexdigest()[:8]


def reference(series: str, number: int) -> str:
    """Write a reference."""
    return f"{series}.{number}"


def refer(
    connection: Connection, entries: Sequence[tuple[int, LedgerEntry]], known: dict[str, int]
) -> dict[int, str]:
    """Number new entries, given with their places in order, and keep their references.

    `known` has the last numbers of some series and is carried on by whoever alone appends.
    """
    if len(known) > _REMEMBERED:
        known.clear()
    listed = [(at, series_of(one.agency, one.actor, one.key, one.detail)) for at, one in entries]
    return _refer(connection, listed, known)


def _refer(
    connection: Connection, entries: Sequence[tuple[int, str]], known: dict[str, int]
) -> dict[int, str]:
    for some in chunks({series for _, series in entries} - known.keys()):
        known |= dict.fromkeys(some, 0)
        known |= {line[0]: line[1] for line in connection.execute(_LAST, {"series": some})}
    rows: list[dict[str, Any]] = []
    for sequence, series in entries:
        known[series] += 1
        rows.append({"sequence": sequence, "series": series, "number": known[series]})
    connection.execute(_INSERT, rows)
    return {row["sequence"]: reference(row["series"], row["number"]) for row in rows}


def references(connection: Connection, sequences: Collection[int]) -> dict[int, str]:
    """Look up the references of entries by their places; what is not there is left out."""
    found: dict[int, str] = {}
    for some in chunks(sorted(sequences)):
        for line in connection.execute(_NAMES, {"sequences": some}):
            found[line.sequence] = reference(line.series, line.number)
    return found


def told_as(connection: Connection, sequences: Collection[int]) -> dict[int, str]:
    """Look up by what their answers named these entries; KeyError for one that is not there.

    Answers from before there were references named the place, which their recipients know.
    """
    found = references(connection, sequences)
    query = select(CounterRow.value).where(CounterRow.name == _BY_PLACE)
    last = connection.execute(query).scalar() or 0
    return {each: str(each) if each <= last else found[each] for each in sequences}


def place_query(named: str) -> Any:
    """Give the query for an entry's place by its reference."""
    series, _, number = named.rpartition(".")
    count = int(number) if number.isdecimal() and len(number) < 19 else 0
    return select(LedgerReference.sequence).where(
        LedgerReference.series == series, LedgerReference.number == count
    )


def plant(connection: Connection) -> None:
    """Refer to the entries of a ledger that has no references: for a migration."""
    entries = LedgerTable.__table__
    columns = [entries.c[name] for name in ("sequence", "agency", "actor", "key", "detail")]
    after = 0
    known: dict[str, int] = {}
    while rows := (
        connection.execute(
            select(*columns)
            .where(entries.c.sequence > after)
            .order_by(entries.c.sequence)
            .limit(_PAGE)
        )
        .mappings()
        .all()
    ):
        _refer(connection, [(row["sequence"], _series(row)) for row in rows], known)
        after = rows[-1]["sequence"]
    connection.execute(insert(CounterRow).values(name=_BY_PLACE, value=after))


async def misnamed(
    session: AsyncSession, rows: Sequence[Mapping[Any, Any]], count: Counter[str]
) -> int | None:
    """Find the first of these entries, the next ones of the ledger, whose reference does not fit.

    `count` is how many entries of each series stood before, and is carried on.
    """
    if not rows:
        return None
    table = LedgerReference
    query = select(table.sequence, table.series, table.number).where(
        table.sequence.between(rows[0]["sequence"], rows[-1]["sequence"])
    )
    kept = {line.sequence: (line.series, line.number) for line in await session.execute(query)}
    for row in rows:
        series = _series(row)
        count[series] += 1
        if kept.get(row["sequence"]) != (series, count[series]):
            return int(row["sequence"])
    return None


async def surplus(session: AsyncSession, size: int) -> bool:
    """Tell whether there are references of entries that a ledger of this size has not."""
    beyond = (LedgerReference.sequence < 1) | (LedgerReference.sequence > size)
    query = select(LedgerReference.sequence).where(beyond).limit(1)
    return (await session.execute(query)).first() is not None


def _series(row: Mapping[Any, Any]) -> str:
    return series_of(row["agency"], row["actor"], row["key"], json.loads(row["detail"]))


@event.listens_for(Base.metadata, "after_create")
def _protect(_target: Any, connection: Connection, tables: Any = None, **_: Any) -> None:
    if tables is not None and LedgerReference.__table__ in tables:
        for statement in guarded("ledger_references", connection.dialect.name):
            connection.exec_driver_sql(statement)
