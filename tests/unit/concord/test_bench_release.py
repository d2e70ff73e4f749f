"""What the benchmark of the gate stands on: many agreements, and a ledger without its database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from concord.bench.release import DisklessLedger, compared, growth, made_up
from concord.bench.turns import Side
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


def test_figures_are_medians_of_rounds_with_the_lowest_and_the_highest() -> None:
    """A round in which the machine was busy moves the interval, not the figure."""
    base = Side([[1.0] * 4, [1.0] * 4, [2.0] * 4], 0.012, 12)
    gate = Side([[1.2] * 4, [1.1] * 4, [9.0] * 4], 0.024, 12)
    figures = compared(base, gate, gate)
    assert figures["ratio_p99_without_database"] == pytest.approx(1.2)
    assert figures["ratio_p99_without_database_interval"] == pytest.approx([1.1, 4.5])
    assert (figures["baseline_p50_ms"], figures["p50_ms"]) == pytest.approx((1.0, 1.2))
    assert figures["processor_ms"] / figures["baseline_processor_ms"] == pytest.approx(2.0)


def test_growth_compares_the_most_agreements_with_the_fewest() -> None:
    """In whatever order they were asked for; what the system does not tell is left out."""
    few = {"agreements": 10, "p50_ms_without_database": 2.0, "p99_ms_without_database": 4.0,
           "processor_ms_without_database": 1.0}  # fmt: skip
    many = {**few, "agreements": 1000, "p50_ms_without_database": 3.0}
    told = growth(8, [many, few])
    assert (told["agreements"], told["p50_ms_without_database"]) == ([10, 1000], 1.5)
    assert "engine_processor_ms" not in told
