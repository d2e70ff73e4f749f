"""Every command explains itself; wrong use ends in one line and exit code 2."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from concord import cli


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every command and group."""
    yield path
    for name in command.list_commands(None) if hasattr(command, "list_commands") else ():
        yield from commands(command.get_command(None, name), (*path, name))


ALL = sorted(commands(typer.main.get_command(cli.app)))


def test_the_commands_are_those_of_the_guides() -> None:
    """None is lost."""
    tops = {path[0] for path in ALL if path}
    assert tops >= {"agency", "keys", "setup", "worker", "api", "up", "demo", "replay", "scenario"}
    assert tops >= {"check", "publish", "receipts", "template", "bench"}
    assert tops >= {*cli.PLACES}


def test_a_light_command_loads_neither_compiler_nor_statistics() -> None:
    """A partner who looks at a receipt, and a coordinator at a link, do not wait for them."""
    code = (
        "import sys; from typer.testing import CliRunner; from concord.cli import app\n"
        "for path in (['receipts'], ['agency', 'list'], ['linkage', 'review', 'list']):\n"
        "    done = CliRunner().invoke(app, [*path, '--help']); assert done.exit_code == 0\n"
        "print({'numba', 'scipy', 'faust'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    """`--help` says what it is for."""
    done = CliRunner().invoke(cli.app, [*path, "--help"])
    assert done.exit_code == 0, done.output
    assert "Usage:" in done.output


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> int | str | None:
    """Run the program as from a shell; gives its exit code."""
    monkeypatch.setattr(sys, "argv", ["concord", *arguments])
    monkeypatch.setenv("CONCORD_DATA_DIR", str(folder))
    monkeypatch.delenv("CONCORD_KAFKA_BOOTSTRAP", raising=False)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


WRONG = {
    ("linkge",): "Did you mean 'linkage'",
    ("linkage", "revew"): "Did you mean 'review'",
    ("agency", "list"): "no hub",
    ("setup",): "no hub",
    ("worker", "all"): "no hub",
    ("publish", "x", "--format", "hub-json", "--agency", "nobody"): "no onboarding file",
    ("publish", "x", "--format", "fly", "--agency", "nobody"): "no such format",
    ("check", "x", "--format", "fly"): "no such format",
    ("receipts", "--agency", "nobody"): "no onboarding file",
    ("replay", "x", "--format", "fly"): "no such format",
    ("replay", "x", "--format", "hub-json"): "no such file",
    ("fly",): "No such command",
    ("agency", "add"): "Missing",
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_use_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    arguments: tuple[str, ...],
) -> None:
    """Exit code 2, the reason, no traceback."""
    assert run(monkeypatch, tmp_path, *arguments) == 2
    said = capsys.readouterr().err
    assert WRONG[arguments] in said
    assert "Traceback" not in said


def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """With exit code 2."""
    monkeypatch.setenv("CONCORD_MODE", "prod")
    assert run(monkeypatch, tmp_path, "agency", "list") == 2
    assert "CONCORD_MODE: development or production" in capsys.readouterr().err


def test_keys_are_made_once_and_for_their_owner(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A second time changes nothing."""
    assert run(monkeypatch, tmp_path, "keys", "create") == 0
    made = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    assert run(monkeypatch, tmp_path, "keys", "create") == 0
    assert made == {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
