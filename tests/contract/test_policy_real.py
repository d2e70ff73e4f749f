"""The policy on a real OPA, and the ledger of its decisions on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import random
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from policies.agreements import load
from policies.bundle import build
from policies.embedded import RegorusEngine
from policies.engine import EngineUnavailable
from policies.opa import OpaEngine
from sharing_api.store.base import Base
from sharing_api.store.engine import make_engine, make_sessions
from sharing_api.store.ledger import Ledger, LedgerEntry
from tests.real.opa import KEY_ID, BundleServer, OpaSecrets, RealOpa
from tests.unit.policies import corpus

pytestmark = pytest.mark.real

ENTRY = LedgerEntry("disclosure", "u1", "north", record_ids=("a",))


async def test_opa_decides_as_the_embedded_engine_and_comes_back_by_itself(
    real_opa: RealOpa, bundle_server: BundleServer, bundle_secrets: OpaSecrets
) -> None:
    """Over one connection pool, through a stop of OPA and a start without a bundle."""
    bundle = build()
    bundle_server.publish(bundle.archive(bundle_secrets.signing_key, KEY_ID))
    await asyncio.to_thread(real_opa.wait_for_bundle)
    draw = random.Random(7)
    clauses = [clause for agreement in load() for clause in agreement["clauses"]]
    questions = [corpus.question(draw, clauses) for _ in range(150)]
    embedded = RegorusEngine(bundle)
    async with OpaEngine(real_opa.url, real_opa.token) as engine:
        assert await engine.ready()
        for question in questions:
            assert await engine.decide(question) == embedded.answer(question)
        await asyncio.to_thread(real_opa.stop)
        assert not await engine.ready()
        with pytest.raises(EngineUnavailable):
            await engine.decide(questions[0])
        await asyncio.to_thread(real_opa.start)
        await asyncio.to_thread(real_opa.wait_for_bundle)
        assert await engine.decide(questions[0]) == embedded.answer(questions[0])


async def test_the_ledger_on_postgresql_is_one_chain_that_cannot_be_changed(
    real_database: str,
) -> None:
    """Two API nodes append at once; the database refuses every change of what stands."""
    engines = [make_engine(real_database) for _ in range(2)]
    names = ("ledger", "ledger_head", "ledger_tree", "ledger_records", "ledger_references")
    tables = [Base.metadata.tables[name] for name in names]
    async with engines[0].begin() as connection:
        await connection.run_sync(partial(Base.metadata.create_all, tables=tables))
    ledgers = [Ledger(make_sessions(engine)) for engine in engines]
    numbers = await asyncio.gather(*(ledger.append(ENTRY) for _ in range(50) for ledger in ledgers))
    assert sorted(each.sequence for each in numbers) == list(range(1, 101))
    for deed in (
        "UPDATE ledger SET actor = 'nobody'",
        "DELETE FROM ledger",
        "TRUNCATE ledger",
        "DELETE FROM ledger_head",
        "UPDATE ledger_head SET sequence = 0",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            async with engines[0].begin() as connection:
                await connection.execute(text(deed))
    result = await ledgers[1].verify()
    assert result.fault is None
    assert result.entries == 100
    for engine in engines:
        await engine.dispose()
