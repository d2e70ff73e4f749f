"""A hub of this machine: where its keys are, and who can read the note that tells of it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from concord.settings import RUNNING
from concord.stack import local
from concord.stack.local import LocalHub


@pytest.fixture(autouse=True)
def _no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens here."""
    monkeypatch.setattr(local, "free_port", lambda: 1)


class Unstarted(LocalHub):
    """Makes its keys and stops there."""

    def start_broker(self) -> None:
        """Stop here."""
        raise InterruptedError


def test_keys_are_made_where_the_setting_says(tmp_path: Path) -> None:
    """Else every part looks for them in a folder that nobody filled."""
    values = {"kafka_bootstrap": "127.0.0.1:1", "keys_dir": str(tmp_path / "elsewhere")}
    with pytest.raises(InterruptedError):
        Unstarted(values, folder=tmp_path / "hub").__enter__()
    assert (tmp_path / "elsewhere" / "release.key").exists()
    assert not (tmp_path / "hub" / "keys").exists()


def test_the_note_is_its_owners_alone(tmp_path: Path) -> None:
    """It repeats the settings, passwords too; a readable one that stood there is replaced."""
    (tmp_path / RUNNING).write_text("{}")
    (tmp_path / RUNNING).chmod(0o644)
    hub = LocalHub({"kafka_bootstrap": "b:1", "data_dir": tmp_path}, folder=tmp_path / "hub")
    note = hub.announce(tmp_path)
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert json.loads(note.read_text())["kafka_bootstrap"] == "b:1"
