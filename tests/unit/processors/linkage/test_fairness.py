"""Recall and precision by group: what counts for whom, how sure one can be, who is judged."""

from __future__ import annotations

import pytest

from processors.linkage.fairness import Labelled, by_group, gap, share, wilson


def record(truth: str, cluster: str, origin: str = "a", findable: str | None = None) -> Labelled:
    """One record of a person of one origin."""
    return Labelled(truth, cluster, {"origin": origin}, findable)


def test_wilsons_interval_is_the_textbooks() -> None:
    """81 of 263 is 0.2553 to 0.3662 (Newcombe, 1998); of nothing, anything."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(20, 20) == pytest.approx((0.8389, 1.0), abs=5e-5)
    assert wilson(0, 0) == (0.0, 1.0)


def test_recall_is_asked_of_the_persons_own_group() -> None:
    """One person of three records, of which two are together, has one pair in three."""
    found = by_group([record("p", "x"), record("p", "x"), record("p", "y"), record("q", "z", "b")])
    assert found["origin"]["a"].recall.value == pytest.approx(1 / 3)
    assert found["origin"]["a"].recall.total == 3
    assert found["origin"]["b"].recall.total == 0
    assert found["origin"]["b"].recall.value == 1.0


def test_a_pair_that_nobody_could_find_is_not_asked_for() -> None:
    """Of four records in two parts, only the two pairs inside the parts count."""
    parts = [("x", "one"), ("x", "one"), ("y", "two"), ("z", "two")]
    found = by_group([record("p", cluster, findable=part) for cluster, part in parts])
    assert (found["origin"]["a"].recall.right, found["origin"]["a"].recall.total) == (1, 2)


def test_a_wrong_link_across_groups_counts_against_both() -> None:
    """Two right pairs of one group and two wrong pairs across: precision 1/3 here, 0 there."""
    found = by_group([record("p", "x"), record("p", "x"), record("q", "x", "b")])
    mine, theirs = found["origin"]["a"].precision, found["origin"]["b"].precision
    assert (mine.right, mine.total) == (1, 3)
    assert (theirs.right, theirs.total) == (0, 2)


def test_pairs_of_one_person_do_not_count_as_many_witnesses() -> None:
    """A hundred pairs of two persons leave a wider interval than those of a hundred persons."""
    few = share([(50, 50), (0, 50)])
    many = share([(1, 1)] * 50 + [(0, 1)] * 50)
    assert few.value == many.value == 0.5
    assert few.interval[1] - few.interval[0] > 3 * (many.interval[1] - many.interval[0])


def test_a_small_group_is_shown_but_not_judged() -> None:
    """Below the least number of persons a group makes no gap."""
    large = [record(f"p{at}", f"c{at}") for at in range(3) for _ in range(2)]
    small = [record("q", "one", "b"), record("q", "two", "b")]
    groups = by_group(large + small, least=3)["origin"]
    assert [groups[name].judged for name in ("a", "b")] == [True, False]
    assert groups["b"].recall.value == 0.0
    assert gap(groups).size == 0.0
    assert gap(by_group(large + small, least=1)["origin"]).size == 1.0


def test_a_gap_is_certain_only_beyond_the_intervals() -> None:
    """Three persons more or less may be chance; three hundred are not."""

    def origins(persons: int) -> float:
        """What is certain of a gap between all found and half found."""
        good = [record(f"g{at}", f"g{at}") for at in range(persons) for _ in range(2)]
        poor = [
            record(f"b{at}", f"b{at}{way if at % 2 else ''}", "b")
            for at in range(persons)
            for way in range(2)
        ]
        found = gap(by_group(good + poor, least=1)["origin"])
        assert (found.best, found.worst) == ("a", "b")
        return found.certain

    assert origins(4) == 0.0
    assert origins(300) > 0.3


def test_chance_alone_makes_small_groups_differ() -> None:
    """Of ten groups of twenty, served alike, the best and worst lie further apart than of two."""

    def by_chance(groups: int) -> float:
        """What the gap would reach by chance where one in ten is missed everywhere."""
        records = [
            record(f"p{at}", f"c{at}{way if at % 10 == 0 else ''}", f"g{at % groups}")
            for at in range(20 * groups)
            for way in range(2)
        ]
        return gap(by_group(records, least=1)["origin"]).by_chance

    assert 0.1 < by_chance(2) < by_chance(10) < 0.5
