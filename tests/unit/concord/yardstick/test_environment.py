"""The yardstick's environment: where it is, how it is made once, and what happens offline."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from concord.yardstick import environment
from concord.yardstick.environment import YardstickFailed, YardstickMissing
from concord.yardstick.splink import splink_yardstick


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test's own, and a Python without the packages."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(environment, "find_spec", lambda _: None)
    return tmp_path


def test_it_lies_in_the_users_cache_under_the_digest_of_its_pins(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other pins are another folder, so that nobody measures with yesterday's packages."""
    before = environment.folder()
    assert before.parent == cache / "concord"
    monkeypatch.setattr(environment, "requirements", lambda: "other==1")
    assert environment.folder() != before


def test_every_pin_has_its_hash() -> None:
    """The packages are pinned with hashes, and no address is named."""
    text = environment.requirements()
    pins = [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    assert {"recordlinkage", "splink"} <= {line.split("==")[0] for line in pins}
    assert all("==" in line and "--hash=sha256:" in line for line in pins)
    assert "://" not in text


def test_it_is_made_once_and_whole(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first use installs and says so; the second finds it there."""
    installed: list[Path] = []
    monkeypatch.setattr("venv.create", lambda path, **_: path.mkdir())
    monkeypatch.setattr(environment, "_install", lambda python, _: installed.append(python))
    told: list[str] = []
    first, second = (environment.interpreter(told.append) for _ in range(2))
    assert first == second == environment.folder() / "bin" / "python"
    assert len(installed) == 1
    assert len(told) == 2
    assert [path.name for path in (cache / "concord").iterdir()] == [environment.folder().name]


def test_without_a_network_it_says_so_and_leaves_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What pip said last is repeated, and a half-made environment is not kept."""
    monkeypatch.setattr("venv.create", lambda path, **_: path.mkdir())
    failed = subprocess.CompletedProcess([], 1, "", "no route\nERROR: No matching distribution")
    monkeypatch.setattr("subprocess.run", lambda *_, **__: failed)
    with pytest.raises(YardstickMissing, match=r"offline.*No matching distribution"):
        environment.interpreter(lambda _: None)
    assert list((cache / "concord").iterdir()) == []


def test_the_running_python_is_used_where_it_has_the_packages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the extra installed nothing is made."""
    monkeypatch.setattr(environment, "find_spec", lambda _: object())
    assert environment.interpreter() == Path(sys.executable)


def test_a_script_that_fails_is_an_error_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line of what the script complained about is passed on."""
    monkeypatch.setattr(environment, "find_spec", lambda _: object())
    with pytest.raises(YardstickFailed, match="febrl: "):
        environment.run("febrl", {})


def test_splink_is_asked_for_the_columns_that_can_be_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of columns become lists; identifiers and groups are not Splink's business."""
    asked: dict[str, Any] = {}

    def answer(script: str, question: dict[str, Any]) -> dict[str, float]:
        asked.update(question, script=script)
        return {"f1": 1.0}

    monkeypatch.setattr("concord.yardstick.splink.run", answer)
    columns = {"id": "n", "truth": "who", "street": ["one", "two"], "household": "h"}
    assert splink_yardstick(tmp_path / "records.csv", columns) == {"f1": 1.0}
    assert asked["columns"] == {"truth": ["who"], "street": ["one", "two"]}
    assert json.dumps(asked)
