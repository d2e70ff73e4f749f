"""References on either database: two nodes at once, a ledger from before, what cannot change."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, insert, text, update
from sqlalchemy.exc import DBAPIError

from sharing_api.store import migrate
from sharing_api.store.engine import make_engine, make_sessions
from sharing_api.store.ledger import Ledger, LedgerEntry
from sharing_api.store.ledger_entries import GENESIS, UNASKED, chained, entry_bytes
from sharing_api.store.ledger_references import series_of, told_as
from sharing_api.store.ledger_search import Sought
from sharing_api.store.ledger_tables import LedgerHead, LedgerTable
from sharing_api.store.ledger_tree import plant

ON = ["embedded", pytest.param("real", marks=pytest.mark.real)]
AGENCIES = ("calder-council", "vale-nhs", "hub")


@pytest.fixture(params=ON)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: SQLite, or PostgreSQL."""
    if request.param == "real":
        return str(request.getfixturevalue("real_database"))
    return f"sqlite:///{tmp_path}/store.db"


def drawn(draw: random.Random, count: int) -> list[LedgerEntry]:
    """Entries of several agencies and askers, some of which nobody asked for."""
    return [
        LedgerEntry(
            "consultation",
            draw.choice(("a.person", "b.person")),
            draw.choice(AGENCIES),
            detail=draw.choice(({}, {}, {UNASKED: "feed"})),
            key=f"k{draw.randrange(30)}" if draw.random() < 0.2 else None,
        )
        for _ in range(count)
    ]


async def numbered(ledger: Ledger) -> dict[str, list[int]]:
    """The numbers of each series in the order of the ledger, which must be sound."""
    verification = await ledger.verify()
    assert verification.fault is None, verification
    found: dict[str, list[int]] = defaultdict(list)
    for row in await ledger.read(limit=100_000):
        series, _, number = row.reference.rpartition(".")
        assert series == series_of(row.agency, row.actor, row.key, row.detail)
        found[series].append(int(number))
    return found


async def test_two_nodes_that_append_at_once_leave_no_gap(store: str) -> None:
    """Batches of any size, for many askers, through two connections."""
    engines = [make_engine(store) for _ in range(2)]
    await migrate.upgrade(engines[0])
    ledgers = [Ledger(make_sessions(engine)) for engine in engines]
    draw = random.Random(11)
    told: list[Any] = []
    for _ in range(4):
        batches = [drawn(draw, draw.randint(1, 40)) for _ in range(20)]
        told += await asyncio.gather(
            *(ledgers[n % 2].append_all(batch) for n, batch in enumerate(batches))
        )
    for listed in (await numbered(ledgers[1])).values():
        assert listed == list(range(1, len(listed) + 1))
    stands = {row.sequence: row.reference for row in await ledgers[0].read(limit=100_000)}
    assert all(stands[one.sequence] == one.reference for batch in told for one in batch)
    for engine in engines:
        await engine.dispose()


def _old(connection: Connection, entries: list[LedgerEntry]) -> None:
    """A ledger as it was before there were references."""
    command.upgrade(migrate.configuration(connection), "0010")
    previous, rows = GENESIS, []
    for number, entry in enumerate(entries, 1):
        row: dict[str, Any]
        row, _ = chained(entry, number, previous)
        previous = row["hash"]
        rows.append(row)
    connection.execute(insert(LedgerTable), rows)
    connection.execute(text("INSERT INTO ledger_records VALUES ('alt_1', 2), ('alt_1', 3)"))
    connection.execute(update(LedgerHead).values(sequence=len(rows), hash=previous))
    plant(connection, (entry_bytes(row) for row in rows))


async def test_a_ledger_from_before_gets_its_references(store: str) -> None:
    """Those that its entries would have got, and new ones go on from them.

    Recipients are reminded of old answers by the number that these told, and of new ones by theirs.
    """
    entries = list({one.key or id(one): one for one in drawn(random.Random(5), 300)}.values())
    engine = make_engine(store)
    async with engine.begin() as connection:
        await connection.run_sync(_old, entries)
    await migrate.upgrade(engine)
    ledger = Ledger(make_sessions(engine))
    about = await ledger.read(sought=Sought(record="alt_1"))
    assert [row.sequence for row in about] == [2, 3]
    before = await numbered(ledger)
    assert sum(map(len, before.values())) == len(entries)
    entered = await ledger.append(LedgerEntry("consultation", "a.person", "vale-nhs"))
    series = series_of("vale-nhs", "a.person", None, {})
    assert entered == (len(entries) + 1, f"{series}.{len(before[series]) + 1}")
    assert (await ledger.verify()).fault is None
    async with engine.connect() as connection:
        told = await connection.run_sync(told_as, [7, entered.sequence])
        with pytest.raises(KeyError):
            await connection.run_sync(told_as, [entered.sequence + 1])
    assert told == {7: "7", entered.sequence: entered.reference}
    await engine.dispose()


async def test_the_database_lets_no_reference_change(store: str) -> None:
    """As with entries; and one series has one entry of a number."""
    engine = make_engine(store)
    await migrate.upgrade(engine)
    ledger = Ledger(make_sessions(engine))
    await ledger.append(LedgerEntry("consultation", "a.person", "hub", key="k"))
    for deed in (
        "UPDATE ledger_references SET number = 2",
        "DELETE FROM ledger_references",
        "INSERT INTO ledger_references VALUES (2, 'hub', 1)",
    ):
        with pytest.raises(DBAPIError, match=r"append-only|[Uu][Nn][Ii][Qq][Uu][Ee]"):
            async with engine.begin() as connection:
                await connection.execute(text(deed))
    assert (await ledger.verify()).fault is None
    await engine.dispose()
