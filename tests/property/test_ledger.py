"""The ledger holds what was appended, once, in one chain; any tampering shows."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import async_sessionmaker

from sharing_api.store.base import Base
from sharing_api.store.engine import make_engine, make_reading_sessions, make_sessions
from sharing_api.store.ledger import (
    Ledger,
    LedgerEntry,
    LedgerUnavailable,
    Verification,
    statements,
)

TABLES = [
    Base.metadata.tables[name]
    for name in (
        "ledger",
        "ledger_head",
        "ledger_tree",
        "ledger_records",
        "ledger_references",
    )
]
U2 = "5b908e77"
"""How references name the asker u2 of south."""
AT = datetime(2026, 11, 22, 12, 0, 0, 123_000, tzinfo=UTC)
words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
entries = st.builds(
    LedgerEntry,
    operation=st.sampled_from(["disclosure", "consultation", "combination", "erasure"]),
    actor=words,
    agency=words,
    purpose=st.none() | words,
    justification=st.none() | words,
    decision=st.sampled_from(["permit", "refuse"]),
    record_ids=st.lists(words, max_size=3).map(tuple),
    fields=st.lists(words, max_size=3).map(tuple),
    reasons=st.lists(words, max_size=2).map(tuple),
    detail=st.dictionaries(words, words, max_size=2),
    at=st.just(AT),
    key=st.none() | st.sampled_from(["k1", "k2", "k3"]),
)


async def opened(path: Path | None) -> tuple[Any, Ledger]:
    """Open a fresh ledger in a file, or in memory."""
    engine = make_engine(f"sqlite:///{path}" if path else "sqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(partial(Base.metadata.create_all, tables=TABLES))
    return engine, Ledger(make_sessions(engine))


async def filled(path: Path, appended: Sequence[LedgerEntry]) -> None:
    """Fill a ledger in a file and close it."""
    engine, ledger = await opened(path)
    await ledger.append_all(appended)
    await engine.dispose()


async def verified(path: Path) -> Verification:
    """Verify a ledger in a file."""
    engine = make_engine(f"sqlite:///{path}")
    try:
        return await Ledger(make_sessions(engine)).verify()
    finally:
        await engine.dispose()


def unguarded(path: Path) -> sqlite3.Connection:
    """Open a ledger's file as somebody would who can remove triggers."""
    connection = sqlite3.connect(path, isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        connection.execute(f"DROP TRIGGER {name}")
    return connection


@settings(max_examples=30)
@given(
    batches=st.lists(st.lists(entries, min_size=1, max_size=4), max_size=5), together=st.booleans()
)
def test_what_was_appended_is_read_once_in_order(
    batches: list[list[LedgerEntry]],
    *,
    together: bool,
) -> None:
    """One after another or at the same time: numbers without gaps, one entry for each key."""

    async def story() -> None:
        engine, ledger = await opened(None)
        if together:
            numbers = await asyncio.gather(*(ledger.append_all(batch) for batch in batches))
        else:
            numbers = [await ledger.append_all(batch) for batch in batches]
        rows = {row.sequence: row for row in await ledger.read(limit=1000)}
        assert list(rows) == list(range(1, len(rows) + 1))
        keys = [row.key for row in rows.values() if row.key is not None]
        assert len(keys) == len(set(keys))
        for batch, given_numbers in zip(batches, numbers, strict=True):
            for entry, number in zip(batch, given_numbers, strict=True):
                row = rows[number.sequence]
                assert row.reference == number.reference
                if entry.key is None:
                    assert (row.actor, row.record_ids, row.detail, row.at) == (
                        entry.actor, entry.record_ids, entry.detail, AT,
                    )  # fmt: skip
                else:
                    assert row.key == entry.key
        result = await ledger.verify()
        assert result.fault is None
        assert result.entries == len(rows)
        await engine.dispose()

    asyncio.run(story())


SMALL = (
    LedgerEntry("disclosure", "u1", "north", "case", "why", record_ids=("a",), at=AT, key="k1"),
    LedgerEntry("consultation", "u2", "south", decision="refuse", reasons=("r",), at=AT),
    LedgerEntry("combination", "linkage", "hub", detail={"left": "m1"}, at=AT),
)


async def test_every_change_of_every_column_of_every_entry_shows(tmp_path: Path) -> None:
    """Each value, each byte of each text, changed behind the triggers' back."""
    path = tmp_path / "hub.db"
    await filled(path, SMALL)
    tried = 0
    engine = make_engine(f"sqlite:///{path}")
    ledger = Ledger(make_sessions(engine), make_reading_sessions(engine))
    with closing(unguarded(path)) as raw:
        columns = [row[1] for row in raw.execute("PRAGMA table_info(ledger)")]
        for sequence in range(1, len(SMALL) + 1):
            for column in columns:
                query = f"SELECT {column} FROM ledger WHERE sequence = {sequence}"
                (value,) = raw.execute(query).fetchone()
                for changed in changes(value):
                    tried += 1
                    where = f"UPDATE ledger SET {column} = ? WHERE sequence = ?"
                    raw.execute(where, (changed, sequence))
                    there = changed if column == "sequence" else sequence
                    assert (await ledger.verify()).fault, (sequence, column, changed)
                    raw.execute(where, (value, there))
    assert tried > 500
    assert (await ledger.verify()).fault is None
    await engine.dispose()


def changes(value: Any) -> list[Any]:
    """Give values that differ in one character, or in being there."""
    if value is None:
        return ["", "x"]
    if isinstance(value, int):
        return [value + 1000, -value]
    return [
        None if value == "" else value[:-1],
        *(
            value[:place] + ("y" if value[place] == "x" else "x") + value[place + 1 :]
            for place in range(len(value))
        ),
    ]


COPIED = (
    "at, operation, actor, agency, purpose, justification, decision, input_digest, agreement, "
    "policy_revision, record_ids, fields, reasons, detail"
)


@pytest.mark.parametrize(
    "deed",
    [
        "DELETE FROM ledger WHERE sequence = 1",
        "DELETE FROM ledger WHERE sequence = 2",
        "DELETE FROM ledger WHERE sequence = 3",
        "DELETE FROM ledger",
        "DELETE FROM ledger_head",
        "UPDATE ledger_head SET sequence = 2",
        "UPDATE ledger_head SET hash = previous_hash FROM ledger WHERE ledger.sequence = 3",
        "UPDATE ledger SET sequence = sequence + 1 WHERE sequence = 3",
        f"INSERT INTO ledger SELECT 0, {COPIED}, 'k0', previous_hash, 'o' FROM ledger LIMIT 1",
        f"INSERT INTO ledger SELECT 4, {COPIED}, 'k4', hash, 'o' FROM ledger WHERE sequence = 3",
        "DELETE FROM ledger_tree WHERE place = 2",
        "UPDATE ledger_tree SET hash = zeroblob(32) WHERE place = 1",
        "INSERT INTO ledger_tree VALUES (4, zeroblob(32))",
        "INSERT INTO ledger_tree VALUES (-1, zeroblob(32))",
        "DELETE FROM ledger_references WHERE sequence = 2",
        "UPDATE ledger_references SET number = 2 WHERE sequence = 2",
        "UPDATE ledger_references SET series = 'south' WHERE sequence = 2",
        "UPDATE ledger_references SET sequence = -sequence WHERE sequence = 3",
        "INSERT INTO ledger_references VALUES (4, 'north', 2)",
        "INSERT INTO ledger_references VALUES (0, 'north', 2)",
    ],
)
async def test_entries_taken_out_moved_or_put_in_show(tmp_path: Path, deed: str) -> None:
    """Whoever edits the file leaves a trace."""
    path = tmp_path / "hub.db"
    await filled(path, SMALL)
    with closing(unguarded(path)) as raw:
        raw.execute(deed)
    assert (await verified(path)).fault


@pytest.mark.parametrize(
    "deed",
    [
        "UPDATE ledger SET actor = 'nobody'",
        "DELETE FROM ledger",
        "DELETE FROM ledger_head",
        "UPDATE ledger_head SET sequence = 0",
        "INSERT INTO ledger_head VALUES (2, 0, 'x')",
        "DELETE FROM ledger_tree",
        "UPDATE ledger_tree SET hash = zeroblob(32)",
        "DELETE FROM ledger_references",
        "UPDATE ledger_references SET number = number + 1",
        "INSERT INTO ledger_references VALUES (4, 'north', 1)",
    ],
)
async def test_the_database_refuses_to_change_what_was_written(tmp_path: Path, deed: str) -> None:
    """Triggers stand in the way of an honest mistake and of an application gone wrong."""
    path = tmp_path / "hub.db"
    await filled(path, SMALL)
    with closing(sqlite3.connect(path)) as raw, pytest.raises(sqlite3.IntegrityError):
        raw.execute(deed)
    assert (await verified(path)).fault is None


async def test_two_processes_share_one_chain(tmp_path: Path) -> None:
    """Two ledgers over one file, appending at once, neither fork nor fail."""
    path = tmp_path / "hub.db"
    engine, one = await opened(path)
    engine_2 = make_engine(f"sqlite:///{path}")
    two = Ledger(make_sessions(engine_2))
    numbers = await asyncio.gather(
        *(ledger.append(SMALL[1]) for _ in range(40) for ledger in (one, two))
    )
    assert sorted(numbers) == [(n, f"south.{U2}.{n}") for n in range(1, 81)]
    assert (await two.verify()).fault is None
    await engine.dispose()
    await engine_2.dispose()


async def test_an_asker_who_goes_away_takes_nobody_along(tmp_path: Path) -> None:
    """A cancelled append does not fail those that share its transaction."""
    engine, ledger = await opened(tmp_path / "hub.db")
    tasks = [asyncio.create_task(ledger.append(SMALL[1])) for _ in range(5)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert sorted(results[1:]) == [(n, f"south.{U2}.{n}") for n in range(2, 6)]  # type: ignore[type-var]
    await engine.dispose()


async def test_a_ledger_that_cannot_be_reached_says_so(tmp_path: Path) -> None:
    """Append, read and verify raise the one error; a later append works again."""
    engine = make_engine(f"sqlite:///{tmp_path / 'hub.db'}")
    ledger = Ledger(make_sessions(engine))
    for asked in (ledger.append(SMALL[0]), ledger.read(), ledger.verify()):
        with pytest.raises(LedgerUnavailable):
            await asked
    async with engine.begin() as connection:
        await connection.run_sync(partial(Base.metadata.create_all, tables=TABLES))
    assert await ledger.append(SMALL[0]) == (1, "north.1")
    await engine.dispose()
    assert await ledger.append(SMALL[1]) == (2, f"south.{U2}.1")
    await engine.dispose()


async def test_only_the_six_operations_of_the_law_are_written(tmp_path: Path) -> None:
    """Another word is a mistake of the caller."""
    engine, ledger = await opened(None)
    with pytest.raises(ValueError, match="gossip"):
        await ledger.append(LedgerEntry("gossip", "u", "a"))
    await engine.dispose()


def test_a_ledger_needs_an_engine() -> None:
    """Sessions that are bound to nothing are refused at once."""
    with pytest.raises(TypeError):
        Ledger(async_sessionmaker(bind=None))


def test_a_migration_can_ask_for_the_triggers() -> None:
    """The first statement makes the head, the others guard it, on either database."""
    for dialect in ("sqlite", "postgresql"):
        first, *guards = statements(dialect)
        assert first.startswith("INSERT INTO ledger_head")
        assert all("CREATE" in guard for guard in guards)
