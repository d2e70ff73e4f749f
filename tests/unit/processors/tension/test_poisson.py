"""The Poisson tail, against SciPy and by its own promises."""

from __future__ import annotations

import pytest
from scipy.stats import poisson

from processors.tension.methods.poisson import quiet_limit, tail


@pytest.mark.parametrize("mean", [0.001, 0.375, 1.0, 7.5, 90.0, 400.0])
@pytest.mark.parametrize("count", [0, 1, 3, 4, 12, 90, 130, 600])
def test_the_tail_is_that_of_scipy(count: int, mean: float) -> None:
    """To nine digits where it is small, to twelve places everywhere."""
    assert tail(count, mean) == pytest.approx(poisson.sf(count - 1, mean), rel=1e-9, abs=1e-12)


def test_small_tails_keep_their_digits() -> None:
    """Also where one minus the rest would have none left."""
    assert tail(40, 1.0) == pytest.approx(poisson.sf(39, 1.0), rel=1e-9)


@pytest.mark.parametrize("mean", [0.0, -1.0])
def test_a_mean_must_be_positive(mean: float) -> None:
    """Nothing can be said about no expectation."""
    with pytest.raises(ValueError, match="positive"):
        tail(1, mean)


@pytest.mark.parametrize("mean", [0.375, 2.0, 90.0])
def test_the_quiet_limit_is_the_last_count_that_is_not_rare(mean: float) -> None:
    """One more would be."""
    limit = quiet_limit(mean, 0.01)
    assert tail(limit, mean) >= 0.01 > tail(limit + 1, mean)
