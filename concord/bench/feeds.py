"""From a change in the store to a thousand subscribers, beside a bare broadcast loop.

Both send the same bytes over sockets of this machine to clients in the same process. Ours decides
for every subscriber and writes a ledger entry for every subscriber and change; the loop does
neither. Subscribers are different persons, spread over a number of councils: those of one council
ask alike. All of it, clients included, shares one core: the process keeps to one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI

from concord.bench.release import quantile
from policies import agreements, bundle
from policies.embedded import RegorusEngine
from schemas import codec
from schemas.keyring import Keyring
from schemas.registry import ShippedSchemaIds
from sharing_api.app import create_app
from sharing_api.projector.messages import Change
from sharing_api.projector.projection import project
from sharing_api.services import Parts
from sharing_api.settings import ApiSettings

KIND = "tension-signal.v1"
_TYPE = "council"
_ROLE = "tension-monitor"
_PURPOSE = "tension-monitoring"
_SECONDS = 60.0


def run(subscribers: int, changes: int, councils: int = 1) -> dict[str, object]:
    """Measure; gives milliseconds and ratios."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    level = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=level)
    try:
        with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder:
            return asyncio.run(_measure(subscribers, changes, councils, Path(folder)))
    finally:
        os.sched_setaffinity(0, cores)


Moment = tuple[float, float]
"""Seconds by the clock, and of this process's own work."""


def _moment() -> Moment:
    return time.perf_counter(), time.process_time()


def _since(began: Moment, got: list[Moment]) -> list[Moment]:
    """Milliseconds since."""
    return [((at - began[0]) * 1000, (worked - began[1]) * 1000) for at, worked in got]


class _Subscribers:
    """Clients of one address; each notes when it got which change."""

    def __init__(self, count: int) -> None:
        self._count = count
        self.received: list[Moment] = []
        self._all = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self, port: int, request: Callable[[int], bytes]) -> None:
        """Open every connection and send each one's request."""
        for number in range(self._count):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            self._writers.append(writer)  # one that nobody holds hangs up
            writer.write(request(number))
            await writer.drain()
            self._tasks.append(asyncio.create_task(self._listen(reader)))

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line.startswith(b"data:"):
                self.received.append(_moment())
                if len(self.received) == self._count:
                    self._all.set()

    async def all_have(self) -> list[Moment]:
        """When each has got what was sent last."""
        async with asyncio.timeout(_SECONDS):
            await self._all.wait()
        got, self.received = self.received, []
        self._all.clear()
        return got

    async def close(self) -> None:
        """Hang up."""
        for writer in self._writers:
            writer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _measure(count: int, changes: int, councils: int, folder: Path) -> dict[str, object]:
    async with AsyncExitStack() as stack:
        app = _app(folder)
        await stack.enter_async_context(app.router.lifespan_context(app))
        port, request = await _served(stack, app, councils)
        began = time.process_time()
        ours, connecting, cpu = await _ours(app, count, changes, port, request)
        base = await _bare(count, changes, json.dumps(_signal(0), default=str).encode())
    return {
        "subscribers": count,
        "councils": councils,
        "changes": changes,
        "connecting_cpu_ms_per_subscriber": (connecting - began) * 1000 / count,
        "cpu_ms_per_subscriber_and_change": cpu * 1000 / count / changes,
        **_figures("", ours),
        **_figures("baseline_", base),
        "ratio_p99": _p99(ours, 0) / _p99(base, 0),
    }


def _figures(name: str, times: list[Moment]) -> dict[str, float]:
    """By the clock; and by this process's work, which is what the clock says of an idle core."""
    return {
        f"{name}p50_ms": quantile([at for at, _ in times], 0.50),
        f"{name}p99_ms": _p99(times, 0),
        f"{name}p99_work_ms": _p99(times, 1),
    }


def _p99(times: list[Moment], which: int) -> float:
    return quantile([each[which] for each in times], 0.99)


