"""A hub that lacks a part says so with 503 and gives no data; with the part back, it answers.

The embedded half: ledger, store, release key. OPA, PostgreSQL and a real broker are in tests/real.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from concord.askers import Client
from tests.e2e.hubs import COORDINATOR, MONITOR, Peopled

pytestmark = pytest.mark.timeout(240)

READY_SECONDS = 60.0


@pytest.fixture
def asked(county: Peopled) -> Iterator[tuple[Client, str]]:
    """The coordinator and the path of an alert that may be released to them."""
    client = county.client(COORDINATOR)
    alerts = asyncio.run(county.session.outputs()).alerts.values()
    paths = (f"/v1/alerts/{one['alert_id']}" for one in alerts if one["status"] == "raised")
    yield client, next(path for path in paths if client.get(path).status_code == 200)
    client.close()


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + READY_SECONDS
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def assert_closed(client: Client, *paths: str) -> None:
    """503 with a problem and not one field of a record."""
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 503, f"{path}: {answer.status_code} {answer.text[:200]}"
        assert answer.headers["content-type"] == "application/problem+json"
        assert not {"fields", "items"} & answer.json().keys()


def store_of(county: Peopled) -> Path:
    """The store's file."""
    return county.hub.folder / "store.sqlite"


@contextmanager
def refusing_entries(store: Path) -> Iterator[None]:
    """A ledger that cannot be appended to, while all else can be read and written."""
    with closing(sqlite3.connect(store, timeout=30)) as connection:
        connection.execute(
            "CREATE TRIGGER ledger_is_full BEFORE INSERT ON ledger "
            "BEGIN SELECT RAISE(ABORT, 'no space'); END"
        )
        connection.commit()
        try:
            yield
        finally:
            connection.execute("DROP TRIGGER ledger_is_full")
            connection.commit()


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """A store that somebody else is writing to and does not let go."""
    with closing(sqlite3.connect(store, timeout=30)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.rollback()


def test_without_a_ledger_entry_nothing_is_released(
    county: Peopled, asked: tuple[Client, str]
) -> None:
    """Neither a record nor a list nor a count; once entries can be written, all of them."""
    client, path = asked
    monitor = county.client(MONITOR)
    with refusing_entries(store_of(county)):
        assert_closed(client, path, "/v1/alerts")
        assert_closed(monitor, "/v1/tension/counts", "/v1/tension/signals")
    assert client.get(path).status_code == 200
    assert monitor.get("/v1/tension/counts").status_code == 200
    monitor.close()


def test_a_locked_store_gives_no_data(county: Peopled, asked: tuple[Client, str]) -> None:
    """Without the store nothing can be entered, so nothing leaves; then it does again."""
    client, path = asked
    with locked(store_of(county)):
        assert_closed(client, path)
    until(lambda: client.get(path).status_code == 200, "the store did not come back")


def test_without_the_release_key_the_api_is_not_ready(
    county: Peopled, asked: tuple[Client, str]
) -> None:
    """Started without it, it says so and gives nothing; with it back, it answers by itself."""
    _, path = asked
    key = county.hub.folder / "keys" / "release.key"
    hidden = key.with_suffix(".away")
    county.hub.child("api").stop()
    key.rename(hidden)
    try:
        county.hub.start_api()
        until(lambda: _status(f"{county.url}/healthz") == 200, "the API did not start")
        answer = httpx.get(f"{county.url}/readyz")
        assert (answer.status_code, answer.json()["checks"]["release_key"]) == (503, "missing")
        client = county.client(COORDINATOR)
        assert_closed(client, path, "/v1/alerts")
    finally:
        hidden.rename(key)
    until(lambda: client.get(path).status_code == 200, "the key was not taken up again")
    assert httpx.get(f"{county.url}/readyz").json()["checks"]["release_key"] == "ok"
    client.close()


def _status(url: str) -> int:
    try:
        return httpx.get(url, timeout=2).status_code
    except httpx.HTTPError:
        return 0
