"""What tests of webhooks begin with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.receivers import Hub, quiet_hub


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """A database with nothing in it."""
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
async def hub(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Hub]:
    """An opened hub whose own courier stays at home."""
    async with quiet_hub(tmp_path, database_url, monkeypatch) as opened:
        yield opened
