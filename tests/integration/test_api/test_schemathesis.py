"""The API keeps to its own description, whatever it is asked."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from tests.integration.test_api.world import (
    MONITOR,
    PARTNER,
    World,
    agency,
    alert,
    incident,
    item,
    opened,
    receipt,
    signal,
)

EXAMPLES = "4"
CONFIG = Path(__file__).parents[2] / "schemathesis.toml"
HOOKS = CONFIG.with_name("schemathesis_hooks.py")


@pytest.fixture
def port() -> int:
    """A port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


@asynccontextmanager
async def served(world: World, port: int) -> Any:
    """The hub on a socket."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await world.app(scope, receive, send)

    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="error", lifespan="off", ws="none")
    )
    task = asyncio.create_task(server.serve())
    yield
    server.should_exit = True
    await task


def command(port: int, token: str, folder: Path, paths: str) -> Iterator[str]:
    """Schemathesis, all checks; the endless stream has tests of its own."""
    program = Path(sys.executable).with_name("schemathesis")
    yield from (
        str(program),
        "--config-file",
        str(CONFIG),
        "run",
        f"http://127.0.0.1:{port}/openapi.json",
    )
    yield from ("-n", EXAMPLES, "--seed", "1", "--no-color")
    yield from ("--include-path-regex", paths)
    yield from ("--exclude-path", "/v1/tension/signals/stream")
    yield from ("--exclude-path", "/v1/open/stream")
    # this world has no officers' desk, so these answer 503; the whole hub is asked in tests/e2e
    writing = "drafts|.*/(approve|test|withdraw|replay)"
    yield from ("--exclude-path-regex", f"^/v1/agreements/({writing})")
    yield from ("-H", f"Authorization: Bearer {token}")
    yield from ("--report", "ndjson", "--report-dir", str(folder))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("who", "paths"),
    [(PARTNER, "^/"), (MONITOR, "^/v1/(alerts|tension|incidents)")],
    ids=["partner", "monitor"],
)
async def test_no_request_finds_a_fault_or_an_undocumented_answer(
    tmp_path: Path, database_url: str, port: int, who: dict[str, Any], paths: str
) -> None:
    """As a partner system everywhere, and as a monitor where that one may look."""
    async with opened(tmp_path, database_url, wait_max_seconds=0) as world:
        await world.put("agency.v1", agency("north-council"))
        await world.put("hub-incident.v1", incident(world.ring, "inc_a", "Zebedee"))
        await world.put("alert.v1", alert("alt_1", ["inc_a"]))
        await world.put("tension-signal.v1", signal("sig_1"))
        await world.put("tension-item.v1", item("itm_1"))
        await world.put("receipt.v1", receipt("e1"))
        token = world.token(who)["Authorization"].removeprefix("Bearer ")
        async with served(world, port):
            run = await asyncio.to_thread(
                subprocess.run,
                [*command(port, token, tmp_path, paths)],
                capture_output=True,
                text=True,
                cwd=tmp_path,
                env={**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS)},
                check=False,
            )
    assert run.returncode == 0, json.dumps(run.stdout[-3000:])
