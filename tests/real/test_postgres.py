"""PostgreSQL: a database for each test, a password, and a server that can go and come."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from tests.real.postgres import RealPostgres

pytestmark = pytest.mark.real


async def test_a_test_has_an_empty_database_of_its_own(real_database: str) -> None:
    """SQLAlchemy reaches the database asynchronously, and nothing is in it."""
    engine = create_async_engine(real_database)
    try:
        async with engine.connect() as connection:
            tables = await connection.execute(
                text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            )
            assert tables.scalar_one() == 0
    finally:
        await engine.dispose()


def test_nobody_connects_without_the_password(real_postgres: RealPostgres) -> None:
    """The server asks for the password on loopback too."""
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(
            host="127.0.0.1",
            port=real_postgres.port,
            user=real_postgres.username,
            password="a wrong password",
            dbname="postgres",
        )


def test_data_survives_a_restart() -> None:
    """What was committed is there after the server was stopped and started.

    The server is this test's own: on the shared one a registry would keep cut connections.
    """
    server = RealPostgres()
    try:
        url = make_url(server.start().create_database("kept").url).set(drivername="postgresql")
        address = url.render_as_string(hide_password=False)
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('here')")
        server.stop()
        server.start()
        with psycopg.connect(address) as connection:
            row = connection.execute("SELECT word FROM kept").fetchone()
        assert row == ("here",)
    finally:
        server.remove()
