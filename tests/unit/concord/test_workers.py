"""Workers by name, and where each shows its metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import REGISTRY, CollectorRegistry

from concord.settings import Settings
from concord.stack import garbage, serve, workers
from processors import metrics

SHOWN = CollectorRegistry()


@pytest.fixture(autouse=True)
def _usual_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process is the tests', not a worker's: its garbage is collected as usual."""
    monkeypatch.setattr(garbage, "search_less", lambda: None)


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str, Any]]:
    """Servers of metrics that were started."""
    started: list[tuple[int, str, Any]] = []

    def start(port: int, addr: str, registry: CollectorRegistry) -> None:
        started.append((port, addr, registry))

    monkeypatch.setattr(metrics, "start_http_server", start)
    return started


def settings(folder: Path, **values: Any) -> Settings:
    """Settings of a worker whose broker is nowhere."""
    return Settings(kafka_bootstrap="127.0.0.1:1", data_dir=folder, **values)


def test_a_worker_shows_its_metrics_where_it_is_told(
    tmp_path: Path, servers: list[tuple[int, str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On loopback unless somebody says otherwise; nowhere without a port."""
    monkeypatch.setattr(workers, "run_processors", lambda *_: 0)
    for values in ({}, {"metrics_port": 1}, {"metrics_port": 2, "metrics_host": "0.0.0.0"}):
        assert workers.run(["tension"], settings(tmp_path, **values)) == 0
    assert servers == [(1, "127.0.0.1", REGISTRY), (2, "0.0.0.0", REGISTRY)]


def test_the_projector_shows_its_own_figures(
    tmp_path: Path, servers: list[tuple[int, str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that the API shows where the projector runs inside it."""

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        app.state.services = SimpleNamespace(metrics=SimpleNamespace(registry=SHOWN))
        yield

    async def stop(_event: Any) -> None:
        pass

    app = SimpleNamespace(
        state=SimpleNamespace(), router=SimpleNamespace(lifespan_context=lifespan)
    )
    monkeypatch.setattr(serve, "make_app", lambda *_, **__: app)
    monkeypatch.setattr(asyncio.Event, "wait", stop)
    assert workers.run(["projector"], settings(tmp_path, metrics_port=9100)) == 0
    assert servers == [(9100, "127.0.0.1", SHOWN)]


@pytest.mark.parametrize("names", [["stranger"], ["projector", "intake"]])
def test_what_cannot_run_is_refused(
    names: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In words, with exit code 2."""
    assert workers.run(names, settings(tmp_path)) == 2
    assert "concord:" in capsys.readouterr().err
