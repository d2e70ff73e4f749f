"""The policy engine that a benchmark asks: an OPA that is started for it, or the embedded one."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from policies.bundle import Bundle
from policies.embedded import RegorusEngine
from policies.engine import PolicyEngine
from policies.opa import OpaEngine

_SECONDS = 20


class Asked(NamedTuple):
    """An engine, what it is, and the number of its process; None where it is in this one."""

    engine: PolicyEngine
    kind: str
    pid: int | None = None


@asynccontextmanager
async def policy_engine(program: str | None, bundle: Bundle, folder: Path) -> AsyncIterator[Asked]:
    """An engine with this bundle.

    The program `opa` is started on loopback where there is one (`program`, or on the path). Raises
    RuntimeError if it does not come up.
    """
    found = program or shutil.which("opa")
    if found is None:
        yield Asked(RegorusEngine(bundle), "embedded engine (no opa on the path)")
        return
    file = folder / f"{bundle.revision}.tar.gz"
    file.write_bytes(bundle.archive())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    command = [found, "run", "-s", "-a", address, "--log-level", "error", "-b", str(file)]
    process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.DEVNULL)
    try:
        async with OpaEngine(f"http://{address}") as engine:
            await _ready(engine)
            yield Asked(engine, "OPA", process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _ready(engine: OpaEngine) -> None:
    for _ in range(_SECONDS * 10):
        try:
            if await engine.ready():
                return
        except OSError:
            pass
        await asyncio.sleep(0.1)
    raise RuntimeError("OPA did not come up")
