"""The bias report: which pairs can be asked for, what it prints, and when it fails."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from concord.linkage.bias import bounds, exceeded, report
from concord.linkage.groups import findable
from concord.scenario import Mention

WHEN = datetime(2026, 6, 1, tzinfo=UTC)


def mention(*clues: str) -> Mention:
    """A report of one person that knows these clues."""
    return Mention("north", "N/1", 0, "victim", "p1", WHEN, frozenset(clues))


def test_clues_connect_reports_by_way_of_others() -> None:
    """A shares with B and B with C, so all three can be found; D stands alone."""
    parts = findable(
        [
            ("a", mention("phone")),
            ("c", mention("birth")),
            ("b", mention("phone", "birth")),
            ("d", mention()),
            ("e", mention()),
        ]
    )
    assert parts["a"] == parts["b"] == parts["c"]
    assert len({parts["a"], parts["d"], parts["e"]}) == 3


def test_a_gap_above_its_bound_is_named() -> None:
    """The report fails for the attribute whose gap has grown, and for no other."""
    gaps = {"sex": {"recall": 0.021}, "name_origin": {"recall": 0.1}}
    assert exceeded({"gaps": gaps, "bound": {"sex": 0.02, "name_origin": 0.12}}) == ["sex"]


def test_every_bound_has_its_date_and_reason() -> None:
    """A bound without a reason could be raised by anybody."""
    for row in bounds()["bound"].values():
        assert row["measured"] <= row["recall_gap"] < 0.5
        assert row["date"].year >= 2026
        assert row["reason"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_group_of_victims_is_found_less_often_than_its_bound_allows() -> None:
    """On the recorded county every gap stays within its bound, and there are groups to judge."""
    recorded = bounds()
    answer = report(recorded["incidents"], [recorded["seed"]])
    assert exceeded(answer) == []
    for attribute in recorded["bound"]:
        judged = [one for one in answer["groups"][attribute].values() if one["judged"]]
        assert len(judged) >= 2, attribute
        assert all(one["recall_interval"][0] <= one["recall"] for one in judged)
    assert answer["roles"]["harmed"]["recall"] > 0.9
