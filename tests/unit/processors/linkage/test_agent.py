"""Linkage on the log: what happens around the matcher."""

from __future__ import annotations

from pathlib import Path

import pytest

from processors.app import WorkerContext, build
from processors.linkage import agent
from processors.linkage.agent import LinkageCore
from processors.linkage.parameters import Parameters, load
from schemas.connection import KafkaConnection
from schemas.keyring import Keyring
from schemas.registry import ShippedSchemaIds


@pytest.fixture
def warmed(monkeypatch: pytest.MonkeyPatch) -> list[Parameters]:
    """Parameters whose kernels were compiled."""
    seen: list[Parameters] = []
    monkeypatch.setattr(agent, "warm_up", seen.append)
    return seen


def test_the_kernels_that_are_used_are_the_ones_compiled(
    tmp_path: Path, warmed: list[Parameters]
) -> None:
    """With the matcher's own parameters."""
    core = LinkageCore.from_keyring(Keyring.create(tmp_path))
    core.warm_up()
    assert [one.version for one in warmed] == [load().version]


def test_making_a_worker_compiles_nothing(tmp_path: Path, warmed: list[Parameters]) -> None:
    """That takes seconds, and is for the worker when it starts."""
    keys = Keyring.create(tmp_path / "keys")
    build(
        ("linkage",),
        WorkerContext(KafkaConnection("127.0.0.1:1"), ShippedSchemaIds(), keys, tmp_path),
    )
    assert warmed == []
