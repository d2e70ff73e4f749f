"""The open feed's pure parts: noise, budget, periods, classes, bands, the sentence."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing_api.geography import Geography, GeographyInvalid, read
from sharing_api.open_feed import bands
from sharing_api.open_feed.counting import Item, cell_of, counted, noisy
from sharing_api.open_feed.noise import discrete_laplace
from sharing_api.open_feed.periods import FIRST_MONDAY, Period, due, period_of
from sharing_api.open_feed.sentence import factor, statement
from sharing_api.open_feed.tables import (
    BUDGET,
    BudgetOverspent,
    Entry,
    TablesInvalid,
    affordable,
    load,
    strand_class,
)

SMALL = {
    "type": "FeatureCollection",
    "name": "Smallshire",
    "features": [
        {"type": "Feature", "geometry": None, "properties": properties}
        for properties in (
            {"code": "D1", "name": "One", "level": "district"},
            {"code": "D2", "name": "Two", "level": "district"},
            {"code": "W1", "name": "First", "level": "ward", "district": "D1"},
            {"code": "W2", "name": "Second", "level": "ward", "district": "D2"},
        )
    ],
}


def small() -> Geography:
    """Two districts with a ward each."""
    return read(SMALL)


@pytest.mark.parametrize("epsilon", [Fraction(1, 2), Fraction(17, 50), Fraction(1, 4), Fraction(2)])
def test_the_noise_has_the_distribution_that_is_promised(epsilon: Fraction) -> None:
    """Chi-squared over 20,000 draws of a seeded coin, tails pooled."""
    coin = random.Random(20261124)
    draws = Counter(discrete_laplace(epsilon, coin.randrange) for _ in range(20_000))
    edge = bands.half_width(float(epsilon), 0.99)
    statistic, inside = 0.0, 0
    for z in range(-edge, edge + 1):
        expected = 20_000 * bands.noise_probability(float(epsilon), z)
        statistic += (draws[z] - expected) ** 2 / expected
        inside += draws[z]
    expected = 20_000 * 2 * (1 - bands.noise_at_most(float(epsilon), edge))
    statistic += (20_000 - inside - expected) ** 2 / expected
    degrees = 2 * edge + 1
    assert statistic < degrees + 4 * (2 * degrees) ** 0.5


def test_the_coin_is_asked_for_whole_numbers_alone() -> None:
    """No float decides: the coin gets and gives ints, and the noise is one."""
    asked: list[object] = []
    coin = random.Random(1)

    def below(n: int) -> int:
        asked.append(n)
        return coin.randrange(n)

    drawn = [discrete_laplace(Fraction(17, 50), below) for _ in range(200)]
    assert {type(each) for each in [*asked, *drawn]} == {int}
    with pytest.raises(ValueError, match="above 0"):
        discrete_laplace(Fraction(0))


def test_the_usual_tables_keep_the_budget_and_one_more_would_not() -> None:
    """E to the sum is at most 3; another hundredth is refused, and the refusal says why."""
    entered = [Entry(table.id, table.epsilon, FIRST_MONDAY) for table in load()]
    total = sum(entry.epsilon for entry in entered)
    assert total == Fraction(109, 100)
    assert exp(float(total)) <= 3 < exp(float(BUDGET)) + 1e-9
    with pytest.raises(BudgetOverspent, match=r"more: .* 1\.1000; at most 1\.0986"):
        affordable(entered, Entry("more", Fraction(1, 100), FIRST_MONDAY))


def test_what_has_ended_gives_its_share_back_from_then_on() -> None:
    """Days do not overlap, so no incident is in both."""
    ended = Entry("old", Fraction(1), FIRST_MONDAY, date(2025, 12, 28))
    affordable([ended], Entry("new", Fraction(1), date(2025, 12, 29)))
    with pytest.raises(BudgetOverspent):
        affordable([ended], Entry("new", Fraction(1), date(2025, 12, 28)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[x]\nby="lsoa"', r"x\.by: one of county, district, ward"),
        ('[x]\nby="ward"\nclasses=1.5\n', r"x\.classes"),
        ('[x]\nby="ward"\nclasses=false\nshow="value"\nweeks=0', r"x\.weeks"),
        ('[x]\nby="ward"\nclasses=false\nshow="value"\nweeks=1\nepsilon=0.5', r"in quotes"),
        ("x=", "not TOML"),
    ],
)
def test_a_definition_that_cannot_be_used_is_named(text: str, said: str) -> None:
    """Table, field and what is accepted."""
    with pytest.raises(TablesInvalid, match=said):
        load(text)


def test_definitions_that_would_overspend_are_refused_when_read() -> None:
    """Two tables at one half and six tenths."""
    row = '[{}]\nby="district"\nclasses=false\nweeks=1\nshow="value"\nepsilon="{}"\n'
    with pytest.raises(BudgetOverspent):
        load(row.format("a", "0.5") + row.format("b", "0.6"))


@given(st.dates(date(2024, 1, 1), date(2060, 1, 1)), st.sampled_from([1, 4, 13]))
def test_every_day_is_in_exactly_one_period(day: date, weeks: int) -> None:
    """Periods are whole weeks from Monday on and follow one another without gap."""
    period = period_of(day, weeks)
    assert period.first_day <= day <= period.last_day
    assert period.first_day.weekday() == 0
    assert period_of(period.last_day, weeks) == period
    assert period.following().first_day == period.last_day + timedelta(days=1)


def test_a_week_is_published_on_thursday_morning() -> None:
    """Not before, whatever is in it."""
    week = Period(date(2026, 3, 2), 1)
    assert week.name == "2026-W10"
    assert week.due == datetime(2026, 3, 12, 9, tzinfo=UTC)
    assert list(due(week.first_day, 1, week.due - timedelta(seconds=1))) == []
    assert list(due(week.first_day, 1, week.due)) == [week]
    assert Period(date(2025, 11, 3), 13).name == "2025-W45-2026-W05"


@pytest.mark.parametrize(
    ("strands", "expected"),
    [
        (["race"], "race"),
        (["race", "religion"], "multiple"),
        (["race", "race"], "race"),
        (["age"], "other"),
        (["a new code"], "other"),
        (["multiple"], "other"),
        ([], "other"),
    ],
)
def test_every_incident_has_one_class(strands: list[str], expected: str) -> None:
    """Whatever strands it has, those that nobody knows yet too."""
    assert strand_class(strands) == expected


codes = st.sampled_from(["D1", "D2", "W1", "W2", "X9", "all", "elsewhere", "", None])
items = st.builds(Item, codes, codes, st.sampled_from(["race", "other", "multiple"]))


@given(st.lists(items, max_size=6), items)
def test_one_incident_changes_one_cell_of_each_table_by_one(known: list[Item], one: Item) -> None:
    """Sensitivity 1, and no cell comes or goes."""
    for table in load():
        before, after = counted(table, small(), known), counted(table, small(), [*known, one])
        assert before.keys() == after.keys() == set(table.cells(small()))
        changed = {cell for cell in before if before[cell] != after[cell]}
        assert changed == {cell_of(table, small(), one)}
        assert sum(after.values()) == sum(before.values()) + 1


def test_noise_is_on_zeros_too() -> None:
    """An empty county has as much noise as a full one."""
    table = load()[0]
    empty = counted(table, small(), [])
    seen = [value for _ in range(200) for value in noisy(table, empty).values()]
    assert min(seen) < 0 < max(seen)
    assert 0.3 < sum(value != 0 for value in seen) / len(seen) < 0.95


def test_what_noise_costs_is_what_was_measured() -> None:
    """Mean error and 95 % noise of the three tables."""
    assert [round(bands.mean_error(float(t.epsilon)), 1) for t in load()] == [1.9, 2.9, 4.0]
    assert [bands.half_width(float(t.epsilon)) for t in load()] == [6, 9, 12]


def test_bands_are_reached_as_rarely_as_they_say() -> None:
    """The 90th and 99th percentile of a usual count with its noise."""
    limits = bands.Thresholds.of(9.4, Fraction(1, 4))
    assert (
        bands.at_least(9.4, 0.25, limits.raised)
        <= 0.10
        < bands.at_least(9.4, 0.25, limits.raised - 1)
    )
    assert bands.at_least(9.4, 0.25, limits.high) <= 0.01
    assert [limits.band(v) for v in (limits.raised - 1, limits.raised, limits.high)] == [
        "usual", "raised", "high",
    ]  # fmt: skip


def test_the_sentence_comes_from_the_budget() -> None:
    """Its factor is rounded up, its limits are powers of it, and another budget says another."""
    lines = [Entry(table.id, table.epsilon, FIRST_MONDAY) for table in load()]
    told = statement(lines)
    assert "at most a factor of 3, either way" in told["sentence"]
    assert any("up to a factor of 9" in limit for limit in told["limits"])
    assert any("3^m" in limit and "27" in limit for limit in told["limits"])
    assert told["epsilon"] == "1.09"
    assert "factor of 1.7," in statement(lines[:1])["sentence"]
    assert factor(Fraction(0)) == "1"


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"type": "Feature"}, "FeatureCollection"),
        ({**SMALL, "features": []}, "at least one district"),
        ({**SMALL, "features": [*SMALL["features"], SMALL["features"][0]]}, "each code once"),
        ({**SMALL, "features": SMALL["features"][2:3]}, "at least one district"),
        (
            {**SMALL, "features": [{"properties": {"code": "all", "name": "x", "level": "ward"}}]},
            "reserved",
        ),
    ],
)
def test_a_file_of_areas_that_cannot_be_used_is_named(broken: object, said: str) -> None:
    """The feature, the property and what is accepted."""
    with pytest.raises(GeographyInvalid, match=said):
        read(broken)