def _app(folder: Path) -> FastAPI:
    ring = Keyring.create(folder / "keys")
    made = bundle.build()
    parts = Parts(
        engine=RegorusEngine(made),
        opener=ring.release_opener,
        pseudonyms=ring.pseudonyms,
        schema_ids=ShippedSchemaIds(),
        bundle=lambda: made,
        agreements=agreements.load,
    )
    url = f"sqlite:///{folder / 'store.sqlite'}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return create_app(ApiSettings(database_url=url, development_issuer=True), parts)


async def _served(
    stack: AsyncExitStack, app: FastAPI, councils: int
) -> tuple[int, Callable[[int], bytes]]:
    """Serve the app; its port, and a subscriber's request by their number."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
    server = uvicorn.Server(
        uvicorn.Config(app, lifespan="off", log_level="error", access_log=False, ws="none")
    )
    task = asyncio.create_task(server.serve(sockets=[listening]))

    async def stop() -> None:
        server.should_exit = server.force_exit = True
        await task

    stack.push_async_callback(stop)
    issuer = app.state.services.issuer

    def request(number: int) -> bytes:
        who = {"agency": f"council-{number % councils}", "agency_type": _TYPE, "role": _ROLE}
        lines = (
            "GET /v1/tension/signals/stream HTTP/1.1",
            "Host: hub",
            f"Authorization: Bearer {issuer.token({'sub': f'monitor-{number}', **who})}",
            f"Concord-Purpose: {_PURPOSE}",
        )
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    return listening.getsockname()[1], request


async def _ours(
    app: FastAPI, count: int, changes: int, port: int, request: Callable[[int], bytes]
) -> tuple[list[Moment], float, float]:
    """Milliseconds to each subscriber; processor time when all were there, and of the changes."""
    services: Any = app.state.services
    subscribers = _Subscribers(count)
    await subscribers.connect(port, request)
    while await services.ledger.size() < count:  # noqa: ASYNC110 (a ledger rings no bell)
        await asyncio.sleep(0.2)  # each of them is admitted under an entry
    await asyncio.sleep(1.0)
    connected = time.process_time()
    times: list[Moment] = []
    spent = 0.0
    for number in range(changes + 1):
        record = _signal(number)
        body = codec.encode(KIND, record)
        framed = codec.frame(services.parts.schema_ids.id_of(KIND), body)
        change = Change(KIND, "sig_bench", record, framed, datetime.now(UTC))
        began = _moment()
        async with services.database.begin() as connection:
            touched = await connection.run_sync(project, [change])
        await services.changes.ring(touched)
        got = await subscribers.all_have()
        if number:  # the first one warms up
            times += _since(began, got)
            spent += time.process_time() - began[1]
    services.closing = True
    await subscribers.close()
    return times, connected, spent


async def _bare(count: int, changes: int, payload: bytes) -> list[Moment]:
    """A loop that writes the same bytes to everybody."""
    writers: list[asyncio.StreamWriter] = []

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, backlog=4096)
    subscribers = _Subscribers(count)
    await subscribers.connect(server.sockets[0].getsockname()[1], lambda _: b"")
    while len(writers) < count:  # noqa: ASYNC110 (a server rings no bell for its last client)
        await asyncio.sleep(0.01)
    times: list[Moment] = []
    for _ in range(changes):
        began = _moment()
        for writer in writers:
            writer.write(b"data: " + payload + b"\n\n")
        got = await subscribers.all_have()
        times += _since(began, got)
    await subscribers.close()
    for writer in writers:
        writer.close()
    server.close()
    return times


def _signal(number: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "signal_id": "sig_bench",
        "area": "X08000002",
        "area_level": "district",
        "strand": "race",
        "status": "raised",
        "colour": "amber",
        "proposed_level": 3,
        "method": "bench/1",
        "as_of": now,
        "window_from": now,
        "observed": number,
        "observed_weight_milli": 1000 * number,
        "expected": 1.5,
        "probability": 0.01,
        "agencies": ["hallowby-council"],
        "grades": {"1A": 2},
        "reasons": [{"code": "exceeds", "text": f"{number} reports where 1.5 are usual"}],
    }
