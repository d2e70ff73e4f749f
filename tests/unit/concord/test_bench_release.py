"""What the benchmark of the gate stands on: many agreements, and a ledger without its database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from concord.bench.release import DisklessLedger, made_up
from policies.agreements import load
from policies.bundle import assemble
from sharing_api.store.base import Base
from sharing_api.store.engine import make_engine, make_sessions
from sharing_api.store.ledger import Ledger, LedgerEntry

ENTRY = LedgerEntry("disclosure", "u", "a", at=datetime(2026, 1, 1, tzinfo=UTC))


def test_made_up_agreements_are_so_many_and_of_two_agencies_each() -> None:
    """Beside the real ones, for the same purposes; the asker's agency is in none of them."""
    made = made_up(load(), 50)
    assert len({one["id"] for one in made}) == len(made) == 50
    index = assemble(made).data["agreements"]["by_agency"]["cmarac-case"]
    assert len(index["*"]) < 8
    assert len(index) > 8


async def test_the_ledger_without_a_database_hashes_as_the_real_one(tmp_path: Path) -> None:
    """So what the ratio without the database leaves out is the database alone."""
    engine = make_engine(f"sqlite:///{tmp_path}/hub.db")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    real, diskless = Ledger(make_sessions(engine)), DisklessLedger()
    for _ in range(5):
        assert await real.append(ENTRY) == await diskless.append(ENTRY)
    assert diskless._tree.root() == await real.root(5)
    await engine.dispose()
