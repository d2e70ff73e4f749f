"""The default beside R's methods at an equal rate of false signals, on counties not used before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from concord.cli import app

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
OF_R = ("Farrington flexible", "EARS C1", "EARS C2", "EARS C3", "CUSUM")


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    """What `concord tension compare` prints."""
    done = CliRunner().invoke(app, ["tension", "compare", "--seeds", "411,412,413", "--json"])
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_seeds_are_not_those_of_the_thresholds(table: Any) -> None:
    """Three counties, none of which set a threshold; every method keeps the same budget."""
    assert len(table["test_seeds"]) == 3
    assert not set(table["test_seeds"]) & set(table["null_seeds"])
    rates = [one["false_signals_a_week"] for one in table["methods"].values()]
    assert max(rates) <= table["budget_a_week"]


@pytest.mark.parametrize("method", OF_R)
@pytest.mark.parametrize("days", ["14", "28"])
def test_the_default_sees_more_than_each_method_of_r(table: Any, method: str, days: str) -> None:
    """Of the same build-ups, within two weeks and within four."""
    ours = table["methods"]["default"]["seen_within"]["all"][days]["share"]
    theirs = table["methods"][method]["seen_within"]["all"][days]["share"]
    assert ours > theirs
    assert table["default_minus"][method][days]["margin"] > 0
