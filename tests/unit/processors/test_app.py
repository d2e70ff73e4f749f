"""Every processor can be put into a worker, alone or with the others; building starts nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from processors.app import NAMES, WorkerContext, build
from schemas.connection import KafkaConnection
from schemas.keyring import KeyMissing, Keyring
from schemas.registry import ShippedSchemaIds

AGENTS = {
    "intake": {"clock.hub.agency.v1"},
    "linkage": {"linkage.hub.link-review.v1"},
    "repeats": {"repeats.hub.tick.v1"},
    "tension": {"tension.hub.tick.v1"},
}


def context(folder: Path) -> WorkerContext:
    """A worker whose broker is nowhere."""
    keys = Keyring.create(folder / "keys")
    return WorkerContext(KafkaConnection("127.0.0.1:1"), ShippedSchemaIds(), keys, folder)


@pytest.mark.parametrize("names", [(name,) for name in NAMES] + [NAMES], ids="-".join)
def test_a_worker_has_the_agents_of_its_processors(tmp_path: Path, names: tuple[str, ...]) -> None:
    """And a consumer group of its own, so that it can be started as often as needed."""
    app = build(names, context(tmp_path))
    assert set(app.agents) == set().union(*(AGENTS[name] for name in names))
    assert app.conf.id == f"hub.{'all' if names == NAMES else names[0]}"


@pytest.mark.parametrize("name", ["intake", "linkage"])
def test_without_its_keys_a_processor_does_not_start(tmp_path: Path, name: str) -> None:
    """Intake needs secrets and public halves, linkage the key of encodings."""
    bare = WorkerContext(
        KafkaConnection("127.0.0.1:1"), ShippedSchemaIds(), Keyring(tmp_path), tmp_path
    )
    with pytest.raises(KeyMissing):
        build((name,), bare)


def test_counting_processors_need_no_key_but_the_logs(tmp_path: Path) -> None:
    """Repeats and tension open nothing, and sign nothing."""
    made = context(tmp_path)
    for name in ("signing.key", "release.key", "linkage.key", "pseudonym.secret"):
        (tmp_path / "keys" / name).unlink()
    assert build(("repeats", "tension"), made).agents
