"""How the rates of a ledger are said to grow."""

from __future__ import annotations

import pytest

from concord.bench.ledger import growth, run, show


def test_growth_is_the_largest_over_the_smallest_and_appends_are_set_beside_inserts() -> None:
    """A machine that was twice as slow at the end has not made appends slower."""
    first = {"entries": 1_000, "appends_per_second": 100.0, "baseline_inserts_per_second": 200.0}
    last = {"entries": 9_000, "appends_per_second": 50.0, "baseline_inserts_per_second": 100.0}
    assert growth([first, {}, last]) == {
        "appends_per_second": 0.5,
        "baseline_inserts_per_second": 0.5,
        "appends_beside_baseline": 1.0,
    }


@pytest.mark.slow
def test_a_small_ledger_is_measured_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Every proof is verified on the way."""
    figures = run([100, 1_000])
    assert [row["entries"] for row in figures["rows"]] == [100, 1_000]
    show(figures)
    assert "inclusion proofs" in capsys.readouterr().out
