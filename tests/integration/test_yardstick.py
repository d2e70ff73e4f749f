"""The yardstick at work: the public data sets written, and Splink run on one of them."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from concord.linkage.evaluate import evaluate
from concord.linkage.febrl import febrl
from concord.yardstick.splink import splink_yardstick

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize("name", ["febrl3", "febrl4"])
def test_public_records_are_linked_with_the_products_own_settings(
    tmp_path: Path, name: str
) -> None:
    """F1 of the final clusters is 0.999 at least; nothing is tuned, and no label is seen."""
    app = typer.Typer()
    app.command("febrl")(febrl)
    app.command("evaluate")(evaluate)
    runner = CliRunner()
    assert runner.invoke(app, ["febrl", "--out", str(tmp_path)]).exit_code == 0
    records, columns = tmp_path / f"{name}.csv", tmp_path / f"{name}.columns.toml"
    done = runner.invoke(
        app, ["evaluate", "--records", str(records), "--columns", str(columns), "--json"]
    )
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["clusters"]["f1"] >= 0.999


def test_febrl_is_written_and_splink_links_it(tmp_path: Path) -> None:
    """Both sets come with truth and without social security numbers; Splink finds nearly all."""
    app = typer.Typer()
    app.command()(febrl)
    done = CliRunner().invoke(app, ["--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    for name, persons in (("febrl3", 2000), ("febrl4", 5000)):
        columns = tomllib.loads((tmp_path / f"{name}.columns.toml").read_text())["columns"]
        with (tmp_path / f"{name}.csv").open() as file:
            rows = list(csv.DictReader(file))
        named = {
            one for many in columns.values() for one in ([many] if isinstance(many, str) else many)
        }
        assert set(rows[0]) == named
        assert len({row[columns["truth"]] for row in rows}) == persons
        assert len({row[columns["id"]] for row in rows}) == len(rows)
    result = splink_yardstick(tmp_path / "febrl3.csv", columns)
    assert 0.99 < result["f1"] < 1.0
    assert result["records_per_second"] > 0
