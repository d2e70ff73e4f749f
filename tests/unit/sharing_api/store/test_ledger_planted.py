"""A ledger from before there was a tree gets one, and goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Connection, insert, update

from sharing_api.store import migrate
from sharing_api.store.engine import make_engine, make_sessions
from sharing_api.store.ledger import Ledger, LedgerEntry
from sharing_api.store.ledger_entries import GENESIS, chained
from sharing_api.store.ledger_references import series_of
from sharing_api.store.ledger_tables import LedgerHead, LedgerTable


def _old(connection: Connection) -> None:
    """Seven entries as the hub wrote them when it had a chain alone."""
    command.upgrade(migrate.configuration(connection), "0002")
    previous, rows = GENESIS, []
    for number in range(1, 8):
        row: dict[str, Any]
        row, _ = chained(LedgerEntry("combination", "linkage", "hub"), number, previous)
        previous = row["hash"]
        rows.append(row)
    connection.execute(insert(LedgerTable), rows)
    connection.execute(update(LedgerHead).values(sequence=7, hash=previous))


async def test_a_ledger_from_before_gets_its_tree(tmp_path: Path) -> None:
    """Its old entries can be proved, and new ones follow them."""
    engine = make_engine(f"sqlite:///{tmp_path}/store.db")
    async with engine.begin() as connection:
        await connection.run_sync(_old)
    await migrate.upgrade(engine)
    ledger = Ledger(make_sessions(engine))
    assert (await ledger.verify()).fault is None
    assert await ledger.append(LedgerEntry("erasure", "officer", "hub")) == (
        8,
        f"{series_of('hub', 'officer', None, {})}.1",
    )
    assert (await ledger.verify()).fault is None
    assert len(await ledger.inclusion(3, 8)) == 3
    assert len(await ledger.consistency(7, 8)) == 4
    await engine.dispose()
