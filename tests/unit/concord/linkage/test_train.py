"""Parameters are trained without labels, kept from others, and serve the next epoch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from concord.linkage.train import train
from processors.linkage.parameters import load
from tests.unit.concord.linkage.test_evaluate import people, write

app = typer.Typer()
app.command()(train)


def ask(*options: str, code: int = 0) -> str:
    """Run the command; its output, or its complaint."""
    result = CliRunner().invoke(app, options)
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 else result.output


def trained_on(folder: Path, *options: str) -> tuple[Path, dict[str, Any]]:
    """Train on a file of made-up people."""
    path, out = write(folder, people()), folder / "parameters.json"
    given = ["--records", str(path), "--columns", str(folder / "people.toml"), "--out", str(out)]
    return out, json.loads(ask(*given, "--json", *options))


def test_a_parameter_file_says_where_it_comes_from_and_is_its_owners_alone(tmp_path: Path) -> None:
    """It lists how common values are, as tokens, so nobody else may read it."""
    out, told = trained_on(tmp_path, "--version", "spring")
    parameters = load(out)
    assert parameters.version == told["version"] == "spring"
    assert parameters.provenance["encodings"] == told["encodings"] == 180
    assert told["values_listed"] > 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert "Oyelaran" not in out.read_text()


def test_what_is_shipped_lists_no_value(tmp_path: Path) -> None:
    """Tokens under one key mean nothing under another."""
    out, told = trained_on(tmp_path, "--shippable")
    assert told["values_listed"] == 0
    assert not any(load(out).frequencies.listed)
    assert any(load(out).frequencies.other)


def test_a_made_up_county_will_do(tmp_path: Path) -> None:
    """The parameters that come with the code were made so."""
    out = tmp_path / "parameters.json"
    told = json.loads(ask("--incidents", "300", "--seed", "3", "--out", str(out), "--json"))
    assert load(out).provenance["data"] == "concord.scenario, 300 incidents, seed 3"
    assert 0 < told["share_of_pairs_one_person"] < 0.01


def test_half_a_question_is_refused(tmp_path: Path) -> None:
    """A file needs its map."""
    path = write(tmp_path, people())
    said = ask("--records", str(path), "--out", str(tmp_path / "p.json"), code=2)
    assert "go together" in said


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_people_teach_nothing(tmp_path: Path, count: int) -> None:
    """And no file is left behind."""
    path, out = write(tmp_path, people()[:count]), tmp_path / "p.json"
    columns = str(tmp_path / "people.toml")
    given = ["--records", str(path), "--columns", columns, "--out", str(out)]
    assert "at least two" in ask(*given, code=2)
    assert not out.exists()
