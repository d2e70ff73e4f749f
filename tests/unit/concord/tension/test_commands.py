"""What the tension commands answer, and how they refuse."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from concord.cli import app
from concord.tension import labelled
from processors.tension.rules import load

METHODS = {
    "default",
    "Farrington flexible",
    "EARS C1",
    "EARS C2",
    "EARS C3",
    "CUSUM",
    "Poisson 7 v 56",
}


def concord(*arguments: str) -> Any:
    """Run a command."""
    return CliRunner().invoke(app, ["tension", *arguments])


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Two daily series with days left out; one has an outbreak of ten days."""
    chance = np.random.default_rng(5)
    rows = []
    for name in ("one", "two"):
        for number in range(400):
            day = date(2024, 1, 1) + timedelta(days=number)
            outbreak = name == "one" and 300 <= number < 310
            count = int(chance.poisson(3.0 if outbreak else 0.15))
            if count or outbreak:
                rows.append((name, day, count, outbreak))
    path = tmp_path / "series.csv"
    labelled.write(path, iter(rows))
    return path


def test_every_method_is_measured_on_any_labelled_file(series: Path) -> None:
    """At nominal settings and at one rate of false alarms."""
    done = concord("evaluate", "--series", str(series), "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert (answer["series"], answer["outbreaks"], answer["weekly"]) == (2, 1, False)
    assert set(answer["nominal"]) == METHODS
    default = answer["nominal"]["default"]
    assert default["sensitivity"]["7"] == 1.0
    assert len(default["timeliness"]) == 29
    rate = answer["equal_false_alarms"]["per_series_year"]
    for one in answer["equal_false_alarms"]["methods"].values():
        assert one["false_alarms_per_series_year"] <= rate
    assert "28 d" in concord("evaluate", "--series", str(series)).stdout


def test_weekly_series_are_known_as_such(tmp_path: Path) -> None:
    """Other names of columns, too."""
    lines = ["series id,date,count,outbreak flag"]
    for week in range(200):
        day = date(2020, 1, 6) + timedelta(days=7 * week)
        lines.append(f"a,{day},{9 if 150 <= week < 153 else week % 2},{int(150 <= week < 153)}")
    path = tmp_path / "weekly.csv"
    path.write_text("\n".join(lines))
    answer = json.loads(concord("evaluate", "--series", str(path), "--json").stdout)
    assert (answer["weekly"], answer["outbreaks"]) == (True, 1)
    assert answer["nominal"]["default"]["detected"] == 1


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("series,date,count\n", "no column outbreak"),
        ("series,date,count,outbreak\na,1.2.2024,1,0\n", "line 2, date"),
        ("series,date,count,outbreak\na,2024-02-01,x,0\n", "line 2, count"),
        ("series,date,count,outbreak\na,2024-02-01,1,maybe\n", "line 2, outbreak"),
        ("series,date,count,outbreak\n", "no rows"),
    ],
)
def test_a_faulty_file_is_refused_by_line_and_column(tmp_path: Path, text: str, named: str) -> None:
    """With exit code 2."""
    path = tmp_path / "faulty.csv"
    path.write_text(text)
    done = concord("evaluate", "--series", str(path))
    assert done.exit_code == 2
    assert named in " ".join(done.stderr.split())


@pytest.mark.slow
def test_a_county_is_simulated_as_a_labelled_file(tmp_path: Path) -> None:
    """The same seed gives the same county; the evaluation reads it."""
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    for path in (one, other):
        assert concord("simulate", "--seed", "9", "--out", str(path)).exit_code == 0
    assert one.read_bytes() == other.read_bytes()
    found = labelled.read(one)
    assert len(found.names) == 882
    assert found.outbreak.any()


@pytest.mark.slow
def test_constants_are_estimated_and_can_be_read_back(tmp_path: Path) -> None:
    """Of a file that a partner has, in the form that the hub reads."""
    file = Path(__file__).parents[4] / "producers/examples/nypd-hate-crimes-2019-2024.csv"
    out = tmp_path / "constants.toml"
    done = concord(
        "estimate", "--file", str(file), "--format", "nypd-hate-crimes",
        "--until", "2019-12-31", "--out", str(out),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    found = load(constants=out.read_text("utf-8")).constants
    assert found.delay.share[0] > 0.8
    assert found.thresholds == load().constants.thresholds


def test_a_return_is_checked_before_it_is_sent() -> None:
    """By setting, rule and what would be accepted."""
    base = ["return", "--agency", "a", "--no-ask", "--dry-run"]
    good = ["district=D1", "eep=evidenced", "category=racial", "grading=2CC", "conditions=Ask us."]
    assert concord(*base, *good).exit_code == 0
    assert concord(*base, "district=D1", "nil_return=yes").exit_code == 0
    faulty = concord(*base, *good[:3], "grading=2CC")
    assert faulty.exit_code == 1
    assert "grading.conditions" in faulty.stderr
    unknown = concord(*base, "distrct=D1")
    assert unknown.exit_code == 2
    assert "no such setting" in unknown.stderr
