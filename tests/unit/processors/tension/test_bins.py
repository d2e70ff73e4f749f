"""Days as bins."""

from __future__ import annotations

from datetime import date

from processors.tension.bins import Bins

FIRST, NEXT = date(2026, 3, 1), date(2026, 3, 2)


def filled() -> Bins[str]:
    """Two items on one day, one on the next."""
    bins: Bins[str] = Bins()
    for day, name in ((FIRST, "a"), (FIRST, "b"), (NEXT, "c")):
        bins.add("w", day, name)
        bins.add("w", day, name)
    return bins


def test_an_item_is_in_its_bin_once() -> None:
    """However often it is put there."""
    assert sorted(filled().all("w")) == ["a", "b", "c"]


def test_both_ends_belong_to_a_span() -> None:
    """Whether the span or the number of days with items is the smaller one."""
    bins = filled()
    assert sorted(bins.between("w", FIRST, FIRST)) == ["a", "b"]
    assert sorted(bins.between("w", date(2026, 1, 1), NEXT)) == ["a", "b", "c"]
    assert bins.between("elsewhere", FIRST, NEXT) == []


def test_a_key_without_items_is_forgotten() -> None:
    """So that only what has events is computed."""
    bins = filled()
    bins.remove("w", FIRST, "a")
    assert sorted(bins.all("w")) == ["b", "c"]
    bins.remove("w", FIRST, "b")
    bins.remove("w", NEXT, "c")
    assert "w" not in bins
    assert list(bins) == []


def test_the_opening_is_the_first_day_of_a_full_enough_span() -> None:
    """Lone days before it do not count."""
    bins = filled()
    bins.add("w", date(2019, 5, 5), "stray")
    assert bins.opening("w", span=7, enough=3) == FIRST
    assert bins.opening("w", span=7, enough=4) is None
    assert bins.opening("w", span=1, enough=1) == date(2019, 5, 5)
