"""Our methods against R's `surveillance`, on the example series that come with it."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from processors.tension.methods import cusum, ears
from processors.tension.methods.farrington import Options, judge, same_weeks

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]
SCRIPT = Path(__file__).with_name("surveillance.R")


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    """What R says."""
    program = shutil.which("Rscript")
    assert program is not None, "tests/real/install.sh installs r-cran-surveillance"
    done = subprocess.run([program, str(SCRIPT)], capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def numbers(values: Any) -> Any:
    """R's numbers as an array, NA as NaN."""
    return np.array(values, dtype=np.float64)


@pytest.mark.parametrize("reweight", [True, False])
@pytest.mark.parametrize("method", ["delta", "nbPlugin", "muan"])
def test_farrington_flexible_is_that_of_r(said: Any, method: Any, reweight: Any) -> None:
    """Every alarm; scores, bounds and chances to six digits, on five Länder and Germany."""
    counts = np.array(said["newport.counts"], dtype=np.int64)
    dates = [date.fromisoformat(day) for day in said["newport.dates"]]
    place = {day: number for number, day in enumerate(dates)}
    options = Options(years=4, reweight=reweight, threshold=method)
    key = f"newport.{method}.{'TRUE' if reweight else 'FALSE'}"
    expected = {part: numbers(said[f"{key}.{part}"]) for part in ("score", "pvalue", "upper")}
    alarms = numbers(said[f"{key}.alarm"])
    assert alarms.size > 100
    assert alarms.sum() > 0
    for column, week in enumerate(said["newport.weeks"]):
        references = [place[day] for day in same_weeks(dates[week], 4)]
        found = judge(counts, week, references, options)
        assert (found.alarm == alarms[:, column].astype(bool)).all()
        ours = {"score": found.score, "pvalue": found.chance, "upper": found.upper}
        for part, values in ours.items():
            theirs = expected[part][:, column]
            np.testing.assert_allclose(values, theirs, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("variant", ["C1", "C2", "C3"])
def test_ears_is_that_of_r(said: Any, variant: Any) -> None:
    """Bounds and alarms of every week."""
    counts = np.array(said["newport.counts"], dtype=np.int64)
    expected = numbers(said[f"ears.{variant}.upper"])
    ours = ears.upper_bound(counts, variant)[:, -expected.shape[1] :]
    np.testing.assert_allclose(ours, expected, rtol=1e-10, atol=1e-12)
    alarms = numbers(said[f"ears.{variant}.alarm"]).astype(bool)
    apart = np.abs(counts[:, -expected.shape[1] :] - ours) > 1e-9  # a tie is settled by rounding
    assert ((counts[:, -expected.shape[1] :] > ours) == alarms)[apart].all()


@pytest.mark.parametrize("transform", ["standard", "rossi", "anscombe", "pearsonNegBin", "none"])
@pytest.mark.parametrize("series", ["salmonella.agona", "hepatitisA"])
def test_cusum_is_that_of_r(said: Any, series: str, transform: Any) -> None:
    """Sums and alarms of every week after a training period."""
    counts = np.array(said[f"cusum.{series}.counts"], dtype=np.int64)[None, :]
    key = f"cusum.{series}.{transform}"
    mean = np.array([[said[f"{key}.m"]]], dtype=np.float64)
    expected = numbers(said[f"{key}.cusum"])
    ours = cusum.standardised(counts[:, -len(expected) :], mean, transform)[0]
    np.testing.assert_allclose(ours, expected, rtol=1e-10, atol=1e-12)
    assert ((ours >= cusum.THRESHOLD) == numbers(said[f"{key}.alarm"]).astype(bool)).all()
