"""The hub under test: SQLite, or the PostgreSQL that CONCORD_TEST_DATABASE_URL names."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from concord.stack.areas import made_up
from tests.integration.test_api.world import World, emptied, opened


@pytest.fixture
async def database_url(tmp_path: Path) -> str:
    """A database with nothing in it."""
    given = os.environ.get("CONCORD_TEST_DATABASE_URL")
    return await emptied(given) if given else f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """An opened hub."""
    async with opened(tmp_path, database_url) as made:
        yield made


@pytest.fixture
async def county(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """An opened hub with areas."""
    async with opened(tmp_path, database_url, geography=made_up()) as made:
        yield made
